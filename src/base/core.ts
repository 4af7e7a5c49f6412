// The device model: classes, devices, their directories in /sys and nodes in /dev.
// Linux: drivers/base/{class,core}.c.

import type { class_, class_attribute, device } from '../include/linux/device.ts'
import { MAJOR, MINOR } from '../include/linux/kdev_t.ts'
import { KOBJ_ADD, KOBJ_REMOVE, type kobj_uevent_env } from '../include/linux/kobject.ts'
import { EINVAL } from '../include/linux/errno.ts'
import type { module } from '../include/linux/module.ts'
import { KERN_ERR } from '../include/linux/printk.ts'
import type { attribute_group } from '../include/linux/sysfs.ts'
import type { dev_t, errno_t, umode_t } from '../include/linux/types.ts'
import type { DevTmpFs } from '../fs/devtmpfs.ts'
import type { Inode } from '../fs/inode.ts'
import type { SysfsFiles } from '../fs/sysfs/file.ts'
import type { SysFs } from '../fs/sysfs/sysfs.ts'
import type { Printk } from '../kernel/printk.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { DeviceFiles } from './device_files.ts'
import type { Kobject } from './kobject.ts'
import type { Uevents } from './uevent.ts'

/** Permissions of a node about which its class says nothing. */
const DEFAULT_NODE_MODE = 0o600

interface Device extends device {
  readonly kobj: Kobject
  readonly dir: Inode
  readonly links: Inode[]
  readonly nodeName: string | undefined
}

/** Its node in /dev, and the mode if its class asked for one. */
interface DeviceNode {
  name: string
  mode: umode_t | undefined
}

interface Needs {
  sysfs: SysFs
  devtmpfs: DevTmpFs
  uevents: Uevents
  log: Printk
  files: SysfsFiles
  deviceFiles: DeviceFiles
}

export class Devices {
  static readonly EXPORT_SYMBOL_GPL = [
    'class_create',
    'class_destroy',
    'class_register',
    'class_unregister',
    'class_create_file_ns',
    'class_remove_file_ns',
    'device_create',
    'device_create_with_groups',
    'device_destroy',
    'device_unregister',
  ] as const

  readonly #needs: Needs
  readonly #devices = new Map<dev_t, Device[]>()
  readonly #classes = new Map<class_, Kobject>()

  constructor(needs: Needs) {
    this.#needs = needs
    for (const dir of ['class', 'devices/virtual', 'dev/char', 'dev/block']) {
      needs.sysfs.dir(dir)
    }
  }

  class_create(
    ...args: [name: string] | [owner: module, name: string]
  ): class_ | errno_t {
    const name = args.length === 2 ? args[1] : args[0]
    const cls = { name }
    return this.class_register(cls) || cls
  }

  class_destroy(cls: class_ | errno_t | null | undefined): void {
    if (typeof cls === 'object' && cls !== null) this.class_unregister(cls)
  }

  class_register(cls: class_): errno_t {
    const { name } = cls
    const { sysfs, uevents, deviceFiles } = this.#needs
    const classes = sysfs.dir('class')
    if (classes.child(name)) return this.#duplicate(classes, name)
    const kobj = uevents.kobject(sysfs.mkdir(classes, name), 'class')
    kobj.ktype = deviceFiles.class_ktype(cls)
    this.#classes.set(cls, kobj)
    uevents.kobject_uevent(kobj, KOBJ_ADD)
    const err = deviceFiles.add_all_groups(kobj, [cls.class_groups])
    if (err) this.class_unregister(cls)
    return err
  }

  class_unregister(cls: class_): void {
    const kobj = this.#classes.get(cls)
    if (!kobj) return
    this.#classes.delete(cls)
    this.#needs.uevents.kobject_del(kobj)
    this.#needs.sysfs.remove(kobj.dir)
  }

  /** There are no namespaces: `_ns` stands for nothing. */
  class_create_file_ns(cls: class_ | null, attr: class_attribute, _ns: unknown): errno_t {
    const kobj = cls && this.#classes.get(cls)
    return kobj ? this.#needs.files.sysfs_create_file_ns(kobj, attr, null) : -EINVAL
  }

  class_remove_file_ns(cls: class_ | null, attr: class_attribute, _ns: unknown): void {
    const kobj = cls && this.#classes.get(cls)
    if (kobj) this.#needs.files.sysfs_remove_file_ns(kobj, attr, null)
  }

  device_create(
    cls: class_,
    parent: device | null | undefined,
    devt: dev_t,
    drvdata: unknown,
    fmt: string,
    ...args: unknown[]
  ): device | errno_t {
    return this.device_create_with_groups(cls, parent, devt, drvdata, null, fmt, ...args)
  }

  device_create_with_groups(
    cls: class_,
    parent: device | null | undefined,
    devt: dev_t,
    drvdata: unknown,
    groups: readonly attribute_group[] | null,
    fmt: string,
    ...args: unknown[]
  ): device | errno_t {
    const name = vsnprintf(fmt, args).replaceAll('!', '/')
    const kobj_name = name.replaceAll('/', '!')
    const number = `${MAJOR(devt)}:${MINOR(devt)}`
    const { sysfs, uevents, deviceFiles } = this.#needs
    const above = parent && sysfs.dirOf(parent.kobj)
    const home = above ?? sysfs.dir(`devices/virtual/${cls.name}`)
    if (home.child(kobj_name)) return this.#duplicate(home, kobj_name)
    const numbers = sysfs.dir('dev/char')
    if (devt && numbers.child(number)) return sysfs.warn_dup(numbers, number)

    const dir = sysfs.mkdir(home, kobj_name)
    const links = this.#links(cls, kobj_name, devt ? number : undefined, dir)
    if (above) sysfs.link(dir, 'device', above)
    const kobj = uevents.kobject(dir, cls.name, env => this.#uevent(device, node, env))
    const plain: device = { devt, class: cls, kobj, kobj_name, driver_data: drvdata }
    const node = devt ? this.#makeNode(plain, name) : undefined
    const device: Device = Object.assign(plain, {
      kobj,
      dir,
      links,
      nodeName: node?.name,
    })
    kobj.ktype = deviceFiles.device_ktype
    kobj.container = device
    this.#attributes(device, number)
    this.#devices.set(devt, [...(this.#devices.get(devt) ?? []), device])
    const err = deviceFiles.add_all_groups(kobj, [cls.dev_groups, groups])
    if (err) {
      this.#takeAway(device)
      return err
    }
    uevents.kobject_uevent(kobj, KOBJ_ADD)
    return device
  }

  device_destroy(cls: class_ | errno_t, devt: dev_t): void {
    const device = this.#devices.get(devt)?.find(candidate => candidate.class === cls)
    if (device) this.device_unregister(device)
  }

  device_unregister(dev: device): void {
    const device = dev as Device
    if (!this.#devices.get(device.devt)?.includes(device)) return
    this.#needs.uevents.kobject_uevent(device.kobj, KOBJ_REMOVE)
    this.#takeAway(device)
  }

  #takeAway(device: Device): void {
    const { devt, nodeName, links, dir } = device
    const { devtmpfs, sysfs } = this.#needs
    const others = (this.#devices.get(devt) ?? []).filter(other => other !== device)
    if (others.length > 0) this.#devices.set(devt, others)
    else this.#devices.delete(devt)

    if (nodeName) devtmpfs.delete_node(nodeName, devt)
    for (const link of links) link.remove()
    const home = dir.parent
    sysfs.remove(dir)
    device.kobj.sd = undefined
    if (home?.children?.size === 0) home.remove()
  }

  #links(cls: class_, name: string, number: string | undefined, dir: Inode): Inode[] {
    const { sysfs } = this.#needs
    const classDir = sysfs.dir(`class/${cls.name}`)
    sysfs.link(dir, 'subsystem', classDir)
    const links = [sysfs.link(classDir, name, dir)]
    if (number) links.push(sysfs.link(sysfs.dir('dev/char'), number, dir))
    return links
  }

  #makeNode(dev: device, defaultName: string): DeviceNode {
    const mode = { value: 0 }
    const name = dev.class.devnode?.(dev, mode) ?? defaultName
    this.#needs.devtmpfs.create_node(name, dev.devt, mode.value || DEFAULT_NODE_MODE)
    return { name, mode: mode.value || undefined }
  }

  #attributes(device: Device, number: string): void {
    const { sysfs } = this.#needs
    const { dir } = device
    sysfs.mkdir(dir, 'power')
    if (device.nodeName !== undefined) {
      sysfs.attribute(dir, 'dev', { mode: 0o444, show: () => `${number}\n` })
    }
    sysfs.attribute(dir, 'uevent', {
      mode: 0o644,
      show: () => uevent_show(device),
      store: text => this.#uevent_store(device, text),
    })
  }

  /** What an event about a device says of it. */
  #uevent(device: Device, node: DeviceNode | undefined, env: kobj_uevent_env): errno_t {
    const { uevents } = this.#needs
    if (node) {
      uevents.add_uevent_var(env, 'MAJOR=%u', MAJOR(device.devt))
      uevents.add_uevent_var(env, 'MINOR=%u', MINOR(device.devt))
      uevents.add_uevent_var(env, 'DEVNAME=%s', node.name)
      if (node.mode !== undefined) {
        uevents.add_uevent_var(env, 'DEVMODE=%#o', node.mode & 0o777)
      }
    }
    return device.class.dev_uevent?.(device, env) ?? 0
  }

  #uevent_store(device: Device, text: string): number {
    const ret = this.#needs.uevents.kobject_synth_uevent(device.kobj, text)
    if (ret >= 0) return ret
    this.#needs.log.printk(
      `${KERN_ERR}%s %s: uevent: failed to send synthetic uevent: %d\n`,
      device.class.name,
      device.kobj_name,
      ret,
    )
    return ret
  }

  #duplicate(home: Inode, name: string): errno_t {
    const { sysfs, log } = this.#needs
    const err = sysfs.warn_dup(home, name)
    log.printk(
      `${KERN_ERR}kobject_add_internal failed for %s with -EEXIST, don't try to register things with the same name in the same directory.\n`,
      name,
    )
    return err
  }
}

function uevent_show({ kobj }: Device): string | errno_t {
  const env: kobj_uevent_env = { envp: [] }
  const err = kobj.uevent?.(env) ?? 0
  return err || env.envp.map(line => `${line}\n`).join('')
}
