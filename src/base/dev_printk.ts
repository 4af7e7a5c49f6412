// Messages of drivers about their devices: who speaks stands in front, and readers of /dev/kmsg
// are told which device it is. Linux: dev_printk() in drivers/base/core.c.

import type { call_site } from '../include/linux/call_site.ts'
import { dev_name, type device } from '../include/linux/device.ts'
import { MAJOR, MINOR } from '../include/linux/kdev_t.ts'
import type { DynamicDebug } from '../kernel/dynamic_debug.ts'
import type { Printk } from '../kernel/printk.ts'

const LEVEL_DEBUG = 7

type MaybeDevice = device | null | undefined

export class DevPrintk {
  static readonly EXPORT_SYMBOL = ['_dev_printk', '__dynamic_dev_dbg'] as const

  readonly #log: Printk
  readonly #debug: DynamicDebug

  constructor(log: Printk, debug: DynamicDebug) {
    this.#log = log
    this.#debug = debug
  }

  /** `level` is KERN_ERR or its like. */
  _dev_printk(
    level: string,
    dev: MaybeDevice,
    fmt: string,
    args: readonly unknown[],
  ): number {
    return this.#emit(Number(level.charAt(1)), dev, '', fmt, args)
  }

  /** The message of a dev_dbg() that is on. */
  __dynamic_dev_dbg(
    site: call_site,
    dev: MaybeDevice,
    fmt: string,
    args: readonly unknown[],
  ): number {
    return this.#emit(LEVEL_DEBUG, dev, this.#debug.__dynamic_prefix(site), fmt, args)
  }

  #emit(
    level: number,
    dev: MaybeDevice,
    prefix: string,
    fmt: string,
    va: readonly unknown[],
  ): number {
    const message = { fmt, va }
    if (!dev) {
      const format = '%s(NULL device *): %pV'
      return this.#log.dev_vprintk_emit(level, undefined, format, [prefix, message])
    }
    const args = [prefix, driver_string(dev), dev_name(dev), message]
    return this.#log.dev_vprintk_emit(level, identity(dev), '%s%s %s: %pV', args)
  }
}

/** The name of its class; "" if it belongs nowhere. Linux: dev_driver_string() in drivers/base/core.c. */
export function driver_string(dev: device): string {
  return dev.class?.name ?? ''
}

/** What /dev/kmsg says of the device; nothing if it belongs to no class. */
function identity(dev: device): [string, string][] | undefined {
  const { class: cls, devt } = dev
  if (!cls) return undefined
  const name = MAJOR(devt)
    ? `c${MAJOR(devt)}:${MINOR(devt)}`
    : `+${cls.name}:${dev_name(dev)}`
  return [
    ['SUBSYSTEM', cls.name],
    ['DEVICE', name],
  ]
}
