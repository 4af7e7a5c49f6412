// symns: uses a symbol of a namespace without importing it, which modpost refuses.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')

declare function nsfn(): number

module_init(() => {
  pr_info('symns: init %d\n', nsfn())
  return 0
})
module_exit(() => {})
