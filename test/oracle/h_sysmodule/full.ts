// full: a module that has everything a module can have in /sys/module.
import {
  EXPORT_SYMBOL,
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  MODULE_VERSION,
  module_exit,
  module_init,
} from '#linux/module'
import { MODULE_PARM_DESC, module_param, module_param_array } from '#linux/moduleparam'
import { pr_info } from '#linux/printk'
import { cstring } from '#linux/string'

const speed = module_param('speed', 'int', 3, 0o644)
module_param('label', 'charp', 'x', 0o444)
module_param('hidden', 'int', 0, 0)
module_param_array('arr', 'int', [1, 2, 3], null, 0o644)

export function full_export(): number {
  return 1
}
EXPORT_SYMBOL(full_export)

const big = new Uint8Array(20000)
const ro = cstring('const')

module_init(() => {
  pr_info('full: init %d %p %c\n', speed.value, big, ro[speed.value])
  return 0
})
module_exit(() => {
  pr_info('full: exit %d\n', big[speed.value])
})

MODULE_LICENSE('GPL')
MODULE_VERSION('2.0-rc1')
MODULE_AUTHOR('A')
MODULE_DESCRIPTION('has everything')
MODULE_PARM_DESC('speed', 'how fast')
MODULE_PARM_DESC('label', 'text')
