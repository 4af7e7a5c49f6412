// usep: a GPL module that uses a proprietary one.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')

declare function pexp(x: number): number

module_init(() => {
  pr_info('usep: init pexp=%d\n', pexp(4))
  return 0
})
module_exit(() => {})
