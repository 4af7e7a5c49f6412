// cuse: stands for Debian's, which uses what fuse exports.
import { MODULE_ALIAS, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { MODULE_ALIAS_MISCDEV } from '#linux/miscdevice'

MODULE_LICENSE('GPL')
MODULE_ALIAS_MISCDEV(203)
MODULE_ALIAS('devname:cuse')

declare function fuse_dev_alloc(): void

module_init(() => {
  fuse_dev_alloc()
  return 0
})
module_exit(() => {})
