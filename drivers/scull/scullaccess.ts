// scullaccess: four devices like scull0, which differ in who may have them open at the same time.
// After Linux Device Drivers (3rd edition), chapter 6.
//
//   /dev/scullsingle   one at all: EBUSY for anybody else
//   /dev/sculluid      one user, as often as he likes: EBUSY for other users
//   /dev/scullwuid     the same, but other users wait until it is free
//   /dev/scullpriv     everybody, but each terminal has a memory of its own

import { capable, CAP_DAC_OVERRIDE } from '#linux/capability'
import { cdev_add, cdev_del, cdev_init } from '#linux/cdev'
import { current_euid, current_uid } from '#linux/cred'
import { class_create, class_destroy, device_create, device_destroy } from '#linux/device'
import type { class as class_t } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { EAGAIN, EBUSY, EINVAL } from '#linux/errno'
import { O_NONBLOCK } from '#linux/fcntl'
import { alloc_chrdev_region, unregister_chrdev_region } from '#linux/fs'
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
import { ref } from '#linux/types'
import type { dev_t, errno_t, umode_t } from '#linux/types'
import {
  wait_event_interruptible,
  wait_queue_head,
  wake_up_interruptible,
} from '#linux/wait'
import { scull_dev, scull_memory_fops, scull_use } from './memory.ts'

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

interface access_device {
  readonly name: string
  readonly fops: file_operations<scull_dev>
  readonly dev: scull_dev
}

const devices: readonly access_device[] = [
  { name: 'scullsingle', fops: single_fops, dev: single },
  { name: 'sculluid', fops: uid_fops, dev: uid },
  { name: 'scullwuid', fops: wuid_fops, dev: wuid },
  { name: 'scullpriv', fops: priv_fops, dev: new scull_dev(capacity.value) },
]
const devno = ref(0)
let cls: class_t | undefined

/** Everybody may open the nodes: the policies are to decide. */
function devnode(_dev: unknown, mode: ref<umode_t> | undefined): undefined {
  if (mode) mode.value = 0o666
}

function access_setup(minor: number, { name, fops, dev }: access_device): errno_t {
  cdev_init(dev.cdev, fops)
  dev.cdev.owner = THIS_MODULE
  const err = cdev_add(dev.cdev, devno.value + minor, 1)
  if (err || !cls) return err
  const device = device_create(cls, undefined, devno.value + minor, null, name)
  return IS_ERR(device) ? device : 0
}

function access_init(): errno_t {
  if (capacity.value < 1) return -EINVAL
  const err = alloc_chrdev_region(devno, 0, devices.length, 'sculla')
  if (err) return err

  const made = class_create('scullaccess')
  if (IS_ERR<class_t>(made)) {
    access_exit()
    return made
  }
  cls = made
  cls.devnode = devnode
  for (const [minor, device] of devices.entries()) {
    const failed = access_setup(minor, device)
    if (!failed) continue
    access_exit()
    return failed
  }
  return 0
}

function access_exit(): void {
  for (const [minor, { dev }] of devices.entries()) {
    if (cls) device_destroy(cls, devno.value + minor)
    cdev_del(dev.cdev)
  }
  if (cls) class_destroy(cls)
  unregister_chrdev_region(devno.value, devices.length)
}

module_init(access_init)
module_exit(access_exit)
