// hello: the smallest module, with everything that it can say of itself.
import {
  MODULE_LICENSE,
  module_exit,
  module_init,
  MODULE_ALIAS,
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_INFO,
  MODULE_VERSION,
} from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')
MODULE_AUTHOR('Ada Example <ada@example.org>')
MODULE_AUTHOR('Second Author')
MODULE_DESCRIPTION('The smallest module')
MODULE_VERSION('1.2.3')
MODULE_ALIAS('hullo')
MODULE_ALIAS('char-major-240-*')
MODULE_INFO('custom', 'a custom field')

module_init(() => {
  pr_info('hello: Hello, world\n')
  return 0
})
module_exit(() => {
  pr_info('hello: Goodbye, world\n')
})
