// message: a string in the kernel, set and read with ioctls.
//
// /dev/message shows what an ioctl can carry: a string, a number instead of a pointer, a struct, a
// struct with a pointer in it, and a struct that grows from version to version.

import { current } from '#linux/sched'
import { EFAULT, EINVAL, ENOTTY } from '#linux/errno'
import { compat_ptr_ioctl } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { _IOC_NR, _IOC_SIZE, _IOC_TYPE } from '#linux/ioctl'
import { u64_to_user_ptr } from '#linux/kernel'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import { cstring } from '#linux/string'
import { sizeof } from '#linux/struct'
import type { errno_t } from '#linux/types'
import {
  copy_from_user,
  copy_struct_from_user,
  copy_to_user,
  strncpy_from_user,
} from '#linux/uaccess'
import type { user_ptr } from '#linux/uaccess'
import {
  MESSAGE_IOCGET,
  MESSAGE_IOCGINFO,
  MESSAGE_IOCGPART,
  MESSAGE_IOCNTH,
  MESSAGE_IOCSET,
  MESSAGE_IOCSOPTIONS,
  message_info,
  message_options,
  message_part,
} from './message_ioctl.ts'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('a string to set and get with ioctls')

/** Bytes a message may have, its NUL included. */
const BUF_LEN = 80

const message = new Uint8Array(BUF_LEN)
const info = new message_info()

/** The message as it is shown, with its NUL. */
function shown(): Uint8Array {
  const bytes = message.slice(0, info.length + 1)
  if (!info.upper) return bytes
  return bytes.map(c => (c >= 0x61 && c <= 0x7a ? c - 0x20 : c))
}

function message_set(text: user_ptr): errno_t {
  const copy = new Uint8Array(BUF_LEN)
  const length = strncpy_from_user(copy, text, BUF_LEN)
  if (length < 0) return length
  if (length === BUF_LEN) return -EINVAL

  message.set(copy)
  info.length = length
  info.times++
  info.who = current.comm
  return 0
}

function message_nth(n: number): number {
  if (n < 0 || n >= info.length) return -EINVAL
  return shown()[n] ?? 0
}

function message_get_part(arg: user_ptr): errno_t {
  const part = new message_part()
  if (copy_from_user(part, arg, sizeof(part))) return -EFAULT
  if (part.offset > info.length) return -EINVAL

  const bytes = shown().subarray(part.offset, part.offset + part.size)
  const text = u64_to_user_ptr(part.text)
  if (copy_to_user(text, bytes, bytes.length)) return -EFAULT

  part.size = bytes.length
  return copy_to_user(arg, part, sizeof(part)) ? -EFAULT : 0
}

/** Programs that know more or fewer options have another size in their number. */
function message_set_options(arg: user_ptr, size: number): errno_t {
  const options = new message_options()
  const err = copy_struct_from_user(options, sizeof(options), arg, size)
  if (err) return err
  if (options.upper > 1) return -EINVAL

  info.upper = options.upper
  return 0
}

const is_options = (cmd: number): boolean =>
  _IOC_TYPE(cmd) === _IOC_TYPE(MESSAGE_IOCSOPTIONS) &&
  _IOC_NR(cmd) === _IOC_NR(MESSAGE_IOCSOPTIONS)

const message_fops: file_operations = {
  owner: THIS_MODULE,

  unlocked_ioctl(_filp, cmd, arg) {
    if (is_options(cmd)) return message_set_options(arg, _IOC_SIZE(cmd))

    switch (cmd) {
      case MESSAGE_IOCSET:
        return message_set(arg)
      case MESSAGE_IOCGET:
        return copy_to_user(arg, shown(), info.length + 1) ? -EFAULT : 0
      case MESSAGE_IOCNTH:
        return message_nth(arg.int)
      case MESSAGE_IOCGPART:
        return message_get_part(arg)
      case MESSAGE_IOCGINFO:
        return copy_to_user(arg, info, sizeof(info)) ? -EFAULT : 0
      default:
        return -ENOTTY
    }
  },

  compat_ioctl: compat_ptr_ioctl,
}

const message_dev: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'message',
  fops: message_fops,
  mode: 0o666,
}

function message_start(): errno_t {
  const text = cstring('empty')
  message.set(text)
  info.length = text.length - 1
  return misc_register(message_dev)
}

function message_stop(): void {
  misc_deregister(message_dev)
}

module_init(message_start)
module_exit(message_stop)
