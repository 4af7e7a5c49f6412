// A driver that makes descriptors, for tests of who gets them.

/** ioctls of /dev/giver: 1 answers with one, 2 puts it at an address, 3 sleeps until somebody writes. */
export const GIVER = `
import { anon_inode_getfd, anon_inode_getfile } from '#linux/anon_inodes'
import { EFAULT, ENOTTY } from '#linux/errno'
import { IS_ERR } from '#linux/err'
import { fd_install, fput, get_unused_fd_flags, put_unused_fd } from '#linux/file'
import { O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_RDWR } from '#linux/fcntl'
import type { file_operations } from '#linux/fs'
import { _IO, _IOR } from '#linux/ioctl'
import { type miscdevice, MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { EPOLLIN } from '#linux/poll'
import { pr_info } from '#linux/printk'
import { copy_from_user, copy_to_user } from '#linux/uaccess'
import type { user_ptr } from '#linux/uaccess'
import { wait_event, wait_queue_head, wake_up } from '#linux/wait'

MODULE_LICENSE('GPL')

const counter: file_operations = {
  owner: THIS_MODULE,
  read(filp, buf, count) {
    if (count < 1) return 0
    return copy_to_user(buf, filp.private_data, 1) ? -EFAULT : 1
  },
  write(filp, buf, count) {
    return copy_from_user(filp.private_data, buf, 1) ? -EFAULT : count
  },
  unlocked_ioctl: (filp, cmd) => (cmd === _IO('g', 9) ? filp.private_data[0] : -ENOTTY),
  poll: () => EPOLLIN,
  release(_inode, filp) {
    pr_info('%s is released at %c\\n', filp.f_path, filp.private_data[0])
    return 0
  },
}

const letter = (c: string) => Uint8Array.of(c.charCodeAt(0))

function give(arg: user_ptr) {
  const fd = get_unused_fd_flags(O_CLOEXEC)
  if (fd < 0) return fd
  const filp = anon_inode_getfile('[letter]', counter, letter('x'), O_RDONLY | O_NONBLOCK)
  if (IS_ERR(filp)) {
    put_unused_fd(fd)
    return filp
  }
  if (copy_to_user(arg, new Int32Array([fd]), 4)) {
    fput(filp)
    put_unused_fd(fd)
    return -EFAULT
  }
  fd_install(fd, filp)
  return 0
}

const waiting = new wait_queue_head()
let tickets = 0

async function giveLater() {
  await wait_event(waiting, () => tickets > 0)
  tickets--
  return anon_inode_getfd('[late]', counter, letter('l'), O_RDONLY)
}

const fops: file_operations = {
  owner: THIS_MODULE,
  write(_filp, _buf, count) {
    tickets++
    wake_up(waiting)
    return count
  },
  unlocked_ioctl(_filp, cmd, arg) {
    switch (cmd) {
      case _IO('g', 1):
        return anon_inode_getfd('[letter]', counter, letter('a'), O_RDWR)
      case _IOR('g', 2, 'int'):
        return give(arg)
      case _IO('g', 3):
        return giveLater()
      default:
        return -ENOTTY
    }
  },
}

const dev: miscdevice = { minor: MISC_DYNAMIC_MINOR, name: 'giver', fops, mode: 0o666 }
module_init(() => misc_register(dev))
module_exit(() => misc_deregister(dev))
`
