// symp: uses a GPL-only symbol; post.sh makes it proprietary, for modpost would refuse it.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')

declare function bar(x: number): number

module_init(() => {
  pr_info('symp: init bar=%d\n', bar(4))
  return 0
})
module_exit(() => {})
