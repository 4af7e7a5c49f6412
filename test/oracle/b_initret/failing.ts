// failing: init fails half way and cleans up after itself.
import { ENODEV } from '#linux/errno'
import { alloc_chrdev_region, unregister_chrdev_region } from '#linux/fs'
import { MAJOR, MINOR } from '#linux/kdev_t'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_err, pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')

const d = { value: 0 }

module_init(() => {
  const err = alloc_chrdev_region(d, 0, 1, 'failing')
  if (err) return err
  pr_info('failing: got %d:%d\n', MAJOR(d.value), MINOR(d.value))
  unregister_chrdev_region(d.value, 1)
  pr_err('failing: no device, undoing\n')
  return -ENODEV
})
module_exit(() => {
  pr_info('failing: exit\n')
})
