// What a device has because it has a number: the file "dev", a link in /sys/dev/char, a node in /dev.
// Linux: device_create_sys_dev_entry() and device_get_devnode() in drivers/base/core.c.

import type { device } from '../include/linux/device.ts'
import { MAJOR, MINOR } from '../include/linux/kdev_t.ts'
import type { dev_t, errno_t, umode_t } from '../include/linux/types.ts'
import type { DevTmpFs } from '../fs/devtmpfs.ts'
import type { Inode } from '../fs/inode.ts'
import type { SysFs } from '../fs/sysfs/sysfs.ts'

/** Permissions of a node about which nobody says anything. */
const DEFAULT_NODE_MODE = 0o600

/** Its node in /dev, as its type or its class wants it. */
interface DeviceNode {
  readonly name: string
  /** 0: the usual. */
  readonly mode: umode_t
  readonly uid: number
  readonly gid: number
}

interface Made {
  readonly link: Inode
  readonly node: string
}

export class DeviceNumbers {
  readonly #sysfs: SysFs
  readonly #devtmpfs: DevTmpFs
  readonly #made = new WeakMap<device, Made>()
  readonly #devices = new Map<dev_t, device>()

  constructor(sysfs: SysFs, devtmpfs: DevTmpFs) {
    this.#sysfs = sysfs
    this.#devtmpfs = devtmpfs
    for (const dir of ['dev/char', 'dev/block']) sysfs.dir(dir)
  }

  /** 0, also for a device without a number, or an error. */
  add(dev: device): errno_t {
    if (!MAJOR(dev.devt)) return 0
    const number = `${MAJOR(dev.devt)}:${MINOR(dev.devt)}`
    const dir = dev.kobj.sd as Inode
    const numbers = this.#sysfs.dir('dev/char')
    this.#sysfs.attribute(dir, 'dev', { mode: 0o444, show: () => `${number}\n` })
    if (numbers.child(number)) return this.#sysfs.warn_dup(numbers, number)
    const link = this.#sysfs.link(numbers, number, dir)
    const { name, mode, uid, gid } = this.nodeOf(dev)
    this.#devtmpfs.create_node(name, dev.devt, mode || DEFAULT_NODE_MODE, { uid, gid })
    this.#made.set(dev, { link, node: name })
    this.#devices.set(dev.devt, dev)
    return 0
  }

  /** The device that has this number. */
  find(devt: dev_t): device | undefined {
    return this.#devices.get(devt)
  }

  remove(dev: device): void {
    const made = this.#made.get(dev)
    if (!made) return
    this.#made.delete(dev)
    this.#devices.delete(dev.devt)
    this.#devtmpfs.delete_node(made.node, dev.devt)
    made.link.remove()
  }

  nodeOf(dev: device): DeviceNode {
    const [mode, uid, gid] = [{ value: 0 }, { value: 0 }, { value: 0 }]
    const name =
      dev.type?.devnode?.(dev, mode, uid, gid) ??
      dev.class?.devnode?.(dev, mode) ??
      dev.kobj.name.replaceAll('!', '/')
    return { name, mode: mode.value, uid: uid.value, gid: gid.value }
  }
}
