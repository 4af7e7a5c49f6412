// A parameter of a module, as the kernel and operations of a driver's own see it. Linux:
// include/linux/moduleparam.h, whose macros are in moduleparam.ts.
import type { module } from './module.ts'
import type { errno_t, MaybePromise, ref, umode_t } from './types.ts'

/** The value behind each type of parameter. */
export interface param_types {
  byte: number
  short: number
  ushort: number
  int: number
  uint: number
  long: number
  ulong: number
  ullong: number
  hexint: number
  charp: string | null
  bool: boolean
  bint: number
  invbool: boolean
}

export type param_type = keyof param_types

/** The option may be given without a value: `set` gets null. */
export const KERNEL_PARAM_OPS_FL_NOARG = 1
/** Setting it taints the kernel. */
export const KERNEL_PARAM_FL_UNSAFE = 1

/** How a parameter of a driver's own making is read and written. */
export interface kernel_param_ops<T = unknown> {
  /** KERNEL_PARAM_OPS_FL_*. */
  flags?: number
  /** `val` is null only with KERNEL_PARAM_OPS_FL_NOARG. 0 or an error. */
  set?(val: string | null, kp: kernel_param<T>): MaybePromise<errno_t>
  /** Fill `buf`, a page; how many bytes, with the newline, or an error. */
  get?(buf: Uint8Array, kp: kernel_param<T>): MaybePromise<number>
  /** The module goes, or could not come. */
  free?(arg: T): void
}

/** One parameter, as `set` and `get` see it. */
export interface kernel_param<T = unknown> {
  readonly name: string
  readonly mod: module | undefined
  readonly ops: kernel_param_ops<T>
  readonly perm: umode_t
  /** KERNEL_PARAM_FL_*. */
  readonly flags: number
  /** What the parameter was made with: for the types above, a ref. */
  readonly arg: T
}

/** What `arg` is for a parameter that is a string of limited length. */
export interface kparam_string {
  /** In bytes, with the NUL that C puts at the end. */
  readonly maxlen: number
  readonly string: ref<string>
}

/** What `arg` is for a parameter that is an array. */
export interface kparam_array {
  readonly max: number
  /** How many elements are in use; null for all of them. */
  readonly num: ref<number> | null
  readonly ops: param_type | kernel_param_ops
  readonly elem: unknown[]
}

/** @internal What the macros tell the loader. */
export interface param_definition {
  name: string
  /** As modinfo shows it; empty for a parameter with operations of its own. */
  type: string
  /** How it is set and shown: a type's way, or one's own. */
  ops: param_type | 'string' | 'array' | kernel_param_ops
  arg: unknown
  /** Mode of the file in /sys/module/<name>/parameters; 0 for no file. */
  perm: umode_t
  flags: number
}
