// Events about objects that come, go and change. Linux: lib/kobject_uevent.c.

import { EINVAL, ENOENT, ENOMEM } from '../include/linux/errno.ts'
import {
  KOBJ_ADD,
  KOBJ_REMOVE,
  type kobj_uevent_env,
  type kobject,
  type kobject_action,
} from '../include/linux/kobject.ts'
import { KERN_WARNING } from '../include/linux/printk.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { Inode } from '../fs/inode.ts'
import type { SysFs } from '../fs/sysfs/sysfs.ts'
import type { Printk } from '../kernel/printk.ts'
import type { WaitQueues } from '../kernel/wait.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import { Kobject, kobject_path } from './kobject.ts'
import { byteLength, UeventStream } from './uevent_stream.ts'
import { kobject_action_args, kobject_action_type } from './uevent_text.ts'

/** By their numbers, KOBJ_ADD first. */
const kobject_actions = [
  'add',
  'remove',
  'change',
  'move',
  'online',
  'offline',
  'bind',
  'unbind',
]

/** Variables that one event can have. */
const UEVENT_NUM_ENVP = 64
/** Bytes of all of them, with a NUL each. */
const UEVENT_BUFFER_SIZE = 2048

export class Uevents {
  static readonly EXPORT_SYMBOL = ['kobject_uevent', 'kobject_uevent_env'] as const
  static readonly EXPORT_SYMBOL_GPL = ['add_uevent_var'] as const

  #seqnum = 0
  readonly #sysfs: SysFs
  readonly #log: Printk
  readonly #stream: UeventStream

  constructor(sysfs: SysFs, log: Printk, wait: WaitQueues) {
    this.#sysfs = sysfs
    this.#log = log
    this.#stream = new UeventStream(wait)
    sysfs.attribute(sysfs.dir('kernel'), 'uevent_seqnum', {
      mode: 0o444,
      show: () => `${this.#seqnum}\n`,
    })
    sysfs.file(sysfs.dir('kernel'), 'uevent_stream', 0o444, this.#stream.file_operations)
  }

  /** The object behind `dir`; `uevent` adds its variables to each event. */
  kobject(
    dir: Inode,
    subsystem: string,
    uevent?: (env: kobj_uevent_env) => errno_t,
  ): Kobject {
    return new Kobject(dir, subsystem, uevent)
  }

  /** Something happened to an object: 0 or an error. */
  kobject_uevent(kobj: kobject, action: kobject_action): errno_t {
    return this.kobject_uevent_env(kobj, action, [])
  }

  /** As kobject_uevent(), with more to say: "KEY=value" each. */
  kobject_uevent_env(
    kobj: kobject,
    action: kobject_action,
    envp_ext: readonly string[] | null,
  ): errno_t {
    const name = kobject_actions[action]
    if (name === undefined) return -EINVAL
    if (action === KOBJ_REMOVE) kobj.state_remove_uevent_sent = true
    const set = setOf(kobj)
    if (!set) return -EINVAL
    if (kobj.uevent_suppress || set.filter?.(kobj) === false) return 0
    const path = kobject_path(kobj)
    const subsystem = set.name(kobj)
    if (subsystem === '') return 0
    if (path === undefined) return -ENOENT
    const env: kobj_uevent_env = { envp: [] }
    const head = [`ACTION=${name}`, `DEVPATH=${path}`, `SUBSYSTEM=${subsystem}`]
    for (const line of [...head, ...(envp_ext ?? [])]) {
      const err = add(env, line)
      if (err) return err
    }
    const err = set.uevent?.(kobj, env) ?? 0
    if (err) return err
    if (action === KOBJ_ADD) kobj.state_add_uevent_sent = true
    const full = add(env, `SEQNUM=${++this.#seqnum}`)
    if (!full) this.#stream.broadcast([`${name}@${path}`, ...env.envp])
    return full
  }

  add_uevent_var(env: kobj_uevent_env, format: string, ...args: unknown[]): errno_t {
    return add(env, vsnprintf(format, args))
  }

  /** Caller is about to take the object's directory away: whoever heard of it hears of that. */
  kobject_del(kobj: Kobject): void {
    if (kobj.state_add_uevent_sent && !kobj.state_remove_uevent_sent) {
      this.kobject_uevent(kobj, KOBJ_REMOVE)
    }
  }

  /** The `uevent` file of an object that has nothing to show there. */
  attribute(kobj: Kobject): void {
    this.#sysfs.attribute(kobj.dir, 'uevent', {
      mode: 0o200,
      store: text => this.kobject_synth_uevent(kobj, text),
    })
  }

  /** What was written to a `uevent` file, such as "add": how much, or an error. */
  kobject_synth_uevent(kobj: kobject, text: string): number {
    const { action: word, args } = kobject_action_type(text)
    const action = kobject_actions.indexOf(word)
    if (action < 0) return this.#refuse(kobj, -EINVAL, 'unknown uevent action string')
    const envp = args === undefined ? ['SYNTH_UUID=0'] : kobject_action_args(args)
    if (!envp) return this.#refuse(kobj, -EINVAL, 'incorrect uevent action arguments')
    const err = this.kobject_uevent_env(kobj, action, envp)
    return err ? this.#refuse(kobj, err, 'failed to send uevent') : byteLength(text)
  }

  #refuse(kobj: kobject, err: errno_t, why: string): errno_t {
    const path = kobject_path(kobj)
    this.#log.printk(`${KERN_WARNING}synth uevent: %s: %s\n`, path, why)
    return err
  }
}

/** Who says what the events of `kobj` have in them. */
interface EventSet {
  name(kobj: kobject): string
  filter?(kobj: kobject): boolean
  uevent?(kobj: kobject, env: kobj_uevent_env): errno_t
}

/** Its set, or that of the nearest object above that has one. */
function setOf(kobj: kobject): EventSet | undefined {
  let top = kobj
  while (!top.kset && !(top instanceof Kobject) && top.parent) top = top.parent
  if (top.kset) {
    const { kset } = top
    const ops = kset.uevent_ops ?? {}
    return { ...ops, name: object => ops.name?.(object) ?? kset.kobj.name }
  }
  if (!(top instanceof Kobject) || top.subsystem === undefined) return undefined
  const { subsystem, uevent } = top
  // The kernel's own sets leave out what is none of theirs.
  return {
    name: () => subsystem,
    filter: object => object === top,
    uevent: (_kobj, env) => uevent?.(env) ?? 0,
  }
}

function add(env: kobj_uevent_env, line: string): errno_t {
  const used = [...env.envp, line].reduce((sum, text) => sum + byteLength(text) + 1, 0)
  if (env.envp.length >= UEVENT_NUM_ENVP || used > UEVENT_BUFFER_SIZE) return -ENOMEM
  env.envp.push(line)
  return 0
}
