// Dumps of bytes in the log. Linux: lib/hexdump.c, print_hex_dump().

import { DUMP_PREFIX_ADDRESS, DUMP_PREFIX_OFFSET } from '../include/linux/printk.ts'
import { hexDumpLine, memoryOf } from '../lib/hexdump.ts'
import type { Printk } from './printk.ts'

export class HexDump {
  static readonly EXPORT_SYMBOL = ['print_hex_dump'] as const

  readonly #log: Printk

  constructor(log: Printk) {
    this.#log = log
  }

  /** The address that DUMP_PREFIX_ADDRESS shows is the buffer's %p, as nothing has addresses. */
  print_hex_dump(
    level: string,
    prefix_str: string,
    prefix_type: number,
    rowsize: number,
    groupsize: number,
    buf: string | Uint8Array,
    len: number,
    ascii: boolean,
  ): void {
    const bytes = memoryOf(buf)
    const row = rowsize === 32 ? 32 : 16
    for (let at = 0; at < Math.min(len, bytes.length); at += row) {
      const line = hexDumpLine(bytes.subarray(at), len - at, row, groupsize, ascii)
      if (prefix_type === DUMP_PREFIX_ADDRESS)
        this.#log.printk(`%s%s%p: %s\n`, level, prefix_str, buf, line)
      else if (prefix_type === DUMP_PREFIX_OFFSET)
        this.#log.printk(`%s%s%.8x: %s\n`, level, prefix_str, at, line)
      else this.#log.printk(`%s%s%s\n`, level, prefix_str, line)
    }
  }
}
