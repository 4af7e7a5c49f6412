// symp2: a proprietary module that uses a symbol and exports another.
import { EXPORT_SYMBOL, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('Proprietary')

declare function foo(x: number): number

export function pexp(x: number): number {
  return x
}
EXPORT_SYMBOL(pexp)

module_init(() => {
  pr_info('symp2: init foo=%d\n', foo(4))
  return 0
})
module_exit(() => {})
