// echo: a misc device that says who wrote what. `echo hello > /dev/echo; cat /dev/echo` prints
// "0: hello", with the user id of the writer in front. Everybody may write.

import { current_uid } from '#linux/cred'
import { EFAULT, EINVAL } from '#linux/errno'
import { no_llseek, simple_read_from_buffer } from '#linux/fs'
import type { file_operations } from '#linux/fs'
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
import { copy_from_user } from '#linux/uaccess'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('a misc device that repeats what it is told, and says by whom')

/** A message has this many bytes at most. */
const MESSAGE_MAX = 256

let said = new Uint8Array(0)

const echo_fops: file_operations = {
  owner: THIS_MODULE,
  llseek: no_llseek,

  read: (_filp, buf, count, pos) =>
    simple_read_from_buffer(buf, count, pos, said, said.length),

  write(_filp, buf, count) {
    if (count > MESSAGE_MAX) return -EINVAL
    const message = new Uint8Array(count)
    if (copy_from_user(message, buf, count)) return -EFAULT
    const who = cstring(`${current_uid()}: `).slice(0, -1)
    said = Uint8Array.of(...who, ...message)
    return count
  },
}

const echo_dev: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'echo',
  fops: echo_fops,
  mode: 0o666,
}

module_init(() => misc_register(echo_dev))
module_exit(() => {
  misc_deregister(echo_dev)
})
