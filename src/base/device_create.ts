// Devices in one call. Linux: device_create() and root_device_register() in drivers/base/core.c.

import { type class_, device } from '../include/linux/device.ts'
import { ENODEV } from '../include/linux/errno.ts'
import type { module } from '../include/linux/module.ts'
import type { attribute_group } from '../include/linux/sysfs.ts'
import type { dev_t, errno_t } from '../include/linux/types.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { Classes } from './class.ts'
import type { Devices } from './core.ts'
import type { DeviceNumbers } from './device_numbers.ts'

export class DeviceCreation {
  static readonly EXPORT_SYMBOL_GPL = [
    'device_create',
    'device_create_with_groups',
    'device_destroy',
    '__root_device_register',
    'root_device_unregister',
  ] as const

  readonly #devices: Devices
  readonly #classes: Classes
  readonly #numbers: DeviceNumbers

  constructor(devices: Devices, classes: Classes, numbers: DeviceNumbers) {
    this.#devices = devices
    this.#classes = classes
    this.#numbers = numbers
  }

  device_create(
    cls: class_ | errno_t | null,
    parent: device | null | undefined,
    devt: dev_t,
    drvdata: unknown,
    fmt: string,
    ...args: unknown[]
  ): device | errno_t {
    return this.device_create_with_groups(cls, parent, devt, drvdata, null, fmt, ...args)
  }

  device_create_with_groups(
    cls: class_ | errno_t | null,
    parent: device | null | undefined,
    devt: dev_t,
    drvdata: unknown,
    groups: readonly attribute_group[] | null,
    fmt: string,
    ...args: unknown[]
  ): device | errno_t {
    if (typeof cls !== 'object' || !cls) return -ENODEV
    const release = (): void => {}
    const dev = new device({ class: cls, parent, devt, groups, release })
    dev.driver_data = drvdata
    this.#devices.device_initialize(dev)
    this.#devices.dev_set_name(dev, '%s', vsnprintf(fmt, args))
    return this.#add(dev)
  }

  device_destroy(cls: class_, devt: dev_t): void {
    const dev = this.#find(cls, devt)
    if (dev) this.#devices.device_unregister(dev)
  }

  __root_device_register(name: string, _owner: module | null): device | errno_t {
    const dev = new device({ release() {} })
    this.#devices.device_initialize(dev)
    this.#devices.dev_set_name(dev, '%s', name)
    return this.#add(dev)
  }

  root_device_unregister(dev: device): void {
    this.#devices.device_unregister(dev)
  }

  /** Without a number it is the class's first that has none. */
  #find(cls: class_, devt: dev_t): device | undefined {
    const numbered = this.#numbers.find(devt)
    if (numbered?.class === cls) return numbered
    const is = (dev: device) => dev.devt === devt
    const found = this.#classes.class_find_device(cls, null, devt, is)
    this.#devices.put_device(found)
    return found ?? undefined
  }

  #add(dev: device): device | errno_t {
    const err = this.#devices.device_add(dev)
    if (!err) return dev
    this.#devices.put_device(dev)
    return err
  }
}
