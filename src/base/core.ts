// The device model: classes, devices, their directories in /sys and nodes in /dev.
// Linux: drivers/base/{class,core}.c.

import type { class_, device } from '../include/linux/device.ts'
import { EEXIST } from '../include/linux/errno.ts'
import { MAJOR, MINOR } from '../include/linux/kdev_t.ts'
import type { module } from '../include/linux/module.ts'
import { KERN_ERR, KERN_WARNING } from '../include/linux/printk.ts'
import type { dev_t, errno_t, umode_t } from '../include/linux/types.ts'
import type { DevTmpFs } from '../fs/devtmpfs.ts'
import type { Inode } from '../fs/inode.ts'
import type { SysFs } from '../fs/sysfs/sysfs.ts'
import type { Printk } from '../kernel/printk.ts'
import type { Traps } from '../kernel/panic.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { Uevents } from './uevent.ts'

/** Permissions of a node about which its class says nothing. */
const DEFAULT_NODE_MODE = 0o600

interface Device extends device {
  readonly dir: Inode
  readonly links: Inode[]
  readonly nodeName: string | undefined
}

interface Needs {
  sysfs: SysFs
  devtmpfs: DevTmpFs
  uevents: Uevents
  log: Printk
  traps: Traps
}

export class Devices {
  static readonly EXPORT_SYMBOL_GPL = [
    'class_create',
    'class_destroy',
    'device_create',
    'device_destroy',
  ] as const

  readonly #needs: Needs
  readonly #devices = new Map<dev_t, Device[]>()

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
    const { sysfs, uevents } = this.#needs
    const classes = sysfs.dir('class')
    if (classes.child(name)) return this.#duplicate(name, `/class/${name}`)

    sysfs.mkdir(classes, name)
    uevents.kobject_uevent()
    return { name }
  }

  class_destroy(cls: class_ | errno_t | undefined): void {
    if (cls === undefined || typeof cls === 'number') return
    this.#needs.sysfs.dir('class').child(cls.name)?.remove()
    this.#needs.uevents.kobject_uevent()
  }

  device_create(
    cls: class_,
    _parent: device | undefined,
    devt: dev_t,
    drvdata: unknown,
    fmt: string,
    ...args: unknown[]
  ): device | errno_t {
    const name = vsnprintf(fmt, args).replaceAll('!', '/')
    const kobj_name = name.replaceAll('/', '!')
    const number = `${MAJOR(devt)}:${MINOR(devt)}`
    const { sysfs, uevents } = this.#needs
    const home = sysfs.dir(`devices/virtual/${cls.name}`)
    if (home.child(kobj_name)) return this.#duplicate(kobj_name, sysPath(home, kobj_name))
    if (devt && sysfs.dir('dev/char').child(number)) {
      return this.#sysfs_warn_dup(`/dev/char/${number}`)
    }

    const dir = sysfs.mkdir(home, kobj_name)
    const links = this.#links(cls, kobj_name, devt ? number : undefined, dir)
    const plain: device = { devt, class: cls, kobj_name, driver_data: drvdata }
    const node = devt ? this.#makeNode(plain, name) : undefined
    const device: Device = Object.assign(plain, { dir, links, nodeName: node?.name })
    this.#attributes(device, number, node)
    this.#devices.set(devt, [...(this.#devices.get(devt) ?? []), device])
    uevents.kobject_uevent()
    return device
  }

  device_destroy(cls: class_ | errno_t, devt: dev_t): void {
    const numbered = this.#devices.get(devt) ?? []
    const device = numbered.find(candidate => candidate.class === cls)
    if (!device) return
    const others = numbered.filter(candidate => candidate !== device)
    if (others.length > 0) this.#devices.set(devt, others)
    else this.#devices.delete(devt)

    if (device.nodeName) this.#needs.devtmpfs.delete_node(device.nodeName, devt)
    for (const link of device.links) link.remove()
    const home = device.dir.parent
    device.dir.remove()
    if (home?.children?.size === 0) home.remove()
    this.#needs.uevents.kobject_uevent()
  }

  #links(cls: class_, name: string, number: string | undefined, dir: Inode): Inode[] {
    const { sysfs } = this.#needs
    const classDir = sysfs.dir(`class/${cls.name}`)
    sysfs.link(dir, 'subsystem', classDir)
    const links = [sysfs.link(classDir, name, dir)]
    if (number) links.push(sysfs.link(sysfs.dir('dev/char'), number, dir))
    return links
  }

  #makeNode(
    dev: device,
    defaultName: string,
  ): { name: string; mode: umode_t | undefined } {
    const mode = { value: 0 }
    const name = dev.class.devnode?.(dev, mode) ?? defaultName
    this.#needs.devtmpfs.create_node(name, dev.devt, mode.value || DEFAULT_NODE_MODE)
    return { name, mode: mode.value || undefined }
  }

  #attributes(
    device: Device,
    number: string,
    node: { name: string; mode: umode_t | undefined } | undefined,
  ): void {
    const { sysfs, uevents } = this.#needs
    const { dir } = device
    sysfs.mkdir(dir, 'power')
    const variables = node
      ? [
          `MAJOR=${MAJOR(device.devt)}`,
          `MINOR=${MINOR(device.devt)}`,
          `DEVNAME=${node.name}`,
          ...(node.mode === undefined ? [] : [`DEVMODE=0${node.mode.toString(8)}`]),
        ]
      : []
    if (node) sysfs.attribute(dir, 'dev', { mode: 0o444, show: () => `${number}\n` })
    const text = variables.map(line => `${line}\n`).join('')
    uevents.attribute(dir, `${device.class.name} ${device.kobj_name}`, () => text)
  }

  #duplicate(name: string, path: string): errno_t {
    const err = this.#sysfs_warn_dup(path)
    this.#needs.log.printk(
      `${KERN_ERR}kobject_add_internal failed for %s with -EEXIST, don't try to register things with the same name in the same directory.\n`,
      name,
    )
    return err
  }

  #sysfs_warn_dup(path: string): errno_t {
    const { log, traps } = this.#needs
    log.printk(`${KERN_WARNING}sysfs: cannot create duplicate filename '%s'\n`, path)
    traps.dump_stack()
    return -EEXIST
  }
}

function sysPath(dir: Inode, name: string): string {
  return `${dir.path.replace(/^\/sys/, '')}/${name}`
}
