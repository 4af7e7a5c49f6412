// prop: its licence is one that taints.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('Proprietary')

module_init(() => {
  pr_info('prop: init\n')
  return 0
})
module_exit(() => {
  pr_info('prop: exit\n')
})
