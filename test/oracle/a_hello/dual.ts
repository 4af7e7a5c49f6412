// dual: a licence that is as good as the GPL.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('Dual MIT/GPL')

module_init(() => {
  pr_info('dual: init\n')
  return 0
})
module_exit(() => {
  pr_info('dual: exit\n')
})
