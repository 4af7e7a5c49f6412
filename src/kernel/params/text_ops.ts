// How parameters are set and shown that are texts or arrays: those that have something to say in
// the log when a value does not fit. Linux: kernel/params.c.

import { EINVAL, ENOSPC } from '../../include/linux/errno.ts'
import type {
  kernel_param,
  kernel_param_ops,
  kparam_array,
  kparam_string,
  param_type,
} from '../../include/linux/kernel_param.ts'
import { KERN_ERR } from '../../include/linux/printk.ts'
import type { errno_t, ref } from '../../include/linux/types.ts'
import type { Printk } from '../printk.ts'
import { EXPORT_SYMBOL as standard } from './ops.ts'
import { byteLength, writeText } from './text.ts'

/** Bytes. */
const CHARP_MAX = 1024

type CharpParam = kernel_param<ref<string | null>>
type StringParam = kernel_param<kparam_string>
type ArrayParam = kernel_param<kparam_array>

export class ParamOps {
  static readonly EXPORT_SYMBOL = [
    'param_ops_charp',
    'param_set_charp',
    'param_get_charp',
    'param_free_charp',
    'param_ops_string',
    'param_set_copystring',
    'param_get_string',
    'param_array_ops',
  ] as const

  readonly param_ops_charp: kernel_param_ops<ref<string | null>> = {
    set: (val, kp) => this.param_set_charp(val, kp),
    get: (buf, kp) => this.param_get_charp(buf, kp),
    free: arg => this.param_free_charp(arg),
  }
  readonly param_ops_string: kernel_param_ops<kparam_string> = {
    set: (val, kp) => this.param_set_copystring(val, kp),
    get: (buf, kp) => this.param_get_string(buf, kp),
  }
  readonly param_array_ops: kernel_param_ops<kparam_array> = {
    set: (val, kp) => this.#setArray(val, kp),
    get: (buf, kp) => this.#getArray(buf, kp),
  }

  readonly #log: Printk

  constructor(log: Printk) {
    this.#log = log
  }

  /** The operations that a declaration names; none at all for a type that there is not. */
  of(ops: param_type | 'string' | 'array' | kernel_param_ops): kernel_param_ops {
    if (typeof ops === 'object') return ops
    if (ops === 'charp') return this.param_ops_charp as kernel_param_ops
    if (ops === 'string') return this.param_ops_string as kernel_param_ops
    if (ops === 'array') return this.param_array_ops as kernel_param_ops
    return (standard[`param_ops_${ops}`] as kernel_param_ops | undefined) ?? {}
  }

  param_set_charp(val: string | null, kp: CharpParam): errno_t {
    const text = val as string
    if (byteLength(text) > CHARP_MAX) {
      this.#log.printk(`${KERN_ERR}%s: string parameter too long\n`, kp.name)
      return -ENOSPC
    }
    kp.arg.value = text
    return 0
  }

  param_get_charp(buf: Uint8Array, kp: CharpParam): number {
    return writeText(buf, `${kp.arg.value ?? '(null)'}\n`)
  }

  /** The text goes with its variable; there is nothing to give back. */
  param_free_charp(_arg: ref<string | null>): void {}

  param_set_copystring(val: string | null, kp: StringParam): errno_t {
    const text = val as string
    const { maxlen, string } = kp.arg
    if (byteLength(text) + 1 > maxlen) {
      const format = `${KERN_ERR}%s: string doesn't fit in %u chars.\n`
      this.#log.printk(format, kp.name, maxlen - 1)
      return -ENOSPC
    }
    string.value = text
    return 0
  }

  param_get_string(buf: Uint8Array, kp: StringParam): number {
    return writeText(buf, `${kp.arg.string.value}\n`)
  }

  /** Elements before a bad one are set, and counted. */
  async #setArray(val: string | null, kp: ArrayParam): Promise<errno_t> {
    const { max, ops } = kp.arg
    const num = kp.arg.num ?? { value: 0 }
    num.value = 0
    for (const text of (val as string).split(',')) {
      if (num.value === max) {
        const format = `${KERN_ERR}%s: can only take %i arguments\n`
        this.#log.printk(format, kp.name, max)
        return -EINVAL
      }
      const element = this.#element(kp, num.value)
      const err = (await this.of(ops).set?.(text, element)) ?? -EINVAL
      if (err) return err
      num.value++
    }
    return 0
  }

  async #getArray(buf: Uint8Array, kp: ArrayParam): Promise<number> {
    const { max, num, ops } = kp.arg
    let at = 0
    for (let i = 0; i < (num ? num.value : max); i++) {
      // The newline of the element before becomes the comma.
      if (i > 0) buf[at - 1] = ','.charCodeAt(0)
      const element = this.#element(kp, i)
      const n = (await this.of(ops).get?.(buf.subarray(at), element)) ?? 0
      if (n < 0) return n
      at += n
    }
    return at
  }

  /** One element as a parameter: its variable is a place in the array. */
  #element(kp: ArrayParam, i: number): kernel_param {
    const { elem, ops } = kp.arg
    const arg: ref<unknown> = {
      get value() {
        return elem[i]
      },
      set value(value) {
        elem[i] = value
      },
    }
    return { ...kp, ops: this.of(ops), arg }
  }
}
