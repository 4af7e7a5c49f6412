// symdupk: post.sh gives its export a name like one of the kernel's.
import { EXPORT_SYMBOL, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')

export function kstrtoint_oracle(x: number): number {
  return x
}
EXPORT_SYMBOL(kstrtoint_oracle)

module_init(() => {
  pr_info('symdupk: init\n')
  return 0
})
module_exit(() => {})
