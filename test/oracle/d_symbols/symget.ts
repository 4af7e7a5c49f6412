// symget: asks for a symbol at run time.
import {
  MODULE_LICENSE,
  module_exit,
  module_init,
  symbol_get,
  symbol_put,
} from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')

let fp: ((x: number) => number) | null = null

module_init(() => {
  fp = symbol_get<(x: number) => number>('foo')
  pr_info('symget: symbol_get(foo)=%s\n', fp ? 'found' : 'NULL')
  return 0
})
module_exit(() => {
  if (fp) symbol_put('foo')
  pr_info('symget: exit\n')
})
