// How each type of parameter is set and shown: numbers and truth values. Linux: kernel/params.c.

import { EINVAL, EROFS } from '../../include/linux/errno.ts'
import {
  KERNEL_PARAM_OPS_FL_NOARG,
  type kernel_param,
  type kernel_param_ops,
} from '../../include/linux/kernel_param.ts'
import type { errno_t, ref } from '../../include/linux/types.ts'
import * as kstrtox from '../../lib/kstrtox.ts'
import { writeText } from './text.ts'

type Text = string | null
/** A number of 32 bits or less; wider ones may be bigints. */
type IntParam = kernel_param<ref<number>>
type WideParam = kernel_param<ref<number | bigint>>
type BoolParam = kernel_param<ref<boolean>>

interface IntOps<T> {
  set: (val: Text, kp: kernel_param<T>) => errno_t
  get: (buf: Uint8Array, kp: kernel_param<T>) => number
}

const shown = (buf: Uint8Array, kp: WideParam | IntParam): number =>
  writeText(buf, `${kp.arg.value}\n`)

function integer(parse: typeof kstrtox.kstrtoint): IntOps<ref<number>> {
  return { set: (val, kp) => parse(val, 0, kp.arg), get: shown }
}

function wide(parse: typeof kstrtox.kstrtoll): IntOps<ref<number | bigint>> {
  return { set: (val, kp) => parse(val, 0, kp.arg), get: shown }
}

const byte = integer(kstrtox.kstrtou8)
const short = integer(kstrtox.kstrtos16)
const ushort = integer(kstrtox.kstrtou16)
const int = integer(kstrtox.kstrtoint)
const uint = integer(kstrtox.kstrtouint)
const long = wide(kstrtox.kstrtol)
const ulong = wide(kstrtox.kstrtoul)
const ullong = wide(kstrtox.kstrtoull)
/** "0x0000ff": eight characters at least, the prefix among them. */
const hexint: IntOps<ref<number>> = {
  set: uint.set,
  get(buf, kp) {
    const digits = (kp.arg.value >>> 0).toString(16)
    return writeText(buf, `0x${digits.padStart(6, '0')}\n`)
  },
}

function param_set_uint_minmax(
  val: Text,
  kp: IntParam,
  min: number,
  max: number,
): errno_t {
  const num = { value: 0 }
  const err = kstrtox.kstrtouint(val, 0, num)
  if (err) return err
  if (num.value < min || num.value > max) return -EINVAL
  kp.arg.value = num.value
  return 0
}

/** The bare name means yes. */
function param_set_bool(val: Text, kp: BoolParam): errno_t {
  return kstrtox.kstrtobool(val ?? '1', kp.arg)
}

function param_get_bool(buf: Uint8Array, kp: BoolParam): number {
  return writeText(buf, kp.arg.value ? 'Y\n' : 'N\n')
}

function param_set_bool_enable_only(val: Text, kp: BoolParam): errno_t {
  const wanted = { value: false }
  const err = kstrtox.kstrtobool(val ?? '1', wanted)
  if (err) return err
  if (!wanted.value && kp.arg.value) return -EROFS
  kp.arg.value ||= wanted.value
  return 0
}

/** The variable holds the opposite of what is written and shown. */
function param_set_invbool(val: Text, kp: BoolParam): errno_t {
  const given = { value: false }
  const err = kstrtox.kstrtobool(val ?? '1', given)
  if (!err) kp.arg.value = !given.value
  return err
}

function param_get_invbool(buf: Uint8Array, kp: BoolParam): number {
  return writeText(buf, kp.arg.value ? 'N\n' : 'Y\n')
}

/** Written as a bool, kept and shown as an int. */
function param_set_bint(val: Text, kp: IntParam): errno_t {
  const given = { value: false }
  const err = kstrtox.kstrtobool(val ?? '1', given)
  if (!err) kp.arg.value = given.value ? 1 : 0
  return err
}

const flags = KERNEL_PARAM_OPS_FL_NOARG
type IntegerOps = kernel_param_ops<ref<number>>
type WideOps = kernel_param_ops<ref<number | bigint>>
type BoolOps = kernel_param_ops<ref<boolean>>

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  param_ops_byte: byte as IntegerOps,
  param_set_byte: byte.set,
  param_get_byte: byte.get,
  param_ops_short: short as IntegerOps,
  param_set_short: short.set,
  param_get_short: short.get,
  param_ops_ushort: ushort as IntegerOps,
  param_set_ushort: ushort.set,
  param_get_ushort: ushort.get,
  param_ops_int: int as IntegerOps,
  param_set_int: int.set,
  param_get_int: int.get,
  param_ops_uint: uint as IntegerOps,
  param_set_uint: uint.set,
  param_get_uint: uint.get,
  param_set_uint_minmax,
  param_ops_long: long as WideOps,
  param_set_long: long.set,
  param_get_long: long.get,
  param_ops_ulong: ulong as WideOps,
  param_set_ulong: ulong.set,
  param_get_ulong: ulong.get,
  param_ops_ullong: ullong as WideOps,
  param_set_ullong: ullong.set,
  param_get_ullong: ullong.get,
  param_ops_hexint: hexint as IntegerOps,
  param_set_hexint: hexint.set,
  param_get_hexint: hexint.get,
  param_ops_bool: { flags, set: param_set_bool, get: param_get_bool } as BoolOps,
  param_set_bool,
  param_get_bool,
  param_ops_bool_enable_only: {
    flags,
    set: param_set_bool_enable_only,
    get: param_get_bool,
  } as BoolOps,
  param_set_bool_enable_only,
  param_ops_invbool: { set: param_set_invbool, get: param_get_invbool } as BoolOps,
  param_set_invbool,
  param_get_invbool,
  param_ops_bint: { flags, set: param_set_bint, get: int.get } as IntegerOps,
  param_set_bint,
}
