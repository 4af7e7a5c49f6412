// nopar: a module without parameters.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

module_init(() => {
  pr_info('nopar: init\n')
  return 0
})
module_exit(() => {})
MODULE_LICENSE('GPL')
