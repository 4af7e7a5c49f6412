// nolic: post.sh takes the licence out of the file, for modpost refuses to build it without one.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('NoLicense')

module_init(() => {
  pr_info('nolic: init\n')
  return 0
})
module_exit(() => {
  pr_info('nolic: exit\n')
})
