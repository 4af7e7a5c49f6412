// gauges: variables of every kind to look at and set in /sys/kernel/debug/gauges.
//
//     cat level; echo 0x20 > mask; cat pressure; cat registers

import {
  DEFINE_DEBUGFS_ATTRIBUTE,
  DEFINE_DEBUGFS_ATTRIBUTE_SIGNED,
  debugfs_create_atomic_t,
  debugfs_create_blob,
  debugfs_create_bool,
  debugfs_create_dir,
  debugfs_create_file,
  debugfs_create_regset32,
  debugfs_create_size_t,
  debugfs_create_symlink,
  debugfs_create_u16,
  debugfs_create_u32,
  debugfs_create_u32_array,
  debugfs_create_u64,
  debugfs_create_u8,
  debugfs_create_ulong,
  debugfs_create_x16,
  debugfs_create_x32,
  debugfs_create_x64,
  debugfs_create_x8,
  debugfs_remove,
} from '#linux/debugfs'
import type { debugfs_regset32, dentry } from '#linux/debugfs'
import { EBUSY } from '#linux/errno'
import { simple_open, simple_read_from_buffer } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import { cstring } from '#linux/string'
import { ref } from '#linux/types'
import type { errno_t } from '#linux/types'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('Variables of every kind in debugfs')

let dir: dentry | errno_t = 0
let pressure = 1013n
let warmth = -5n

// A number with functions of its own: what it is below zero is refused.
const pressure_fops = DEFINE_DEBUGFS_ATTRIBUTE(
  (_data, val) => {
    val.value = pressure
    return 0
  },
  (_data, val) => {
    if (val > 2000n) return -EBUSY
    pressure = val
    return 0
  },
  '%llu\n',
)

const warmth_fops = DEFINE_DEBUGFS_ATTRIBUTE_SIGNED<null>(
  (_data, val) => {
    val.value = warmth
    return 0
  },
  (_data, val) => {
    warmth = val
    return 0
  },
  '%lld\n',
)

// A file of the driver's own: private_data is what the file was made with.
const plate_fops: file_operations<Uint8Array> = {
  owner: THIS_MODULE,
  open: simple_open,
  read: ({ private_data: text }, buf, count, pos) =>
    simple_read_from_buffer(buf, count, pos, text, text.length - 1),
}

const registers: debugfs_regset32 = {
  regs: [
    { name: 'CONTROL', offset: 0 },
    { name: 'STATUS', offset: 4 },
  ],
  nregs: 2,
  base: new Uint8Array([1, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde]),
}

function gauges_init(): errno_t {
  dir = debugfs_create_dir('gauges', null)
  debugfs_create_u8('level', 0o644, dir, ref(8))
  debugfs_create_u16('u16', 0o644, dir, ref(16))
  debugfs_create_u32('u32', 0o644, dir, ref(32))
  debugfs_create_u64('u64', 0o644, dir, ref(2n ** 64n - 1n))
  debugfs_create_ulong('ulong', 0o644, dir, ref(5))
  debugfs_create_size_t('size', 0o644, dir, ref(6))
  debugfs_create_x8('mask', 0o644, dir, ref(8))
  debugfs_create_x16('x16', 0o644, dir, ref(0x16))
  debugfs_create_x32('x32', 0o444, dir, ref(0x32))
  debugfs_create_x64('x64', 0o644, dir, ref(0x64))
  debugfs_create_atomic_t('count', 0o644, dir, { counter: -3 })
  debugfs_create_bool('on', 0o644, dir, ref(true))
  debugfs_create_u32_array('history', 0o444, dir, {
    array: new Uint32Array([1, 2, 30, 4]),
    n_elements: 4,
  })
  debugfs_create_blob('raw', 0o644, dir, { data: cstring('raw bytes'), size: 9 })
  debugfs_create_regset32('registers', 0o444, dir, registers)
  debugfs_create_file('pressure', 0o644, dir, null, pressure_fops)
  debugfs_create_file('warmth', 0o644, dir, null, warmth_fops)
  debugfs_create_file('plate', 0o444, dir, cstring('made by hand\n'), plate_fops)
  debugfs_create_symlink('newest', dir, 'history')
  return 0
}

function gauges_exit(): void {
  debugfs_remove(dir)
}

module_init(gauges_init)
module_exit(gauges_exit)
