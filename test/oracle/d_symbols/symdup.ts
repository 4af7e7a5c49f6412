// symdup: exports a name that syma exports, too. Built by post.sh, apart from it.
import { EXPORT_SYMBOL, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')

export function foo(x: number): number {
  return x
}
EXPORT_SYMBOL(foo)

module_init(() => {
  pr_info('symdup: init\n')
  return 0
})
module_exit(() => {
  pr_info('symdup: exit\n')
})
