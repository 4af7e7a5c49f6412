// Parameters of modules. Implemented in kernel/params/. Linux: include/linux/moduleparam.h.
//
// In C a parameter is a variable and a macro that names it. Here the macro makes the variable:
// `const n = module_param('n', 'int', 4, 0o444)` and then `n.value`. The ones that C calls
// _named take a variable that is there already, made with ref().
import type { EXPORT_SYMBOL as standard_ops } from '../../kernel/params/ops.ts'
import type { ParamOps } from '../../kernel/params/text_ops.ts'
import type { ParamLocks } from '../../kernel/params/locks.ts'
import {
  KERNEL_PARAM_FL_UNSAFE,
  KERNEL_PARAM_OPS_FL_NOARG,
  type kernel_param,
  type kernel_param_ops,
  type kparam_array,
  type kparam_string,
  type param_definition,
  type param_type,
  type param_types,
} from './kernel_param.ts'
import { MODULE_INFO } from './module.ts'
import type { ref, umode_t } from './types.ts'

/** Types with 64 bits: a variable that starts as a bigint stays one. */
export type wide_param_type = 'long' | 'ulong' | 'ullong'

export { KERNEL_PARAM_FL_UNSAFE, KERNEL_PARAM_OPS_FL_NOARG }
export type { kernel_param, kernel_param_ops, kparam_array, kparam_string }
export type { param_definition, param_type, param_types }

function declare_param(
  { name, type, ops, arg }: Pick<param_definition, 'name' | 'type' | 'ops' | 'arg'>,
  perm: umode_t,
  flags = 0,
): void {
  if (type) MODULE_INFO('parmtype', `${name}:${type}`)
  __this_module.param({ name, type, ops, arg, perm, flags })
}

/**
 * A parameter `name`, set with `insmod x.ko name=value`; read it as `.value`. Until the
 * module's init runs it has the value given here.
 */
export function module_param(
  name: string,
  type: wide_param_type,
  value: bigint,
  perm: umode_t,
): ref<bigint>
export function module_param<T extends param_type>(
  name: string,
  type: T,
  value: param_types[T],
  perm: umode_t,
): ref<param_types[T]>
export function module_param(
  name: string,
  type: param_type,
  value: unknown,
  perm: umode_t,
): ref<unknown> {
  const arg = { value }
  declare_param({ name, type, ops: type, arg }, perm)
  return arg
}

/** A parameter `name` for a variable that is called something else. */
export function module_param_named<T extends param_type>(
  name: string,
  variable: ref<param_types[T]> | (T extends wide_param_type ? ref<bigint> : never),
  type: T,
  perm: umode_t,
): void {
  declare_param({ name, type, ops: type, arg: variable }, perm)
}

/** A parameter that taints the kernel when it is set, from whatever side. */
export function module_param_unsafe<T extends param_type>(
  name: string,
  type: T,
  value: param_types[T],
  perm: umode_t,
): ref<param_types[T]> {
  const arg = { value }
  declare_param({ name, type, ops: type, arg }, perm, KERNEL_PARAM_FL_UNSAFE)
  return arg
}

/** module_param_named() and module_param_unsafe() in one. */
export function module_param_named_unsafe<T extends param_type>(
  name: string,
  variable: ref<param_types[T]>,
  type: T,
  perm: umode_t,
): void {
  declare_param({ name, type, ops: type, arg: variable }, perm, KERNEL_PARAM_FL_UNSAFE)
}

/** A text of at most `len - 1` bytes, as in `char name[len]`; read it as `.value`. */
export function module_param_string(
  name: string,
  value: string,
  len: number,
  perm: umode_t,
): ref<string> {
  const string = { value }
  const arg: kparam_string = { maxlen: len, string }
  declare_param({ name, type: 'string', ops: 'string', arg }, perm)
  return string
}

/**
 * A parameter of several values, `name=1,2,3`: as many as `values` has. Read them from the array
 * that comes back, which is `values` itself. `num` says how many are in use, and learns how
 * many were given; with null the file in /sys always shows all.
 */
export function module_param_array<T extends param_type>(
  name: string,
  type: T,
  values: param_types[T][],
  num: ref<number> | null,
  perm: umode_t,
): param_types[T][] {
  module_param_array_named(name, values, type, num, perm)
  return values
}

/** As module_param_array(), for an array that is called something else. */
export function module_param_array_named<T extends param_type>(
  name: string,
  array: param_types[T][],
  type: T,
  num: ref<number> | null,
  perm: umode_t,
): void {
  const arg: kparam_array = { max: array.length, num, ops: type, elem: array }
  declare_param({ name, type: `array of ${type}`, ops: 'array', arg }, perm)
}

/** A parameter with operations of its own; `arg` is theirs, as `kp.arg`. */
export function module_param_cb<T>(
  name: string,
  ops: kernel_param_ops<T>,
  arg: T,
  perm: umode_t,
): void {
  declare_param({ name, type: '', ops: ops as kernel_param_ops, arg }, perm)
}

/** As module_param_cb(); setting it taints the kernel. */
export function module_param_cb_unsafe<T>(
  name: string,
  ops: kernel_param_ops<T>,
  arg: T,
  perm: umode_t,
): void {
  const type = ''
  declare_param(
    { name, type, ops: ops as kernel_param_ops, arg },
    perm,
    KERNEL_PARAM_FL_UNSAFE,
  )
}

/** What modinfo says about parameter `name`. */
export function MODULE_PARM_DESC(name: string, description: string): void {
  MODULE_INFO('parm', `${name}:${description}`)
}

// What the types above are made of, for operations of a driver's own: `set: param_set_int`. Each
// `param_set_` answers 0, -EINVAL or -ERANGE; each `param_get_` the length of what it wrote.

type Standard = typeof standard_ops

export declare const param_ops_byte: Standard['param_ops_byte']
export declare const param_set_byte: Standard['param_set_byte']
export declare const param_get_byte: Standard['param_get_byte']
export declare const param_ops_short: Standard['param_ops_short']
export declare const param_set_short: Standard['param_set_short']
export declare const param_get_short: Standard['param_get_short']
export declare const param_ops_ushort: Standard['param_ops_ushort']
export declare const param_set_ushort: Standard['param_set_ushort']
export declare const param_get_ushort: Standard['param_get_ushort']
export declare const param_ops_int: Standard['param_ops_int']
export declare const param_set_int: Standard['param_set_int']
export declare const param_get_int: Standard['param_get_int']
export declare const param_ops_uint: Standard['param_ops_uint']
export declare const param_set_uint: Standard['param_set_uint']
export declare const param_get_uint: Standard['param_get_uint']
/** As param_set_uint(); -EINVAL below `min` and above `max`. */
export declare const param_set_uint_minmax: Standard['param_set_uint_minmax']
export declare const param_ops_long: Standard['param_ops_long']
export declare const param_set_long: Standard['param_set_long']
export declare const param_get_long: Standard['param_get_long']
export declare const param_ops_ulong: Standard['param_ops_ulong']
export declare const param_set_ulong: Standard['param_set_ulong']
export declare const param_get_ulong: Standard['param_get_ulong']
export declare const param_ops_ullong: Standard['param_ops_ullong']
export declare const param_set_ullong: Standard['param_set_ullong']
export declare const param_get_ullong: Standard['param_get_ullong']
export declare const param_ops_hexint: Standard['param_ops_hexint']
export declare const param_set_hexint: Standard['param_set_hexint']
export declare const param_get_hexint: Standard['param_get_hexint']
export declare const param_ops_bool: Standard['param_ops_bool']
export declare const param_set_bool: Standard['param_set_bool']
export declare const param_get_bool: Standard['param_get_bool']
/** A bool that can be switched on, and then stays on: -EROFS. */
export declare const param_ops_bool_enable_only: Standard['param_ops_bool_enable_only']
export declare const param_set_bool_enable_only: Standard['param_set_bool_enable_only']
export declare const param_ops_invbool: Standard['param_ops_invbool']
export declare const param_set_invbool: Standard['param_set_invbool']
export declare const param_get_invbool: Standard['param_get_invbool']
export declare const param_ops_bint: Standard['param_ops_bint']
export declare const param_set_bint: Standard['param_set_bint']

export declare const param_ops_charp: ParamOps['param_ops_charp']
/** Text of at most 1024 bytes; -ENOSPC for more. */
export declare const param_set_charp: ParamOps['param_set_charp']
export declare const param_get_charp: ParamOps['param_get_charp']
export declare const param_free_charp: ParamOps['param_free_charp']
export declare const param_ops_string: ParamOps['param_ops_string']
/** Text for a kparam_string; -ENOSPC if it does not fit. */
export declare const param_set_copystring: ParamOps['param_set_copystring']
export declare const param_get_string: ParamOps['param_get_string']
/** For a kparam_array. */
export declare const param_array_ops: ParamOps['param_array_ops']

/** While this is held, nobody sets or shows the parameters of `mod`; `await` it. */
export declare const kernel_param_lock: ParamLocks['kernel_param_lock']
export declare const kernel_param_unlock: ParamLocks['kernel_param_unlock']
