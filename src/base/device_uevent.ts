// What events about devices have in them, and the file "uevent" of each device. Linux:
// device_uevent_ops in drivers/base/core.c.

import type { device } from '../include/linux/device.ts'
import { MAJOR, MINOR } from '../include/linux/kdev_t.ts'
import type {
  kobj_uevent_env,
  kobject,
  kset_uevent_ops,
} from '../include/linux/kobject.ts'
import { KERN_ERR } from '../include/linux/printk.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { Inode } from '../fs/inode.ts'
import type { SysFs } from '../fs/sysfs/sysfs.ts'
import type { DeviceNumbers } from './device_numbers.ts'
import type { DevPrintk } from './dev_printk.ts'
import type { Uevents } from './uevent.ts'

interface Needs {
  sysfs: SysFs
  uevents: Uevents
  messages: DevPrintk
  numbers: DeviceNumbers
}

export class DeviceUevents {
  /** Of the set that all devices belong to. */
  readonly ops: kset_uevent_ops
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
    this.ops = {
      filter: kobj => subsystemOf(kobj) !== undefined,
      name: kobj => subsystemOf(kobj) ?? '',
      uevent: (kobj, env) => this.#uevent(kobj.container as device, env),
    }
  }

  add_file(dev: device): void {
    this.#needs.sysfs.attribute(dev.kobj.sd as Inode, 'uevent', {
      mode: 0o644,
      show: () => this.#show(dev),
      store: text => this.#store(dev, text),
    })
  }

  #uevent(dev: device, env: kobj_uevent_env): errno_t {
    const { uevents } = this.#needs
    if (MAJOR(dev.devt)) this.#node(dev, env)
    if (dev.type?.name) uevents.add_uevent_var(env, 'DEVTYPE=%s', dev.type.name)
    return dev.class?.dev_uevent?.(dev, env) || dev.type?.uevent?.(dev, env) || 0
  }

  #node(dev: device, env: kobj_uevent_env): void {
    const { uevents, numbers } = this.#needs
    const { name, mode, uid, gid } = numbers.nodeOf(dev)
    uevents.add_uevent_var(env, 'MAJOR=%u', MAJOR(dev.devt))
    uevents.add_uevent_var(env, 'MINOR=%u', MINOR(dev.devt))
    uevents.add_uevent_var(env, 'DEVNAME=%s', name)
    if (mode) uevents.add_uevent_var(env, 'DEVMODE=%#o', mode & 0o777)
    if (uid) uevents.add_uevent_var(env, 'DEVUID=%u', uid)
    if (gid) uevents.add_uevent_var(env, 'DEVGID=%u', gid)
  }

  #show(dev: device): string | errno_t {
    if (subsystemOf(dev.kobj) === undefined) return ''
    const env: kobj_uevent_env = { envp: [] }
    const err = this.#uevent(dev, env)
    return err || env.envp.map(line => `${line}\n`).join('')
  }

  #store(dev: device, text: string): number {
    const { uevents, messages } = this.#needs
    const ret = uevents.kobject_synth_uevent(dev.kobj, text)
    if (ret >= 0) return ret
    const why = 'uevent: failed to send synthetic uevent: %d\n'
    messages._dev_printk(KERN_ERR, dev, why, [ret])
    return ret
  }
}

/** SUBSYSTEM of its events; undefined for what is no device, or one that belongs nowhere. */
function subsystemOf(kobj: kobject): string | undefined {
  const dev = kobj.container as device | undefined
  return dev?.class?.name
}
