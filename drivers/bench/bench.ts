// bench: a device that answers everything at once, to measure what a call costs, and one to wait at.
//
// /dev/bench: read(2) gives bytes of its memory, write(2) stores them there, one ioctl copies
// 4 KiB to the caller, another takes an int from it. /dev/bench-wait is in bench_wait.ts. bench/reference.c
// has the same devices in C, without the ioctl that takes an int.

import { EFAULT, ENOTTY } from '#linux/errno'
import type { file_operations } from '#linux/fs'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import {
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import { type errno_t, ref } from '#linux/types'
import { copy_from_user, copy_to_user, get_user } from '#linux/uaccess'
import type { user_ptr } from '#linux/uaccess'
import { BENCH_IOCGPAGE, BENCH_IOCSBYTE, PAGE } from './bench_ioctl.ts'
import { bench_wait_dev } from './bench_wait.ts'

MODULE_LICENSE('GPL')
MODULE_DESCRIPTION('answers at once, for measuring')

const SIZE = 1 << 20

const memory = new Uint8Array(SIZE).fill(0x61)

const bench_fops: file_operations = {
  owner: THIS_MODULE,
  read(_filp, buf, count) {
    const n = Math.min(count, SIZE)
    return copy_to_user(buf, memory, n) ? -EFAULT : n
  },

  write(_filp, buf, count) {
    const n = Math.min(count, SIZE)
    return copy_from_user(memory, buf, n) ? -EFAULT : n
  },

  unlocked_ioctl(_filp, cmd, arg) {
    if (cmd === BENCH_IOCGPAGE) return copy_to_user(arg, memory, PAGE) ? -EFAULT : 0
    return cmd === BENCH_IOCSBYTE ? set_byte(arg) : -ENOTTY
  },
}

function set_byte(arg: user_ptr): errno_t {
  const byte = ref(0)
  if (get_user(byte, arg, 'int')) return -EFAULT
  memory[0] = byte.value
  return 0
}

const bench_dev: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'bench',
  fops: bench_fops,
  mode: 0o666,
}

function bench_init(): errno_t {
  const err = misc_register(bench_dev)
  if (err) return err
  const wait_err = misc_register(bench_wait_dev)
  if (wait_err) misc_deregister(bench_dev)
  return wait_err
}

function bench_exit(): void {
  misc_deregister(bench_wait_dev)
  misc_deregister(bench_dev)
}

module_init(bench_init)
module_exit(bench_exit)
