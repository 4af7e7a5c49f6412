// symns2: uses a symbol of a namespace, which it imports.
import { MODULE_IMPORT_NS, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')
MODULE_IMPORT_NS('ORACLE_NS')

declare function nsfn(): number

module_init(() => {
  pr_info('symns2: init %d\n', nsfn())
  return 0
})
module_exit(() => {})
