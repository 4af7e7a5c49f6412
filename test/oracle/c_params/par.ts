// par: parameters of every type.
import { ERANGE } from '#linux/errno'
import { scnprintf } from '#linux/kernel'
import { kstrtoint } from '#linux/kstrtox'
import {
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  module_exit,
  module_init,
} from '#linux/module'
import {
  KERNEL_PARAM_OPS_FL_NOARG,
  MODULE_PARM_DESC,
  module_param,
  module_param_array,
  module_param_cb,
  module_param_named,
  module_param_string,
  module_param_unsafe,
  param_get_int,
} from '#linux/moduleparam'
import type { kernel_param, kernel_param_ops } from '#linux/moduleparam'
import { pr_info } from '#linux/printk'
import { ref } from '#linux/types'

const p_byte = module_param('p_byte', 'byte', 1, 0o644)
MODULE_PARM_DESC('p_byte', 'a byte')
const p_short = module_param('p_short', 'short', -2, 0o644)
MODULE_PARM_DESC('p_short', 'a short')
const p_ushort = module_param('p_ushort', 'ushort', 3, 0o644)
const p_int = module_param('p_int', 'int', -4, 0o644)
MODULE_PARM_DESC('p_int', 'an int (default -4)')
const p_uint = module_param('p_uint', 'uint', 5, 0o644)
const p_long = module_param('p_long', 'long', -6, 0o644)
const p_ulong = module_param('p_ulong', 'ulong', 7, 0o644)
const p_ullong = module_param('p_ullong', 'ullong', 8, 0o644)
const p_hexint = module_param('p_hexint', 'hexint', 0xff, 0o644)
const p_charp = module_param('p_charp', 'charp', 'default', 0o644)
MODULE_PARM_DESC('p_charp', 'a string')
const p_charpnull = module_param('p_charpnull', 'charp', null, 0o644)
const p_bool = module_param('p_bool', 'bool', false, 0o644)
const p_invbool = module_param('p_invbool', 'invbool', false, 0o644)
const p_bint = module_param('p_bint', 'bint', 0, 0o644)
const p_arr_n = ref(2)
const p_arr = module_param_array('p_arr', 'int', [1, 2, 3, 4], p_arr_n, 0o644)
MODULE_PARM_DESC('p_arr', 'up to 4 ints')
module_param_array('p_arr2', 'short', [0, 0, 0], null, 0o444)
const p_strs_n = ref(0)
const p_strs = module_param_array('p_strs', 'charp', [null, null, null], p_strs_n, 0o644)
const p_str = module_param_string('p_str', 'abc', 8, 0o644)
const p_hidden = module_param('p_hidden', 'int', 9, 0)
const p_ro = module_param('p_ro', 'int', 10, 0o444)
module_param('p_root', 'int', 11, 0o600)
const inner = ref(12)
module_param_named('p_alias', inner, 'int', 0o444)
module_param_unsafe('p_unsafe', 'int', 0, 0o644)

type IntParam = kernel_param<ref<number>>

const cbv = ref(13)
function cb_set(val: string | null, kp: IntParam): number {
  const v = ref(0)
  const r = kstrtoint(val, 10, v)
  pr_info('par: cb_set("%s") name=%s kstrtoint=%d\n', val, kp.name, r)
  if (r) return r
  if (v.value < 0 || v.value > 100) return -ERANGE
  kp.arg.value = v.value
  return 0
}
function cb_get(buf: Uint8Array, kp: IntParam): number {
  return scnprintf(buf, buf.length, 'cb:%d\n', kp.arg.value)
}
const cb_ops: kernel_param_ops<ref<number>> = { set: cb_set, get: cb_get }
module_param_cb('p_cb', cb_ops, cbv, 0o644)
MODULE_PARM_DESC('p_cb', '0..100, checked by a callback')

const noargv = ref(0)
const na_ops: kernel_param_ops<ref<number>> = {
  flags: KERNEL_PARAM_OPS_FL_NOARG,
  set(val, _kp) {
    pr_info('par: na_set(%s)\n', val ?? 'NULL')
    noargv.value = 1
    return 0
  },
  get: param_get_int,
}
module_param_cb('p_noarg', na_ops, noargv, 0o644)
const go_ops: kernel_param_ops<ref<number>> = { get: cb_get }
module_param_cb('p_getonly', go_ops, cbv, 0o644)
const so_ops: kernel_param_ops<ref<number>> = { set: cb_set }
module_param_cb('p_setonly', so_ops, cbv, 0o200)
const verbose = module_param('verbose', 'bool', true, 0)

function par_init(): number {
  if (!verbose.value) {
    pr_info('par: init\n')
    return 0
  }
  pr_info(
    'par: byte=%d short=%d ushort=%d int=%d uint=%u long=%ld ulong=%lu ullong=%llu hexint=%#x\n',
    p_byte.value,
    p_short.value,
    p_ushort.value,
    p_int.value,
    p_uint.value,
    p_long.value,
    p_ulong.value,
    p_ullong.value,
    p_hexint.value,
  )
  pr_info(
    'par: charp=[%s] null=[%s] bool=%d invbool=%d bint=%d str=[%s] cb=%d hidden=%d ro=%d\n',
    p_charp.value,
    p_charpnull.value,
    p_bool.value,
    p_invbool.value,
    p_bint.value,
    p_str.value,
    cbv.value,
    p_hidden.value,
    p_ro.value,
  )
  pr_info(
    'par: arr n=%d %d,%d,%d,%d strs n=%d [%s] [%s] [%s]\n',
    p_arr_n.value,
    ...p_arr,
    p_strs_n.value,
    ...p_strs,
  )
  return 0
}
function par_exit(): void {
  pr_info('par: exit int=%d charp=[%s]\n', p_int.value, p_charp.value)
}
module_init(par_init)
module_exit(par_exit)
MODULE_LICENSE('GPL')
MODULE_DESCRIPTION('parameters of every type')
