// What devices hold and give back by themselves. Linux: drivers/base/devres.c.

import type { device } from '../include/linux/device.ts'
import { KMALLOC_MAX_SIZE } from '../include/linux/slab.ts'
import type { attribute_group } from '../include/linux/sysfs.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import type { Formats } from '../kernel/formats.ts'
import type { Traps } from '../kernel/panic.ts'
import type { DeviceFiles } from './device_files.ts'

type Action<T> = (data: T) => MaybePromise<void>

/** One thing that a device holds. */
interface Held {
  /** The memory, or what the action is called with. */
  readonly data: unknown
  /** The driver's function, by which it is found again. */
  readonly action?: unknown
  release(): MaybePromise<void>
}

interface Needs {
  traps: Traps
  formats: Formats
  deviceFiles: DeviceFiles
}

export class Devres {
  static readonly EXPORT_SYMBOL_GPL = [
    'devm_kmalloc',
    'devm_kmemdup',
    'devm_kstrdup',
    'devm_kasprintf',
    'devm_kfree',
    'devm_add_action',
    'devm_remove_action',
    'devm_release_action',
    'devm_device_add_group',
    'devm_device_add_groups',
  ] as const

  readonly #needs: Needs
  /** The latest last. */
  readonly #held = new WeakMap<device, Held[]>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  devm_kmalloc(dev: device, size: number, _gfp: number): Uint8Array | null {
    if (size > KMALLOC_MAX_SIZE) return null
    const data = new Uint8Array(size)
    this.#add(dev, { data, release() {} })
    return data
  }

  devm_kmemdup(
    dev: device,
    src: Uint8Array,
    len: number,
    gfp: number,
  ): Uint8Array | null {
    const copy = this.devm_kmalloc(dev, len, gfp)
    copy?.set(src.subarray(0, len))
    return copy
  }

  /** A text has no address to be given back by. */
  devm_kstrdup(_dev: device, s: string | null, _gfp: number): string | null {
    return s
  }

  devm_kasprintf(_dev: device, gfp: number, fmt: string, ...args: unknown[]): string {
    return this.#needs.formats.kasprintf(gfp, fmt, ...args)
  }

  devm_kfree(dev: device, p: Uint8Array | null): void {
    if (p) this.#needs.traps.WARN_ON(!this.#take(dev, held => held.data === p))
  }

  devm_add_action<T>(dev: device, action: Action<T>, data: T): errno_t {
    this.#add(dev, { data, action, release: () => action(data) })
    return 0
  }

  devm_remove_action<T>(dev: device, action: Action<T>, data: T): void {
    this.#needs.traps.WARN_ON(!this.#takeAction(dev, action, data))
  }

  devm_release_action<T>(dev: device, action: Action<T>, data: T): MaybePromise<void> {
    const held = this.#takeAction(dev, action, data)
    this.#needs.traps.WARN_ON(!held)
    return held?.release()
  }

  devm_device_add_group(dev: device, group: attribute_group): errno_t {
    return this.devm_device_add_groups(dev, [group])
  }

  devm_device_add_groups(dev: device, groups: readonly attribute_group[]): errno_t {
    const { deviceFiles } = this.#needs
    const err = deviceFiles.device_add_groups(dev, groups)
    const release = () => deviceFiles.device_remove_groups(dev, groups)
    if (!err) this.#add(dev, { data: groups, release })
    return err
  }

  /** Does it hold anything? */
  holds(dev: device): boolean {
    return this.#held.has(dev)
  }

  /** Give all of it back, the latest first; waits for actions that sleep. */
  release_all(dev: device): MaybePromise<void> {
    const held = this.#held.get(dev) ?? []
    this.#held.delete(dev)
    while (held.length > 0) {
      const done = held.pop()?.release()
      // What an action answers otherwise is not looked at, as in C.
      if (typeof done === 'object') return done.then(() => releaseRest(held))
    }
  }

  #add(dev: device, held: Held): void {
    const all = this.#held.get(dev)
    if (all) all.push(held)
    else this.#held.set(dev, [held])
  }

  #takeAction(dev: device, action: unknown, data: unknown): Held | undefined {
    return this.#take(dev, held => held.action === action && held.data === data)
  }

  #take(dev: device, is: (held: Held) => boolean): Held | undefined {
    const all = this.#held.get(dev) ?? []
    const at = all.findLastIndex(is)
    return at < 0 ? undefined : all.splice(at, 1)[0]
  }
}

async function releaseRest(held: Held[]): Promise<void> {
  for (let last = held.pop(); last; last = held.pop()) await last.release()
}
