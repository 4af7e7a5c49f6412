// syma: exports a variable and functions, in each of the ways there are.
import {
  EXPORT_SYMBOL,
  EXPORT_SYMBOL_GPL,
  EXPORT_SYMBOL_NS,
  MODULE_ALIAS,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  MODULE_VERSION,
  module_exit,
  module_init,
} from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')
MODULE_DESCRIPTION('exports foo, bar')
MODULE_VERSION('0.1')
MODULE_ALIAS('sym-provider')

export let syma_data = 41
EXPORT_SYMBOL(syma_data)

export function foo(x: number): number {
  return x + syma_data
}
EXPORT_SYMBOL(foo)

export function bar(x: number): number {
  return x * 2
}
EXPORT_SYMBOL_GPL(bar)

export function nsfn(): number {
  return 7
}
EXPORT_SYMBOL_NS(nsfn, 'ORACLE_NS')

function a_init(): number {
  pr_info('syma: init\n')
  return 0
}

function a_exit(): void {
  pr_info('syma: exit\n')
}

module_init(a_init)
module_exit(a_exit)
