// Memory that nobody can give back any more: /sys/kernel/debug/kmemleak. Linux: mm/kmemleak.c.
//
// Linux searches all memory for pointers to an object. Here the question is asked when it has a
// certain answer: what a module has allocated and not freed by the time it is gone is lost.

import { EINVAL, EPERM } from '../include/linux/errno.ts'
import { HZ } from '../include/linux/jiffies.ts'
import { KERN_INFO, KERN_NOTICE } from '../include/linux/printk.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { DebugFs } from '../fs/debugfs/inode.ts'
import type { Printk } from '../kernel/printk.ts'
import { place } from '../kernel/dumpstack.ts'
import type { Frame, StackTraces } from '../kernel/stack.ts'
import type { Jiffies } from '../kernel/time/jiffies.ts'
import { hexDumpLine } from '../lib/hexdump.ts'
import { type Allocation, identityOf, isBuffer } from './allocation.ts'
import { hex } from './kasan.ts'

/** Bytes of an object that are shown. */
const HEX_MAX = 32
const ROW = 16

/** What is said of an object that was lost. */
interface Lost {
  address: bigint
  size: number
  comm: string
  pid: number
  /** When it was allocated, on the clock of performance.now(). */
  time: number
  bytes: Uint8Array
  frames: readonly Frame[]
}

interface Needs {
  log: Printk
  stacks: StackTraces
  time: Jiffies
  debugfs: DebugFs
}

export class Kmemleak {
  #enabled: boolean
  #lost: Lost[] = []
  readonly #needs: Needs

  /** `cmdline`, the kernel's command line, may say `kmemleak=off`. */
  constructor(needs: Needs, cmdline = '') {
    this.#needs = needs
    this.#enabled = !/(?:^|\s)kmemleak=off(?:\s|$)/.test(cmdline)
    needs.debugfs.create_text('kmemleak', 0o644, null, {
      show: () => (this.#enabled || this.#lost.length > 0 ? this.#show() : ''),
      store: text => this.#command(text.trim()),
    })
  }

  /** Is it to be known who allocates? */
  get enabled(): boolean {
    return this.#enabled
  }

  /** The owner of these is gone. */
  suspect(allocations: readonly Allocation[]): void {
    const lost = allocations.flatMap(one => this.#lose(one) ?? [])
    if (!this.#enabled || lost.length === 0) return
    this.#lost.push(...lost)
    this.#needs.log.printk(
      `${KERN_INFO}kmemleak: %d new suspected memory leaks (see /sys/kernel/debug/kmemleak)\n`,
      lost.length,
    )
  }

  /** The frames must be looked up while the module's source map is there. */
  #lose({ address, size, object, allocated }: Allocation): Lost | undefined {
    if (!allocated) return undefined
    const { comm, pid, time } = allocated
    const frames = allocated.frames(this.#needs.stacks)
    return { address, size, comm, pid, time, frames, bytes: firstBytes(object) }
  }

  #show(): string {
    return this.#lost.map(one => this.#describe(one)).join('')
  }

  #describe({ address, size, comm, pid, time, bytes, frames }: Lost): string {
    const age = Math.floor(performance.now() - time)
    const ms = String(age % 1000).padStart(3, '0')
    const jiffies = this.#needs.time.jiffies - Math.floor((age / 1000) * HZ)
    const rows = Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, i) =>
      hexDumpLine(bytes.subarray(i * ROW), ROW, ROW, 1, true),
    )
    const lines = [
      `unreferenced object 0x${hex(address)} (size ${size}):`,
      `  comm "${comm}", pid ${pid}, jiffies ${jiffies} (age ${Math.floor(age / 1000)}.${ms}s)`,
      `  hex dump (first ${bytes.length} bytes):`,
      ...rows.map(row => `    ${row}`),
      '  backtrace:',
      ...frames.map(frame => `    ${place(frame)}`),
    ]
    return lines.map(line => `${line}\n`).join('')
  }

  #command(text: string): errno_t {
    const { log } = this.#needs
    if (text === 'clear') {
      this.#lost = []
      return 0
    }
    if (!this.#enabled) return -EPERM
    if (text === 'off') {
      this.#enabled = false
      log.printk(`${KERN_INFO}kmemleak: Kernel memory leak detector disabled\n`)
      return 0
    }
    if (text.startsWith('dump=')) return this.#dump(text.slice('dump='.length))
    // What scanning would find has been found when the module went.
    return /^(?:scan(?:=(?:on|off|\d+))?|stack=(?:on|off))$/.test(text) ? 0 : -EINVAL
  }

  #dump(text: string): errno_t {
    if (!/^(?:0x)?[0-9a-f]+$/i.test(text)) return -EINVAL
    const address = BigInt(text.startsWith('0x') ? text : `0x${text}`)
    const found = this.#lost.find(
      one => address >= one.address && address < one.address + BigInt(one.size),
    )
    if (!found) {
      this.#needs.log.printk(
        `${KERN_INFO}kmemleak: Unknown object at 0x%s\n`,
        hex(address),
      )
      return -EINVAL
    }
    const { log } = this.#needs
    log.printk(
      `${KERN_NOTICE}kmemleak: Object 0x%s (size %d):\n`,
      hex(found.address),
      found.size,
    )
    log.printk(`${KERN_NOTICE}kmemleak:   comm "%s", pid %d\n`, found.comm, found.pid)
    log.printk(`${KERN_NOTICE}kmemleak:   backtrace:\n`)
    for (const frame of found.frames) log.printk(`${KERN_NOTICE}     %s\n`, place(frame))
    return 0
  }
}

/** What lies in it; nothing, if it is an object of JavaScript's. */
function firstBytes(object: object): Uint8Array {
  const buffer = identityOf(object)
  return isBuffer(buffer) ? new Uint8Array(buffer).slice(0, HEX_MAX) : new Uint8Array()
}
