// refs: files of every kind, to see how many references on the module each open takes.
import { cdev, cdev_add, cdev_del, cdev_init } from '#linux/cdev'
import {
  debugfs_create_dir,
  debugfs_create_file,
  debugfs_remove_recursive,
} from '#linux/debugfs'
import {
  alloc_chrdev_region,
  register_chrdev,
  simple_read_from_buffer,
  unregister_chrdev,
  unregister_chrdev_region,
} from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { MAJOR } from '#linux/kdev_t'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'
import { proc_create, remove_proc_entry } from '#linux/proc_fs'
import type { proc_ops } from '#linux/proc_fs'
import {
  seq_lseek,
  seq_puts,
  seq_read,
  single_open,
  single_release,
} from '#linux/seq_file'
import { ref } from '#linux/types'

MODULE_LICENSE('GPL')

const data = new Uint8Array([0x64, 0x61, 0x74, 0x61, 0x0a])

const rd: NonNullable<file_operations['read']> = (_filp, buf, count, pos) =>
  simple_read_from_buffer(buf, count, pos, data, data.length)
const rel: NonNullable<file_operations['release']> = () => {
  pr_info('refs: release\n')
  return 0
}
const fops: file_operations = { owner: THIS_MODULE, read: rd, release: rel }
const fops_noowner: file_operations = { read: rd, release: rel }

const c1 = new cdev()
const c2 = new cdev()
const c3 = new cdev()
const devno = ref(0)
let old = 0

const dynamic = { minor: MISC_DYNAMIC_MINOR, fops }
const m1: miscdevice = { ...dynamic, name: 'refmisc' }
const m2: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'refmisc2',
  fops: fops_noowner,
  mode: 0o666,
  nodename: 'oracle/misc2',
}
const m3: miscdevice = { ...dynamic, name: 'refmisc' }
const m4: miscdevice = { minor: 1, name: 'takenminor', fops }
const m5: miscdevice = { minor: 210, name: 'fixed210', fops }

const plain_ops: proc_ops = { proc_read: rd, proc_release: rel }
const seq_ops: proc_ops = {
  proc_open: (_inode, filp) =>
    single_open(
      filp,
      s => {
        seq_puts(s, 'single\n')
        return 0
      },
      null,
    ),
  proc_read: seq_read,
  proc_lseek: seq_lseek,
  proc_release: single_release,
}
let dir: ReturnType<typeof debugfs_create_dir>

function add_cdevs(): void {
  alloc_chrdev_region(devno, 0, 3, 'refs')
  cdev_init(c1, fops)
  c1.owner = THIS_MODULE
  cdev_add(c1, devno.value, 1)
  cdev_init(c2, fops)
  cdev_add(c2, devno.value + 1, 1)
  cdev_init(c3, fops_noowner)
  cdev_add(c3, devno.value + 2, 1)
  old = register_chrdev(0, 'refold', fops)
  const major = MAJOR(devno.value)
  pr_info('refs: cdevs at %d:0-2, register_chrdev gives %d\n', major, old)
}

function add_files(): void {
  proc_create('refproc', 0o444, null, plain_ops)
  proc_create('refseq', 0o444, null, seq_ops)
  dir = debugfs_create_dir('refdir', null)
  debugfs_create_file('reffile', 0o444, dir, null, fops)
}

module_init(function r_init() {
  add_cdevs()
  let r = misc_register(m1)
  pr_info('refs: misc_register(refmisc)=%d minor=%d\n', r, m1.minor)
  r = misc_register(m2)
  pr_info('refs: misc_register(refmisc2)=%d minor=%d\n', r, m2.minor)
  r = misc_register(m3)
  pr_info('refs: misc_register(refmisc again)=%d\n', r)
  if (!r) misc_deregister(m3)
  r = misc_register(m4)
  pr_info('refs: misc_register(minor 1, taken)=%d\n', r)
  if (!r) misc_deregister(m4)
  r = misc_register(m5)
  pr_info('refs: misc_register(minor 210)=%d\n', r)
  add_files()
  return 0
})

module_exit(async function r_exit() {
  debugfs_remove_recursive(dir)
  await remove_proc_entry('refproc', null)
  await remove_proc_entry('refseq', null)
  misc_deregister(m1)
  misc_deregister(m2)
  misc_deregister(m5)
  unregister_chrdev(old, 'refold')
  cdev_del(c1)
  cdev_del(c2)
  cdev_del(c3)
  unregister_chrdev_region(devno.value, 3)
  pr_info('refs: exit\n')
})
