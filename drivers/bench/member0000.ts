// member0000: an ordinary small driver, of which bench loads a thousand. It puts other numbers in place of
// 0000 all over the image, so that each is a module, a class and a device of another name.

import { cdev, cdev_add, cdev_del, cdev_init } from '#linux/cdev'
import { class_create, class_destroy, device_create, device_destroy } from '#linux/device'
import type { class as class_t } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { register_chrdev_region, unregister_chrdev_region } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { MKDEV } from '#linux/kdev_t'
import {
  EXPORT_SYMBOL,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import { module_param } from '#linux/moduleparam'
import type { errno_t } from '#linux/types'

MODULE_LICENSE('GPL')
MODULE_DESCRIPTION('one of very many modules, for measuring')

/** For use on one's own machine. */
const MAJOR = 60
const NAME = 'member0000'

const minor = module_param('minor', 'int', 0, 0o444)

const fops: file_operations = { owner: THIS_MODULE, read: () => 0 }
const dev = new cdev()
let cls: class_t | undefined

/** The same for all who ask. */
export function member0000_minor(): number {
  return minor.value
}
EXPORT_SYMBOL(member0000_minor)

function member_init(): errno_t {
  const err = register_chrdev_region(MKDEV(MAJOR, minor.value), 1, NAME)
  if (err) return err
  cdev_init(dev, fops)
  const failed = cdev_add(dev, MKDEV(MAJOR, minor.value), 1) || add_node()
  if (failed) member_exit()
  return failed
}

function add_node(): errno_t {
  const made = class_create(NAME)
  if (IS_ERR<class_t>(made)) return made
  cls = made
  const node = device_create(cls, null, MKDEV(MAJOR, minor.value), null, NAME)
  return IS_ERR(node) ? node : 0
}

function member_exit(): void {
  if (cls) {
    device_destroy(cls, MKDEV(MAJOR, minor.value))
    class_destroy(cls)
  }
  cdev_del(dev)
  unregister_chrdev_region(MKDEV(MAJOR, minor.value), 1)
}

module_init(member_init)
module_exit(member_exit)
