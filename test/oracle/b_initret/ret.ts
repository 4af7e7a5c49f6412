// ret: init returns what it is told.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { module_param } from '#linux/moduleparam'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')

const code = module_param('code', 'int', 0, 0)

module_init(() => {
  pr_info('ret: init returns %d\n', code.value)
  return code.value
})
module_exit(() => {
  pr_info('ret: exit\n')
})
