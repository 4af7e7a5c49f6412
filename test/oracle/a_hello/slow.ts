// slow: its init and its exit take a second and a half, so that others can come in between.
import { msleep } from '#linux/delay'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')

module_init(async () => {
  pr_info('slow: init begins\n')
  await msleep(1500)
  pr_info('slow: init ends\n')
  return 0
})
module_exit(async () => {
  pr_info('slow: exit begins\n')
  await msleep(1500)
  pr_info('slow: exit ends\n')
})
