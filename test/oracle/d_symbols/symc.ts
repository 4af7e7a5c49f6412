// symc: uses two symbols of syma, and wants symb before it.
import {
  MODULE_ALIAS,
  MODULE_LICENSE,
  MODULE_SOFTDEP,
  module_exit,
  module_init,
} from '#linux/module'
import { MODULE_ALIAS_MISCDEV } from '#linux/miscdevice'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')
MODULE_SOFTDEP('pre: symb post: hi')
MODULE_ALIAS_MISCDEV(200)
MODULE_ALIAS('devname:oracle/symc')

declare function foo(x: number): number
declare function bar(x: number): number

module_init(() => {
  pr_info('symc: init foo=%d bar=%d\n', foo(1), bar(4))
  return 0
})
module_exit(() => {
  pr_info('symc: exit\n')
})
