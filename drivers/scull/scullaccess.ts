// scullaccess: four devices like scull0, which differ in who may have them open at the same time.
// After Linux Device Drivers (3rd edition), chapter 6.
//
//   /dev/scullsingle   one at all: EBUSY for anybody else
//   /dev/sculluid      one user, as often as he likes: EBUSY for other users
//   /dev/scullwuid     the same, but other users wait until it is free
//   /dev/scullpriv     everybody, but each terminal has a memory of its own

import { capable, CAP_DAC_OVERRIDE } from '#linux/capability'
import { cdev } from '#linux/cdev'
import { current_euid, current_uid } from '#linux/cred'
import { EAGAIN, EBUSY, EINVAL } from '#linux/errno'
import { O_NONBLOCK } from '#linux/fcntl'
import type { file_operations } from '#linux/fs'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import { MODULE_PARM_DESC, module_param } from '#linux/moduleparam'
import { get_current_tty, tty_devnum, tty_kref_put } from '#linux/tty'
import type { dev_t, errno_t, ref, umode_t } from '#linux/types'
import {
  wait_event_interruptible,
  wait_queue_head,
  wake_up_interruptible,
} from '#linux/wait'
import { scull_dev, scull_memory_fops, scull_use } from './memory.ts'
import { scull_nodes } from './nodes.ts'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('memory that not everybody may open at once')

const capacity = module_param('capacity', 'int', 4096, 0o444)
MODULE_PARM_DESC('capacity', 'bytes each device can hold')

/** Which user has a device open, and how often. */
class tenancy {
  #owner = 0
  #opens = 0
  readonly queue = new wait_queue_head()

  /** root, and whoever took the user's identity on, may always come in. */
  is_available(): boolean {
    return (
      this.#opens === 0 ||
      this.#owner === current_uid() ||
      this.#owner === current_euid() ||
      capable(CAP_DAC_OVERRIDE)
    )
  }

  enter(): void {
    if (this.#opens++ === 0) this.#owner = current_uid()
  }

  leave(): 0 {
    if (--this.#opens === 0) wake_up_interruptible(this.queue)
    return 0
  }
}

const common: file_operations<scull_dev> = { ...scull_memory_fops, owner: THIS_MODULE }

const single = new scull_dev(capacity.value)
let single_taken = false
const single_fops: file_operations<scull_dev> = {
  ...common,
  open(_inode, filp) {
    if (single_taken) return -EBUSY
    single_taken = true
    return scull_use(filp, single)
  },
  release() {
    single_taken = false
    return 0
  },
}

const uid = new scull_dev(capacity.value)
const uid_tenancy = new tenancy()
const uid_fops: file_operations<scull_dev> = {
  ...common,
  open(_inode, filp) {
    if (!uid_tenancy.is_available()) return -EBUSY
    uid_tenancy.enter()
    return scull_use(filp, uid)
  },
  release: () => uid_tenancy.leave(),
}

const wuid = new scull_dev(capacity.value)
const wuid_tenancy = new tenancy()
const wuid_fops: file_operations<scull_dev> = {
  ...common,
  async open(_inode, filp) {
    while (!wuid_tenancy.is_available()) {
      if (filp.f_flags & O_NONBLOCK) return -EAGAIN
      const err = await wait_event_interruptible(wuid_tenancy.queue, () =>
        wuid_tenancy.is_available(),
      )
      if (err) return err
    }
    wuid_tenancy.enter()
    return scull_use(filp, wuid)
  },
  release: () => wuid_tenancy.leave(),
}

/** By the number of the terminal. They stay until the module goes, so that a terminal finds its own again. */
const copies = new Map<dev_t, scull_dev>()
const priv_fops: file_operations<scull_dev> = {
  ...common,
  open(_inode, filp) {
    const tty = get_current_tty()
    if (!tty) return -EINVAL // a process that has no terminal, such as a daemon
    const key = tty_devnum(tty)
    tty_kref_put(tty)
    const copy = copies.get(key) ?? new scull_dev(capacity.value)
    copies.set(key, copy)
    return scull_use(filp, copy)
  },
}

/** Everybody may open the nodes: the policies are to decide. */
function devnode(_dev: unknown, mode: ref<umode_t> | undefined): undefined {
  if (mode) mode.value = 0o666
}

const nodes = new scull_nodes('sculla')

function access_init(): errno_t {
  if (capacity.value < 1) return -EINVAL
  return nodes.register(
    'scullaccess',
    [
      { name: 'scullsingle', cdev: single.cdev, fops: single_fops },
      { name: 'sculluid', cdev: uid.cdev, fops: uid_fops },
      { name: 'scullwuid', cdev: wuid.cdev, fops: wuid_fops },
      { name: 'scullpriv', cdev: new cdev(), fops: priv_fops },
    ],
    devnode,
  )
}

function access_exit(): void {
  nodes.unregister()
}

module_init(access_init)
module_exit(access_exit)
