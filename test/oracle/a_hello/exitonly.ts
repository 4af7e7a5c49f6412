// exitonly: only module_exit().
import { MODULE_LICENSE, module_exit } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')
module_exit(() => {
  pr_info('exitonly: exit\n')
})
