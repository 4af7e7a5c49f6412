// symb: uses a symbol of syma.
import {
  MODULE_ALIAS,
  MODULE_ALIAS_CHARDEV_MAJOR,
  MODULE_AUTHOR,
  MODULE_LICENSE,
  module_exit,
  module_init,
} from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')
MODULE_AUTHOR('B Author')
MODULE_ALIAS('oracle-b')
MODULE_ALIAS_CHARDEV_MAJOR(243)

declare function foo(x: number): number

function b_init(): number {
  pr_info('symb: init foo(1)=%d\n', foo(1))
  return 0
}

function b_exit(): void {
  pr_info('symb: exit\n')
}

module_init(b_init)
module_exit(b_exit)
