// staging: says that it is in the kernel, but not finished.
import { MODULE_LICENSE, module_exit, module_init, MODULE_INFO } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL v2')
MODULE_INFO('staging', 'Y')
MODULE_INFO('intree', 'Y')

module_init(() => {
  pr_info('staging: init\n')
  return 0
})
module_exit(() => {
  pr_info('staging: exit\n')
})
