// noexit: without module_exit(), so it stays.
import { MODULE_LICENSE, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')

module_init(() => {
  pr_info('noexit: init (no module_exit)\n')
  return 0
})
