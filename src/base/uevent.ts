// Events about objects that come, go and change. Linux: lib/kobject_uevent.c.

import { EINVAL } from '../include/linux/errno.ts'
import { KERN_ERR, KERN_WARNING } from '../include/linux/printk.ts'
import type { Inode } from '../fs/inode.ts'
import type { SysFs } from '../fs/sysfs/sysfs.ts'
import type { Printk } from '../kernel/printk.ts'

const ACTIONS = ['add', 'remove', 'change', 'move', 'online', 'offline', 'bind', 'unbind']

export class Uevents {
  #seqnum = 0
  readonly #sysfs: SysFs
  readonly #log: Printk

  constructor(sysfs: SysFs, log: Printk) {
    this.#sysfs = sysfs
    this.#log = log
    sysfs.attribute(sysfs.dir('kernel'), 'uevent_seqnum', {
      mode: 0o444,
      show: () => `${this.#seqnum}\n`,
    })
  }

  /** Something happened to an object. */
  kobject_uevent(): void {
    this.#seqnum++
  }

  /**
   * The `uevent` file of an object: reading gives its variables, writing the name of an action
   * sends that event once more. `label` names the object in messages.
   */
  attribute(dir: Inode, label: string, variables?: () => string): void {
    this.#sysfs.attribute(dir, 'uevent', {
      mode: variables ? 0o644 : 0o200,
      ...(variables ? { show: variables } : {}),
      store: text => this.#synthetic(dir, label, text),
    })
  }

  #synthetic(dir: Inode, label: string, text: string): number {
    const [action = ''] = text.trim().split(/\s+/)
    if (ACTIONS.includes(action)) {
      this.kobject_uevent()
      return text.length
    }
    this.#log.printk(
      `${KERN_WARNING}synth uevent: %s: unknown uevent action string\n`,
      dir.path.replace(/^\/sys/, ''),
    )
    this.#log.printk(
      `${KERN_ERR}%s: uevent: failed to send synthetic uevent: %d\n`,
      label,
      -EINVAL,
    )
    return -EINVAL
  }
}
