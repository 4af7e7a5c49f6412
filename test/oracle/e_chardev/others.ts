// others: numbers, classes and nodes that the recorded machine's own drivers had. They stay when it is
// unloaded.
import { class_create, device_create } from '#linux/device'
import type { class as class_t } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { register_chrdev_region } from '#linux/fs'
import { MKDEV } from '#linux/kdev_t'
import { misc_register } from '#linux/miscdevice'
import { MODULE_INFO, MODULE_LICENSE, module_exit, module_init } from '#linux/module'

MODULE_LICENSE('GPL')
MODULE_INFO('intree', 'Y')

const regions: [major: number, baseminor: number, count: number, name: string][] = [
  [4, 0, 1, '/dev/vc/0'],
  [4, 1, 63, 'tty'],
  [4, 64, 32, 'ttyS'],
  [5, 0, 1, '/dev/tty'],
  [5, 1, 1, '/dev/console'],
  [5, 2, 1, '/dev/ptmx'],
  [7, 0, 256, 'vcs'],
  [13, 0, 1024, 'input'],
  [29, 0, 256, 'fb'],
  [128, 0, 1048576, 'ptm'],
  [136, 0, 1048576, 'pts'],
  [153, 0, 256, 'spi'],
  [247, 0, 256, 'cxl'],
  [248, 0, 64, 'bsg'],
  [249, 0, 1048576, 'ptp'],
  [250, 0, 16, 'pps'],
  [251, 0, 16, 'rtc'],
  [252, 0, 256, 'dax'],
  [253, 0, 65536, 'tpm'],
  [254, 0, 512, 'gpiochip'],
]

/** Classes that have no device of interest. */
const classes =
  'backlight bdi block bsg devcoredump devfreq devlink dma firmware gpio hwmon ' +
  'i2c-adapter intel_scu_ipc iommu leds pci_bus phy power_supply powercap pps ptp pwm ' +
  'regulator rtc spi_master spidev tpm tpmrm wakeup'

/** Devices, and the permissions of their nodes. */
const devices: [subsystem: string, name: string, dev: number, mode: number][] = [
  ['tty', 'console', MKDEV(5, 1), 0o600],
  ['tty', 'ptmx', MKDEV(5, 2), 0o666],
  ['tty', 'tty', MKDEV(5, 0), 0o666],
  ['tty', 'tty0', MKDEV(4, 0), 0o600],
  ['dmi', 'id', 0, 0],
  ['graphics', 'fbcon', 0, 0],
  ['input', 'input!mice', MKDEV(13, 63), 0o600],
  ['net', 'lo', 0, 0],
  ['thermal', 'cooling_device0', 0, 0],
  ['vc', 'vcs', 0, 0],
  ['vtconsole', 'vtcon0', 0, 0],
]

const misc_devices: [minor: number, name: string][] = [
  [1, 'psaux'],
  [125, 'cpu_dma_latency'],
  [126, 'udmabuf'],
  [127, 'vga_arbiter'],
  [183, 'hwrng'],
  [228, 'hpet'],
  [231, 'snapshot'],
]

function make_class(name: string): class_t | undefined {
  const made = class_create(name)
  return IS_ERR<class_t>(made) ? undefined : made
}

module_init(() => {
  for (const [major, baseminor, count, name] of regions) {
    register_chrdev_region(MKDEV(major, baseminor), count, name)
  }
  for (const [minor, name] of misc_devices) misc_register({ minor, name, fops: {} })
  for (const name of classes.split(' ')) make_class(name)
  for (const subsystem of new Set(devices.map(([subsystem]) => subsystem))) {
    const made = make_class(subsystem)
    if (!made) continue
    const own = devices.filter(([of]) => of === subsystem)
    made.devnode = (dev, mode) => {
      if (mode) mode.value = own.find(([, , devt]) => devt === dev.devt)?.[3] ?? 0
      return undefined
    }
    for (const [, name, dev] of own) device_create(made, null, dev, null, name)
  }
  return 0
})

module_exit(() => {})
