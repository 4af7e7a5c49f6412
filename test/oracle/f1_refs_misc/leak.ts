// leak: forgets to undo what it registered.
import { register_chrdev } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'
import { proc_create } from '#linux/proc_fs'
import type { proc_ops } from '#linux/proc_fs'

MODULE_LICENSE('GPL')

const proc_operations: proc_ops = { proc_read: () => 0 }
const fops: file_operations = { owner: THIS_MODULE }

module_init(function l_init() {
  const r = register_chrdev(244, 'leaky', fops)
  proc_create('leakproc', 0o444, null, proc_operations)
  pr_info('leak: register_chrdev=%d\n', r)
  return 0
})

module_exit(function l_exit() {
  pr_info('leak: exit, undoing nothing\n')
})
