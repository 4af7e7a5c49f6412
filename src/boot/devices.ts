// Devices: classes, device numbers, character devices, misc devices.

import { Classes } from '../base/class.ts'
import { Devices } from '../base/core.ts'
import { DevPrintk } from '../base/dev_printk.ts'
import { DeviceCreation } from '../base/device_create.ts'
import { DeviceFiles } from '../base/device_files.ts'
import { DeviceNumbers } from '../base/device_numbers.ts'
import { DeviceTree } from '../base/device_tree.ts'
import { DeviceUevents } from '../base/device_uevent.ts'
import { Devres } from '../base/devres.ts'
import { MiscDevices } from '../base/misc.ts'
import { CharDevices } from '../fs/char_dev.ts'
import type { Core } from './core.ts'
import type { FileSystems } from './filesystems.ts'
import type { Loading } from './modules.ts'
import type { Parameters } from './params.ts'
import type { Reporting } from './reporting.ts'

export type DeviceModel = ReturnType<typeof devices_init>

export function devices_init(
  given: Core & Reporting & Parameters & FileSystems & Loading,
) {
  const { symbols, formats, log, traps, code, debugobjects } = given
  const { procfs, sysfs, devtmpfs, uevents, groups, kobjects, moves } = given
  const { sysfs_files: files, modules, kmod, debug } = given

  const deviceFiles = new DeviceFiles({ files, groups, log, traps })
  const classes = new Classes({ kobjects, files, deviceFiles, traps, debugobjects })
  const numbers = new DeviceNumbers(sysfs, devtmpfs)
  const messages = new DevPrintk(log, debug) //           dev_info
  const deviceUevents = new DeviceUevents({ sysfs, uevents, messages, numbers })
  const tree = new DeviceTree({ kobjects, moves, files, classes }, deviceUevents.ops)
  const devres = new Devres({ traps, formats, deviceFiles })
  const devices = new Devices({
    sysfs,
    kobjects,
    uevents,
    traps,
    code,
    classes,
    tree,
    numbers,
    deviceFiles,
    deviceUevents,
    devres,
  }) //                                                   device_add, put_device
  const creation = new DeviceCreation(devices, classes, numbers) // device_create
  const chrdevs = new CharDevices({
    modules,
    kmod,
    kobjects,
    devices,
    traps,
    log,
    code,
    debugobjects,
  }) //                                                   cdev_add, /proc/devices
  const misc = new MiscDevices(
    creation,
    classes,
    chrdevs,
    procfs,
    modules,
    kmod,
    traps,
    code,
  ) //                                                    misc_register

  symbols.exportFrom(messages, chrdevs, classes, devices, creation, tree)
  symbols.exportFrom(devres, deviceFiles, misc)
  return { chrdevs, misc }
}
