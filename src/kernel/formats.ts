// What printk's formats ask the machine: hashes for %p, symbols for %pS, who may see addresses.
// Also sprintf() and its like for drivers. Linux: lib/vsprintf.c.

import { CAP_SYSLOG } from '../include/linux/capability.ts'
import { encodeText } from '../lib/kmsg.ts'
import { get_random_bytes, keyedHash } from '../lib/random.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { PrintfContext, SymbolPlace } from '../lib/vsprintf.ts'
import type { Capabilities } from './capability.ts'
import type { Sysctl } from './sysctl.ts'

const KEY_SIZE = 16

interface Needs {
  capabilities: Capabilities
  /** What is at an address, or which function of which module this is. */
  lookup: (pointer: unknown) => (SymbolPlace & { address?: bigint }) | undefined
  /** A format has a conversion that is none. */
  unsupported: (letter: string) => void
  cmdline: string
}

export class Formats implements PrintfContext {
  static readonly EXPORT_SYMBOL = [
    'sprintf',
    'vsprintf',
    'snprintf',
    'vsnprintf',
    'scnprintf',
    'vscnprintf',
    'kasprintf',
    'kvasprintf',
  ] as const

  kptr_restrict = 0
  readonly no_hash_pointers: boolean
  readonly #needs: Needs
  readonly #key = new Uint8Array(KEY_SIZE)
  #ready = false
  /** Objects that have been printed, numbered. */
  readonly #ids = new WeakMap<object, number>()
  #objects = 0
  readonly #complained = new Set<string>()

  constructor(needs: Needs) {
    this.#needs = needs
    this.no_hash_pointers = needs.cmdline.split(/\s+/).includes('no_hash_pointers')
  }

  /** There is randomness now, so that %p has something to show. */
  random_ready(): void {
    get_random_bytes(this.#key, KEY_SIZE)
    this.#ready = true
  }

  hash(pointer: unknown): number | undefined {
    if (!this.#ready) return undefined
    return keyedHash(this.#key, this.#identity(pointer))
  }

  #identity(pointer: unknown): string {
    const isObject = typeof pointer === 'object' || typeof pointer === 'function'
    if (!isObject || pointer === null) return String(pointer)
    let id = this.#ids.get(pointer)
    if (id === undefined) {
      id = ++this.#objects
      this.#ids.set(pointer, id)
    }
    return `object ${id}`
  }

  mayReadPointers(): boolean {
    return this.#needs.capabilities.capable(CAP_SYSLOG)
  }

  address(pointer: unknown): bigint | undefined {
    return typeof pointer === 'function'
      ? this.#needs.lookup(pointer)?.address
      : undefined
  }

  symbol(pointer: unknown): SymbolPlace | undefined {
    return this.#needs.lookup(pointer)
  }

  /** Reported the first time only. */
  unsupported(letter: string): void {
    if (this.#complained.has(letter)) return
    this.#complained.add(letter)
    this.#needs.unsupported(letter)
  }

  register_sysctl(sysctl: Sysctl): void {
    sysctl.register('kernel/kptr_restrict', {
      read: () => String(this.kptr_restrict),
      write: sysctl.int(n => (this.kptr_restrict = n), { min: 0, max: 2 }),
    })
  }

  snprintf(
    buf: Uint8Array | null,
    size: number,
    fmt: string,
    ...args: unknown[]
  ): number {
    return this.vsnprintf(buf, size, fmt, args)
  }

  /** As C's: the text and a NUL into `buf`, cut to `size`; how long it would have been. */
  vsnprintf(
    buf: Uint8Array | null,
    size: number,
    fmt: string,
    args: readonly unknown[],
  ): number {
    const bytes = encodeText(vsnprintf(fmt, args, this))
    if (size > 0 && buf) {
      const fits = bytes.subarray(0, Math.min(size, buf.length) - 1)
      buf.set(fits)
      buf[fits.length] = 0
    }
    return bytes.length
  }

  scnprintf(
    buf: Uint8Array | null,
    size: number,
    fmt: string,
    ...args: unknown[]
  ): number {
    return this.vscnprintf(buf, size, fmt, args)
  }

  vscnprintf(
    buf: Uint8Array | null,
    size: number,
    fmt: string,
    args: readonly unknown[],
  ): number {
    const length = this.vsnprintf(buf, size, fmt, args)
    return length < size ? length : Math.max(size - 1, 0)
  }

  sprintf(buf: Uint8Array, fmt: string, ...args: unknown[]): number {
    return this.vsnprintf(buf, buf.length, fmt, args)
  }

  vsprintf(buf: Uint8Array, fmt: string, args: readonly unknown[]): number {
    return this.vsnprintf(buf, buf.length, fmt, args)
  }

  /** The text itself, as a string; `_gfp` as for kmalloc(). */
  kasprintf(_gfp: number, fmt: string, ...args: unknown[]): string {
    return vsnprintf(fmt, args, this)
  }

  kvasprintf(_gfp: number, fmt: string, args: readonly unknown[]): string {
    return vsnprintf(fmt, args, this)
  }
}
