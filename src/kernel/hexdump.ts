// Dumps of bytes in the log. Linux: lib/hexdump.c, print_hex_dump().

import { hexDumpRows } from '../lib/hexdump.ts'
import type { Printk } from './printk.ts'

export class HexDump {
  static readonly EXPORT_SYMBOL = ['print_hex_dump'] as const

  readonly #log: Printk

  constructor(log: Printk) {
    this.#log = log
  }

  print_hex_dump(level: string, ...dump: Parameters<typeof hexDumpRows>): void {
    for (const [fmt, ...args] of hexDumpRows(...dump)) {
      this.#log.printk(`%s${fmt}`, level, ...args)
    }
  }
}
