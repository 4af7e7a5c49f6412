// loop: stands for Debian's, with the names that it is known by.
import { MODULE_ALIAS, MODULE_LICENSE } from '#linux/module'
import { MODULE_ALIAS_MISCDEV } from '#linux/miscdevice'

MODULE_LICENSE('GPL')
MODULE_ALIAS('block-major-7-*')
MODULE_ALIAS_MISCDEV(237)
MODULE_ALIAS('devname:loop-control')
