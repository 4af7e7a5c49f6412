// /dev/null, zero, full, random, urandom and kmsg: major 1, a minor each.
//
// Built into the kernel, and yet written like any other driver.

import { cdev, cdev_add, cdev_init } from '#linux/cdev'
import { class_create, device_create } from '#linux/device'
import type { class as class_t } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { EFAULT, ENOSPC, ENXIO } from '#linux/errno'
import { iminor, register_chrdev_region } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { MINOR, MKDEV } from '#linux/kdev_t'
import { shmem_zero_setup, VM_SHARED, vma_set_anonymous } from '#linux/mm'
import { MODULE_DESCRIPTION, MODULE_LICENSE, module_init } from '#linux/module'
import { kmsg_fops } from '#linux/printk'
import { get_random_bytes } from '#linux/random'
import type { errno_t } from '#linux/types'
import { clear_user, copy_to_user } from '#linux/uaccess'

MODULE_LICENSE('GPL')
MODULE_DESCRIPTION('memory devices')

const MEM_MAJOR = 1
const CHUNK = 4096

/** Devices one can seek in, and nothing comes of it. */
const null_lseek: NonNullable<file_operations['llseek']> = filp => (filp.f_pos = 0)

const null_fops: file_operations = {
  llseek: null_lseek,
  read: () => 0,
  write: (_filp, _buf, count) => count,
}

const read_zero: NonNullable<file_operations['read']> = (_filp, buf, count) => {
  const left = clear_user(buf, count)
  return left === count && count > 0 ? -EFAULT : count - left
}

/** Zeros of its own for each mapping, whether its children share them or not. */
const mmap_zero: NonNullable<file_operations['mmap']> = (_filp, vma) => {
  if (vma.vm_flags & VM_SHARED) return shmem_zero_setup(vma)
  vma_set_anonymous(vma)
  return 0
}

const zero_fops: file_operations = {
  llseek: null_lseek,
  mmap: mmap_zero,
  read: read_zero,
  write: (_filp, _buf, count) => count,
}

const full_fops: file_operations = {
  llseek: null_lseek,
  read: read_zero,
  write: () => -ENOSPC,
}

const random_fops: file_operations = {
  llseek: filp => filp.f_pos,
  read(_filp, buf, count) {
    const chunk = new Uint8Array(Math.min(count, CHUNK))
    for (let done = 0; done < count;) {
      const n = Math.min(CHUNK, count - done)
      get_random_bytes(chunk, n)
      if (copy_to_user(buf.plus(done), chunk, n)) return done || -EFAULT
      done += n
    }
    return count
  },
  // What users add to the pool is taken and not needed.
  write: (_filp, _buf, count) => count,
}

interface memdev {
  name: string
  mode: number
  fops: () => file_operations
}

const devlist: Record<number, memdev> = {
  3: { name: 'null', mode: 0o666, fops: () => null_fops },
  5: { name: 'zero', mode: 0o666, fops: () => zero_fops },
  7: { name: 'full', mode: 0o666, fops: () => full_fops },
  8: { name: 'random', mode: 0o666, fops: () => random_fops },
  9: { name: 'urandom', mode: 0o666, fops: () => random_fops },
  11: { name: 'kmsg', mode: 0o644, fops: () => kmsg_fops },
}

const memory_fops: file_operations = {
  open(inode, filp) {
    const dev = devlist[iminor(inode)]
    if (!dev) return -ENXIO
    filp.f_op = dev.fops()
    return filp.f_op.open?.(inode, filp) ?? 0
  },
}

const mem_cdev = new cdev()

function chr_dev_init(): errno_t {
  let err = register_chrdev_region(MKDEV(MEM_MAJOR, 0), 256, 'mem')
  if (err) return err
  cdev_init(mem_cdev, memory_fops)
  err = cdev_add(mem_cdev, MKDEV(MEM_MAJOR, 0), 256)
  if (err) return err

  const mem_class = class_create('mem')
  if (IS_ERR<class_t>(mem_class)) return mem_class
  mem_class.devnode = (dev, mode) => {
    if (mode) mode.value = devlist[MINOR(dev.devt)]?.mode ?? 0
    return undefined
  }
  for (const [minor, { name }] of Object.entries(devlist)) {
    device_create(mem_class, undefined, MKDEV(MEM_MAJOR, Number(minor)), null, name)
  }
  return 0
}

module_init(chr_dev_init)
