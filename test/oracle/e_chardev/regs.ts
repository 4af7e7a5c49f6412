// regs: registration errors; run in init, all results printed.
import { class_create, dev_name, device_create } from '#linux/device'
import type { class as class_t, device } from '#linux/device'
import { IS_ERR } from '#linux/err'
import {
  alloc_chrdev_region,
  register_chrdev,
  register_chrdev_region,
  unregister_chrdev,
  unregister_chrdev_region,
} from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { MAJOR, MINOR, MKDEV } from '#linux/kdev_t'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'
import { ref } from '#linux/types'

MODULE_LICENSE('GPL')

const fo: file_operations = { owner: THIS_MODULE }

/** What %pe shows of `p` if it is an error, else of NULL. */
const errorOf = <T>(p: T | number): T | number | null => (IS_ERR(p) ? p : null)
const nameOf = (p: device | number): string => (IS_ERR<device>(p) ? 'error' : dev_name(p))

module_init(function r_init() {
  let r = register_chrdev_region(MKDEV(240, 0), 4, 'aaa')
  pr_info('regs: register_chrdev_region(240:0,4,aaa)=%d\n', r)
  r = register_chrdev_region(MKDEV(240, 2), 4, 'bbb')
  pr_info('regs: register_chrdev_region(240:2,4,bbb) overlapping =%d\n', r)
  r = register_chrdev_region(MKDEV(240, 4), 4, 'ccc')
  pr_info('regs: register_chrdev_region(240:4,4,ccc) adjacent =%d\n', r)
  r = register_chrdev_region(MKDEV(1, 0), 1, 'mem2')
  pr_info('regs: register_chrdev_region(1:0,1,mem2)=%d\n', r)
  r = register_chrdev_region(MKDEV(600, 0), 1, 'big')
  pr_info('regs: register_chrdev_region(600:0,1,big)=%d\n', r)
  r = register_chrdev_region(MKDEV(511, 0), 1, 'b511')
  pr_info('regs: register_chrdev_region(511:0,1,b511)=%d\n', r)
  if (!r) unregister_chrdev_region(MKDEV(511, 0), 1)
  r = register_chrdev_region(MKDEV(241, 1048575), 2, 'wrap')
  pr_info('regs: register_chrdev_region(241:1048575,2,wrap)=%d\n', r)
  r = register_chrdev_region(MKDEV(241, 0), 0, 'zero')
  pr_info('regs: register_chrdev_region(241:0,0,zero)=%d\n', r)
  if (!r) unregister_chrdev_region(MKDEV(241, 0), 0)

  const d = ref(0)
  const d2 = ref(0)
  const name =
    'this-name-is-very-long-over-64-characters-0123456789-0123456789-0123456789-end'
  r = alloc_chrdev_region(d, 5, 3, name)
  pr_info('regs: alloc_chrdev_region=%d -> %d:%d\n', r, MAJOR(d.value), MINOR(d.value))
  r = alloc_chrdev_region(d2, 0, 1, 'second')
  pr_info('regs: alloc second=%d -> %d:%d\n', r, MAJOR(d2.value), MINOR(d2.value))
  r = register_chrdev(0, 'dyn0', fo)
  pr_info('regs: register_chrdev(0)=%d\n', r)
  if (r > 0) unregister_chrdev(r, 'dyn0')
  pr_info('regs: register_chrdev(242)=%d\n', register_chrdev(242, 'old', fo))
  pr_info('regs: register_chrdev(242) again=%d\n', register_chrdev(242, 'old2', fo))

  const c = class_create(THIS_MODULE, 'regsclass')
  pr_info('regs: class_create=%pe\n', c)
  pr_info(
    'regs: class_create again=%pe\n',
    errorOf(class_create(THIS_MODULE, 'regsclass')),
  )
  if (IS_ERR<class_t>(c)) return c

  const x = device_create(c, null, MKDEV(242, 0), null, 'regsdev')
  pr_info('regs: device_create=%s\n', nameOf(x))
  let y = device_create(c, null, MKDEV(242, 1), null, 'regsdev')
  pr_info('regs: device_create same name=%pe\n', errorOf(y))
  y = device_create(c, null, MKDEV(242, 0), null, 'regsdev2')
  pr_info('regs: device_create same devt=%pe\n', errorOf(y))
  y = device_create(c, null, MKDEV(242, 5), null, 'sub!dev')
  pr_info('regs: device_create(sub!dev)=%s\n', nameOf(y))
  if (!IS_ERR<device>(x)) {
    y = device_create(c, x, MKDEV(242, 6), null, 'child')
    pr_info('regs: child=%s\n', nameOf(y))
  }
  y = device_create(c, null, MKDEV(0, 0), null, 'nodevt')
  pr_info('regs: nodevt=%s\n', nameOf(y))
  y = device_create(c, null, MKDEV(242, 7), null, 'null')
  pr_info('regs: name null=%pe\n', errorOf(y))
  return 0
})

module_exit(function r_exit() {})
