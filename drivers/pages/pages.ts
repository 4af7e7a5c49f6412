// pages: memory that programs map, in two ways. After the mmap samples of Linux Device Drivers.
//
// /dev/pages0 maps all of it at once, with remap_pfn_range(). /dev/pages1 has vm_operations: a page is
// found when it is touched, and mappings are counted. Both show the same memory, which read(2) and
// write(2) reach, too.

import { cdev, cdev_add, cdev_del, cdev_init } from '#linux/cdev'
import { class_create, class_destroy, device_create, device_destroy } from '#linux/device'
import type { class as class_t } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { EINVAL, ENOMEM, ENOTTY } from '#linux/errno'
import {
  alloc_chrdev_region,
  default_llseek,
  iminor,
  simple_read_from_buffer,
  simple_write_to_buffer,
  unregister_chrdev_region,
} from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { MAJOR, MKDEV } from '#linux/kdev_t'
import {
  GFP_KERNEL,
  PAGE_SHIFT,
  PAGE_SIZE,
  VM_FAULT_SIGBUS,
  __get_free_pages,
  free_pages,
  get_order,
  get_page,
  remap_pfn_range,
  virt_to_page,
} from '#linux/mm'
import type { vm_operations_struct } from '#linux/mm'
import { virt_to_phys } from '#linux/io'
import {
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import { MODULE_PARM_DESC, module_param } from '#linux/moduleparam'
import { ref } from '#linux/types'
import type { errno_t } from '#linux/types'
import { put_user } from '#linux/uaccess'
import { PAGES_IOCCOUNT, PAGES_IOCFAULTS, PAGES_IOCUPPER } from './pages_ioctl.ts'

MODULE_LICENSE('Dual BSD/GPL')
MODULE_DESCRIPTION('memory that programs map')

const npages = module_param('npages', 'int', 4, 0o444)
MODULE_PARM_DESC('npages', 'how many pages')

let memory: Uint8Array = new Uint8Array()
let mappings = 0
let faults = 0

const pages_vm_ops: vm_operations_struct = {
  open() {
    mappings++
  },
  close() {
    mappings--
  },
  fault(vmf) {
    if (vmf.pgoff >= npages.value) return VM_FAULT_SIGBUS
    faults++
    vmf.page = virt_to_page(memory.subarray(vmf.pgoff * PAGE_SIZE))
    get_page(vmf.page)
    return 0
  },
}

/** More than there is cannot be mapped. */
const pages_remap_mmap: NonNullable<file_operations['mmap']> = (_filp, vma) => {
  const size = vma.vm_end - vma.vm_start
  if (vma.vm_pgoff * PAGE_SIZE + size > memory.length) return -EINVAL

  const pfn = virt_to_phys(memory) / PAGE_SIZE + vma.vm_pgoff
  return remap_pfn_range(vma, vma.vm_start, pfn, size, vma.vm_page_prot)
}

const pages_fault_mmap: NonNullable<file_operations['mmap']> = (_filp, vma) => {
  vma.vm_ops = pages_vm_ops
  pages_vm_ops.open?.(vma)
  return 0
}

const pages_fops: file_operations = {
  owner: THIS_MODULE,
  llseek: default_llseek,
  read: (_filp, buf, count, ppos) =>
    simple_read_from_buffer(buf, count, ppos, memory, memory.length),
  write: (_filp, buf, count, ppos) =>
    simple_write_to_buffer(memory, memory.length, ppos, buf, count),
  mmap: (filp, vma) =>
    iminor(filp.f_inode) === 0
      ? pages_remap_mmap(filp, vma)
      : pages_fault_mmap(filp, vma),

  unlocked_ioctl(_filp, cmd, arg) {
    switch (cmd) {
      case PAGES_IOCCOUNT:
        return put_user(mappings, arg, 'int')
      case PAGES_IOCFAULTS:
        return put_user(faults, arg, 'int')
      case PAGES_IOCUPPER:
        return upper()
      default:
        return -ENOTTY
    }
  },
}

/** The program wrote the text through its mapping: this is the same memory. */
function upper(): number {
  for (let i = 0; i < memory.length && memory[i]; i++) {
    const byte = memory[i] as number
    if (byte >= 0x61 && byte <= 0x7a) memory[i] = byte - 0x20
  }
  return 0
}

const COUNT = 2
const devno = ref(0)
const pages_cdev = new cdev()
let pages_class: class_t

function pages_init(): errno_t {
  if (npages.value < 1) return -EINVAL
  const order = get_order(npages.value * PAGE_SIZE)
  const allocated = __get_free_pages(GFP_KERNEL, order)
  if (!allocated) return -ENOMEM
  memory = allocated.subarray(0, npages.value << PAGE_SHIFT)

  const err = add_devices()
  if (err) free_pages(memory, order)
  return err
}

function add_devices(): errno_t {
  const err = alloc_chrdev_region(devno, 0, COUNT, 'pages')
  if (err) return err
  cdev_init(pages_cdev, pages_fops)
  const added = cdev_add(pages_cdev, devno.value, COUNT)
  const made = added || class_create('pages')
  if (IS_ERR<class_t>(made)) {
    if (!added) cdev_del(pages_cdev)
    unregister_chrdev_region(devno.value, COUNT)
    return made
  }
  pages_class = made
  for (let i = 0; i < COUNT; i++)
    device_create(pages_class, undefined, numberOf(i), null, 'pages%d', i)
  return 0
}

function pages_exit(): void {
  for (let i = 0; i < COUNT; i++) device_destroy(pages_class, numberOf(i))
  class_destroy(pages_class)
  cdev_del(pages_cdev)
  unregister_chrdev_region(devno.value, COUNT)
  free_pages(memory, get_order(memory.length))
}

const numberOf = (minor: number) => MKDEV(MAJOR(devno.value), minor)

module_init(pages_init)
module_exit(pages_exit)
