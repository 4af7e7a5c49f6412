// What a directory in /sys stands for: made, counted, taken away. Linux: lib/kobject.c.

import { EEXIST, EINVAL } from '../include/linux/errno.ts'
import {
  KOBJ_ADD,
  KOBJ_REMOVE,
  type kobj_type,
  kobject,
  kset,
  type kset_uevent_ops,
} from '../include/linux/kobject.ts'
import { KERN_ERR, KERN_WARNING } from '../include/linux/printk.ts'
import type { object_attribute, sysfs_ops } from '../include/linux/sysfs.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { Inode } from '../fs/inode.ts'
import type { SysfsGroups } from '../fs/sysfs/group.ts'
import type { SysFs } from '../fs/sysfs/sysfs.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Printk } from '../kernel/printk.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import { Kobject, kobject_path } from './kobject.ts'
import { attribute_ops } from './sysfs_ops.ts'
import type { Uevents } from './uevent.ts'

type MaybeKobject = kobject | null | undefined

interface Needs {
  sysfs: SysFs
  groups: SysfsGroups
  uevents: Uevents
  log: Printk
  traps: Traps
}

export class Kobjects {
  static readonly EXPORT_SYMBOL = [
    'kobject_set_name',
    'kobject_init',
    'kobject_add',
    'kobject_del',
    'kobject_get',
    'kobject_put',
    'kset_register',
    'kset_unregister',
  ] as const
  static readonly EXPORT_SYMBOL_GPL = [
    'kernel_kobj',
    'kobj_sysfs_ops',
    'kobject_init_and_add',
    'kobject_create_and_add',
    'kobject_get_path',
    'kset_create_and_add',
    'kset_find_obj',
  ] as const

  /** /sys/kernel. */
  readonly kernel_kobj: kobject
  readonly kobj_sysfs_ops: sysfs_ops<object_attribute<kobject>>
  readonly #needs: Needs
  /** Of what kobject_create_and_add() makes. */
  readonly #dynamic: kobj_type

  constructor(needs: Needs) {
    this.#needs = needs
    this.kobj_sysfs_ops = attribute_ops('kobj_attr', kobj => kobj)
    this.#dynamic = { sysfs_ops: this.kobj_sysfs_ops }
    this.kernel_kobj = new Kobject(needs.sysfs.dir('kernel'), undefined)
    this.kernel_kobj.ktype = this.#dynamic
  }

  kobject_set_name(kobj: kobject, fmt: string, ...args: unknown[]): errno_t {
    kobj.name = vsnprintf(fmt, args).replaceAll('/', '!')
    return 0
  }

  kobject_init(kobj: kobject, ktype: kobj_type | null | undefined): void {
    if (!ktype) {
      this.#complain('must have a ktype to be initialized properly!', kobj)
      return
    }
    if (kobj.state_initialized) {
      const why = 'tried to init an initialized object, something is seriously wrong.'
      this.#complain(why, kobj)
    }
    kobj.refcount = 1
    kobj.state_in_sysfs = false
    kobj.state_add_uevent_sent = false
    kobj.state_remove_uevent_sent = false
    kobj.state_initialized = true
    kobj.ktype = ktype
  }

  /** `fmt` null: it has its name already. */
  kobject_add(
    kobj: kobject,
    parent: MaybeKobject,
    fmt: string | null,
    ...args: unknown[]
  ): errno_t {
    if (!kobj.state_initialized) {
      this.#needs.log.printk(
        `${KERN_ERR}kobject '%s' (%p): tried to add an uninitialized object, something is seriously wrong.\n`,
        kobj.name,
        kobj,
      )
      this.#needs.traps.dump_stack()
      return -EINVAL
    }
    if (fmt !== null) this.kobject_set_name(kobj, fmt, ...args)
    kobj.parent = parent ?? undefined
    return this.#kobject_add_internal(kobj)
  }

  kobject_init_and_add(
    kobj: kobject,
    ktype: kobj_type,
    parent: MaybeKobject,
    fmt: string,
    ...args: unknown[]
  ): errno_t {
    this.kobject_init(kobj, ktype)
    return this.kobject_add(kobj, parent, fmt, ...args)
  }

  kobject_create_and_add(name: string, parent: MaybeKobject): kobject | null {
    const kobj = new kobject()
    this.kobject_init(kobj, this.#dynamic)
    const err = this.kobject_add(kobj, parent, '%s', name)
    if (!err) return kobj
    const why = `${KERN_WARNING}%s: kobject_add error: %d\n`
    this.#needs.log.printk(why, 'kobject_create_and_add', err)
    this.kobject_put(kobj)
    return null
  }

  kobject_del(kobj: MaybeKobject): void {
    if (!kobj) return
    const { parent } = kobj
    this.#kobject_del(kobj)
    this.kobject_put(parent)
  }

  kobject_get<T extends MaybeKobject>(kobj: T): T {
    if (!kobj) return kobj
    this.#uninitialized(kobj, 'kobject_get')
    this.#gone(kobj, 'addition on 0')
    kobj.refcount++
    return kobj
  }

  kobject_put(kobj: MaybeKobject): void {
    if (!kobj) return
    this.#uninitialized(kobj, 'kobject_put')
    if (this.#gone(kobj, 'underflow')) return
    if (--kobj.refcount === 0) this.#kobject_cleanup(kobj)
  }

  kobject_get_path(kobj: kobject): string | null {
    return kobject_path(kobj) ?? null
  }

  kset_create_and_add(
    name: string,
    uevent_ops: kset_uevent_ops | null,
    parent: MaybeKobject,
  ): kset | null {
    const set = new kset()
    this.kobject_set_name(set.kobj, '%s', name)
    set.uevent_ops = uevent_ops
    set.kobj.parent = parent ?? undefined
    return this.kset_register(set) ? null : set
  }

  kset_register(set: kset): errno_t {
    this.kobject_init(set.kobj, set.kobj.ktype ?? this.#dynamic)
    const err = this.#kobject_add_internal(set.kobj)
    if (err) return err
    this.#needs.uevents.kobject_uevent(set.kobj, KOBJ_ADD)
    return 0
  }

  kset_unregister(set: kset | null | undefined): void {
    if (!set) return
    this.kobject_del(set.kobj)
    this.kobject_put(set.kobj)
  }

  kset_find_obj(set: kset, name: string): kobject | null {
    const found = [...set.list].find(kobj => kobj.name === name)
    return found ? this.kobject_get(found) : null
  }

  #kobject_add_internal(kobj: kobject): errno_t {
    const { sysfs, traps } = this.#needs
    const why = 'kobject: (%p): attempted to be registered with empty name!\n'
    if (traps.WARN(kobj.name === '', why, kobj)) return -EINVAL
    const parent = this.#hold(kobj.parent ?? kobj.kset?.kobj)
    kobj.parent = parent
    kobj.kset?.list.add(kobj)
    const home = sysfs.dirOf(parent)
    const err = home ? this.#create_dir(kobj, home) : -EINVAL
    if (!err) {
      kobj.state_in_sysfs = true
      return 0
    }
    this.#leaveSet(kobj)
    this.kobject_put(parent)
    kobj.parent = undefined
    this.#addFailed(kobj, parent, err)
    return err
  }

  #create_dir(kobj: kobject, home: Inode): errno_t {
    const { sysfs, groups } = this.#needs
    if (home.child(kobj.name)) return sysfs.warn_dup(home, kobj.name)
    kobj.sd = sysfs.mkdir(home, kobj.name)
    const err = groups.sysfs_create_groups(kobj, kobj.ktype?.default_groups)
    if (err) this.#remove_dir(kobj)
    return err
  }

  #addFailed(kobj: kobject, parent: MaybeKobject, err: errno_t): void {
    const { log } = this.#needs
    const name = 'kobject_add_internal'
    if (err === -EEXIST) {
      const why = `${KERN_ERR}%s failed for %s with -EEXIST, don't try to register things with the same name in the same directory.\n`
      log.printk(why, name, kobj.name)
    } else {
      const why = `${KERN_ERR}%s failed for %s (error: %d parent: %s)\n`
      log.printk(why, name, kobj.name, err, parent?.name ?? "'none'")
    }
  }

  #kobject_del(kobj: kobject): void {
    const { groups, uevents } = this.#needs
    if (kobj.sd) groups.sysfs_remove_groups(kobj, kobj.ktype?.default_groups)
    if (kobj.state_add_uevent_sent && !kobj.state_remove_uevent_sent)
      uevents.kobject_uevent(kobj, KOBJ_REMOVE)
    this.#remove_dir(kobj)
    kobj.state_in_sysfs = false
    this.#leaveSet(kobj)
    kobj.parent = undefined
  }

  #remove_dir(kobj: kobject): void {
    if (kobj.sd) this.#needs.sysfs.remove(kobj.sd as Inode)
    kobj.sd = undefined
  }

  #leaveSet(kobj: kobject): void {
    kobj.kset?.list.delete(kobj)
  }

  #hold(kobj: kobject | undefined): kobject | undefined {
    if (kobj) kobj.refcount++
    return kobj
  }

  #kobject_cleanup(kobj: kobject): void {
    const { parent } = kobj
    if (kobj.state_in_sysfs) this.#kobject_del(kobj)
    kobj.ktype?.release?.(kobj)
    this.kobject_put(parent)
  }

  #uninitialized(kobj: kobject, call: string): void {
    const why = "kobject: '%s' (%p): is not initialized, yet %s() is being called.\n"
    this.#needs.traps.WARN(!kobj.state_initialized, why, kobj.name, kobj, call)
  }

  /** Nobody holds it any more. */
  #gone({ refcount }: kobject, what: string): boolean {
    const why = 'refcount_t: %s; use-after-free.\n'
    return this.#needs.traps.WARN(refcount <= 0, why, what)
  }

  #complain(why: string, kobj: kobject): void {
    this.#needs.log.printk(`${KERN_ERR}kobject (%p): %s\n`, kobj, why)
    this.#needs.traps.dump_stack()
  }
}
