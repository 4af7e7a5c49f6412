// others: takes the numbers that the drivers of the recorded machine had, and keeps them.
import { register_chrdev_region } from '#linux/fs'
import { MKDEV } from '#linux/kdev_t'
import { MISC_DYNAMIC_MINOR, misc_register } from '#linux/miscdevice'
import { MODULE_INFO, MODULE_LICENSE, module_exit, module_init } from '#linux/module'

MODULE_LICENSE('GPL')
MODULE_INFO('intree', 'Y')

const majors = ['cxl', 'bsg', 'ptp', 'pps', 'rtc', 'dax', 'tpm', 'gpiochip'] // 247 to 254
const misc: readonly [number, string][] = [
  [MISC_DYNAMIC_MINOR, 'vga_arbiter'],
  [183, 'hw_random'],
  [231, 'snapshot'],
  [MISC_DYNAMIC_MINOR, 'userfaultfd'],
  [228, 'hpet'],
  [1, 'psaux'],
  [MISC_DYNAMIC_MINOR, 'cpu_dma_latency'],
]

module_init(function others_init() {
  for (const [i, name] of majors.entries())
    register_chrdev_region(MKDEV(247 + i, 0), 1, name)
  for (const [minor, name] of misc) misc_register({ minor, name, fops: {} })
  return 0
})

module_exit(() => {})
