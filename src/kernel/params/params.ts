// Setting and showing the parameters of modules. Linux: kernel/params.c.

import { EINVAL, ENOENT, ENOSPC, EPERM } from '../../include/linux/errno.ts'
import {
  KERNEL_PARAM_FL_UNSAFE,
  KERNEL_PARAM_OPS_FL_NOARG,
  type kernel_param,
  type param_definition,
} from '../../include/linux/kernel_param.ts'
import type { module } from '../../include/linux/module.ts'
import { KERN_ERR, KERN_NOTICE } from '../../include/linux/printk.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import type { Mutexes } from '../locking/mutex.ts'
import type { Printk } from '../printk.ts'
import { TAINT_USER, type Taints } from '../taint.ts'
import { ParamLocks } from './locks.ts'
import { next_arg, parameq, skip_spaces } from './next_arg.ts'
import { PAGE_SIZE, readText } from './text.ts'
import { ParamOps } from './text_ops.ts'

interface Needs {
  log: Printk
  taints: Taints
  mutexes: Mutexes
}

/** An option that was given for a parameter, and what came of it. */
export type OptionListener = (name: string, value: string | null, err: errno_t) => void

interface Parsing {
  /** On whose behalf, for messages. */
  doing: string
  params: readonly kernel_param[]
  /** Told of each name that no parameter has; its error counts as the option's. */
  unknown?: (name: string, value: string | null) => errno_t
  /** Told of each option that is a parameter's. */
  seen?: OptionListener | undefined
}

/** An error, and what stands behind a "--". */
export interface Parsed {
  err: errno_t
  after_dashes: string | undefined
}

export class Params {
  readonly ops: ParamOps
  readonly locks: ParamLocks
  readonly #log: Printk
  readonly #taints: Taints

  constructor({ log, taints, mutexes }: Needs) {
    this.ops = new ParamOps(log)
    this.locks = new ParamLocks(mutexes)
    this.#log = log
    this.#taints = taints
  }

  /** A declaration as a parameter; `mod` undefined for what is part of the kernel. */
  kernel_param(definition: param_definition, mod: module | undefined): kernel_param {
    const { name, ops, perm, flags, arg } = definition
    return { name, ops: this.ops.of(ops), perm, flags, arg, mod }
  }

  /**
   * Set all that `args` names. A bad value does not stop the ones after it; the answer is the last
   * error. A "--" ends it.
   */
  async parse_args(args: string, parsing: Parsing): Promise<Parsed> {
    let err: errno_t = 0
    let rest = skip_spaces(args)
    while (rest) {
      const { name, value, rest: after } = next_arg(rest)
      rest = after
      if (name === '--' && value === null) return { err, after_dashes: rest }
      const param = parsing.params.find(({ name: known }) => parameq(known, name))
      const ret = param
        ? await this.#parse_one(param, value)
        : (parsing.unknown?.(name, value) ?? -ENOENT)
      if (param) parsing.seen?.(name, value, ret)
      if (!ret) continue
      err = ret
      this.#report(parsing.doing, name, this.#valueLeft(param, value), ret)
    }
    return { err, after_dashes: undefined }
  }

  /** As a write(2) to its file does: 0 or an error. */
  async param_attr_store(param: kernel_param, text: string): Promise<errno_t> {
    const end = text.indexOf('\0')
    return this.#set(param, end < 0 ? text : text.slice(0, end))
  }

  /** What its file shows, or an error. */
  param_attr_show(param: kernel_param): MaybePromise<string | errno_t> {
    if (!param.ops.get) return -EPERM
    return this.#show(param)
  }

  /** The module of these goes. */
  destroy_params(params: readonly kernel_param[]): void {
    for (const { ops, arg } of params) ops.free?.(arg)
  }

  #parse_one(param: kernel_param, value: string | null): MaybePromise<errno_t> {
    const flags = param.ops.flags ?? 0
    if (value === null && !(flags & KERNEL_PARAM_OPS_FL_NOARG)) return -EINVAL
    return this.#store(param, value)
  }

  async #set(param: kernel_param, value: string): Promise<errno_t> {
    if (!param.ops.set) return -EPERM
    return this.#store(param, value)
  }

  /** Caller has seen that there is a `set`, or takes the oops if there is none. */
  async #store(param: kernel_param, value: string | null): Promise<errno_t> {
    const { mod, ops } = param
    await this.locks.kernel_param_lock(mod)
    try {
      this.#param_check_unsafe(param)
      const { set } = ops as Required<typeof ops>
      return await set.call(ops, value, param)
    } finally {
      this.locks.kernel_param_unlock(mod)
    }
  }

  async #show(param: kernel_param): Promise<string | errno_t> {
    const buf = new Uint8Array(PAGE_SIZE)
    await this.locks.kernel_param_lock(param.mod)
    try {
      const n = (await param.ops.get?.(buf, param)) ?? -EPERM
      return n < 0 ? n : readText(buf, n)
    } finally {
      this.locks.kernel_param_unlock(param.mod)
    }
  }

  #param_check_unsafe({ name, flags }: kernel_param): void {
    if (!(flags & KERNEL_PARAM_FL_UNSAFE)) return
    const format = `${KERN_NOTICE}Setting dangerous option %s - tainting kernel\n`
    this.#log.printk(format, name)
    this.#taints.add_taint(TAINT_USER, { lockdepOk: true })
  }

  /** Arrays put an end where their first comma is, and never take it back. */
  #valueLeft(param: kernel_param | undefined, value: string | null): string {
    const isArray = param?.ops === (this.ops.param_array_ops as unknown)
    return (isArray ? value?.split(',')[0] : value) ?? ''
  }

  #report(doing: string, name: string, value: string, err: errno_t): void {
    if (err === -ENOENT) {
      this.#log.printk(`${KERN_ERR}%s: Unknown parameter \`%s'\n`, doing, name)
      return
    }
    const what = err === -ENOSPC ? 'too large' : 'invalid'
    const format = `${KERN_ERR}%s: \`%s' ${what} for parameter \`%s'\n`
    this.#log.printk(format, doing, value, name)
  }
}
