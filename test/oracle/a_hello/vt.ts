// vt: has the name of a part of the kernel.
import {
  KBUILD_MODNAME,
  MODULE_LICENSE,
  module_exit,
  module_init,
  THIS_MODULE,
} from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')

module_init(() => {
  pr_info('KBUILD_MODNAME=%s THIS_MODULE->name=%s\n', KBUILD_MODNAME, THIS_MODULE.name)
  return 0
})
module_exit(() => {
  pr_info('exit\n')
})
