// What Linux answers and says when numbers, classes and devices are registered that cannot be, or meet.
import t from 'tap'
import { boot, build } from '../harness/machine.ts'

const DRIVER = `
  import { class_create, class_destroy, dev_name, device_create, device_destroy } from '#linux/device'
  import type { class as class_t, device } from '#linux/device'
  import { IS_ERR } from '#linux/err'
  import { alloc_chrdev_region, register_chrdev, register_chrdev_region, unregister_chrdev, unregister_chrdev_region } from '#linux/fs'
  import { MAJOR, MINOR, MKDEV } from '#linux/kdev_t'
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { pr_info } from '#linux/printk'
  import { ref } from '#linux/types'
  MODULE_LICENSE('GPL')
  const LONG = 'this-name-is-very-long-over-64-characters-0123456789-0123456789-0123456789-end'
  const fops = { owner: THIS_MODULE }
  const first = ref(0)
  const second = ref(0)
  let cls: class_t
  function region(major: number, minor: number, count: number, name: string): number {
    const r = register_chrdev_region(MKDEV(major, minor), count, name)
    pr_info('%d:%d,%d,%s=%d\\n', major, minor, count, name, r)
    return r
  }
  function create(parent: device | null, devt: number, name: string): device | number {
    const dev = device_create(cls, parent, devt, null, name)
    pr_info('device_create(%s)=%s\\n', name, IS_ERR(dev) ? String(dev) : dev_name(dev as device))
    return dev
  }
  module_init(() => {
    region(240, 0, 4, 'aaa')
    region(240, 2, 4, 'overlapping')
    region(240, 4, 4, 'adjacent')
    region(1, 0, 1, 'mem2')
    region(600, 0, 1, 'big')
    if (!region(511, 0, 1, 'b511')) unregister_chrdev_region(MKDEV(511, 0), 1)
    region(241, 1048575, 2, 'wrap')
    region(241, 0, 0, 'zero')
    let r = alloc_chrdev_region(first, 5, 3, LONG)
    pr_info('alloc=%d -> %d:%d\\n', r, MAJOR(first.value), MINOR(first.value))
    r = alloc_chrdev_region(second, 0, 1, 'second')
    pr_info('second=%d -> %d:%d\\n', r, MAJOR(second.value), MINOR(second.value))
    r = register_chrdev(0, 'dyn0', fops)
    pr_info('register_chrdev(0)=%d\\n', r)
    if (r > 0) unregister_chrdev(r, 'dyn0')
    pr_info('register_chrdev(242)=%d\\n', register_chrdev(242, 'old', fops))
    pr_info('again=%d\\n', register_chrdev(242, 'old2', fops))
    cls = class_create(THIS_MODULE, 'regsclass') as class_t
    pr_info('class_create again=%pe\\n', class_create(THIS_MODULE, 'regsclass'))
    const dev = create(null, MKDEV(242, 0), 'regsdev') as device
    create(null, MKDEV(242, 1), 'regsdev')
    create(null, MKDEV(242, 0), 'regsdev2')
    create(null, MKDEV(242, 5), 'sub!dev')
    create(dev, MKDEV(242, 6), 'child')
    create(null, MKDEV(0, 0), 'nodevt')
    create(null, MKDEV(242, 7), 'null')
    return 0
  })
  module_exit(() => {
    for (const minor of [7, 6, 5, 0]) device_destroy(cls, MKDEV(242, minor))
    device_destroy(cls, 0)
    class_destroy(cls)
    unregister_chrdev_region(MKDEV(240, 0), 4)
    unregister_chrdev_region(MKDEV(240, 4), 4)
    unregister_chrdev_region(MKDEV(241, 1048575), 2)
    unregister_chrdev_region(first.value, 3)
    unregister_chrdev_region(second.value, 1)
  })
`

const duplicate = (path: string) => [
  `<4>sysfs: cannot create duplicate filename '${path}'`,
  '<4>CPU: 0 PID: 1 Comm: insmod Tainted: G           OE      RELEASE',
  '<4>Call Trace:',
]
const failed = (name: string) =>
  `<3>kobject_add_internal failed for ${name} with -EEXIST, don't try to register things with the same name in the same directory.`

/** Without the frames, and the kernel's release. */
const withoutFrames = (lines: string[]) =>
  lines
    .filter(line => !/^<4>(?: |Hardware name)/.test(line))
    .map(line => line.replace(/(Tainted: G {11}OE {6}).*/, '$1RELEASE'))

t.test('numbers and names that meet', async t => {
  const image = await build(t, 'regs', DRIVER)
  const { insmod, rmmod, user, dmesg, process } = await boot(t)
  await user.writeFile('/proc/sys/kernel/printk', '8')
  const null_before = user.lstat('/dev/null')
  t.equal(await insmod(image), 0)
  t.strictSame(withoutFrames(dmesg()).slice(2), [
    '<6>240:0,4,aaa=0',
    '<6>240:2,4,overlapping=-16',
    '<6>240:4,4,adjacent=0',
    '<6>1:0,1,mem2=-16',
    '<3>CHRDEV "big" major requested (600) is greater than the maximum (511)',
    '<6>600:0,1,big=-22',
    '<6>511:0,1,b511=0',
    '<6>241:1048575,2,wrap=0',
    '<6>241:0,0,zero=0',
    '<6>alloc=0 -> 254:5',
    '<6>second=0 -> 253:0',
    '<6>register_chrdev(0)=252',
    '<6>register_chrdev(242)=-16',
    '<6>again=-16',
    ...duplicate('/class/regsclass'),
    failed('regsclass'),
    '<6>class_create again=-EEXIST',
    '<6>device_create(regsdev)=regsdev',
    ...duplicate('/devices/virtual/regsclass/regsdev'),
    failed('regsdev'),
    '<6>device_create(regsdev)=-17',
    ...duplicate('/dev/char/242:0'),
    '<6>device_create(regsdev2)=-17',
    '<6>device_create(sub!dev)=sub!dev',
    '<6>device_create(child)=child',
    '<6>device_create(nodevt)=nodevt',
    '<6>device_create(null)=null',
  ])
  const devices = (await user.readFile('/proc/devices')) as string
  for (const line of [
    '240 aaa\n240 adjacent\n',
    '241 wrap\n242 wrap\n253 second\n254 this-name-is-very-long-over-64-characters-0123456789-0123456789\n',
  ])
    t.ok(devices.includes(line), line)

  const links = Object.entries({
    child: '../../devices/virtual/regsclass/regsdev/child',
    nodevt: '../../devices/virtual/regsclass/nodevt',
    null: '../../devices/virtual/regsclass/null',
    regsdev: '../../devices/virtual/regsclass/regsdev',
    'sub!dev': '../../devices/virtual/regsclass/sub!dev',
  })
  for (const [name, i_link] of links)
    t.match(user.lstat(`/sys/class/regsclass/${name}`), { i_link })
  t.equal(user.lstat('/sys/devices/virtual/regsclass/regsdev2'), -2, 'nothing is left')
  t.equal(user.lstat('/sys/class/regsclass/regsdev2'), -2)
  t.strictSame(user.readdir('/sys/class/regsclass/nodevt'), [
    'uevent',
    'subsystem',
    'power',
  ])
  t.equal(await user.readFile('/sys/class/regsclass/nodevt/uevent'), '')
  t.equal(
    await user.readFile('/sys/class/regsclass/sub!dev/uevent'),
    'MAJOR=242\nMINOR=5\nDEVNAME=sub/dev\n',
  )
  t.match(user.lstat('/dev/sub/dev'), { i_mode: 0o020600, i_rdev: (242 << 20) + 5 })
  t.equal(user.lstat('/dev/null'), null_before, 'a node that is there stays as it is')
  t.equal(await process({}).readFile('/dev/null'), '')

  t.equal(await rmmod('regs'), 0)
  t.equal(user.lstat('/dev/null'), null_before)
  t.equal(user.lstat('/dev/sub'), -2)
})

t.test('the folder power of a device', async t => {
  const { user } = await boot(t)
  const power = '/sys/class/mem/null/power'
  t.strictSame((user.readdir(power) as string[]).toSorted(), [
    'async',
    'autosuspend_delay_ms',
    'control',
    'runtime_active_kids',
    'runtime_active_time',
    'runtime_enabled',
    'runtime_status',
    'runtime_suspended_time',
    'runtime_usage',
  ])
  t.equal(await user.readFile(`${power}/control`), 'auto\n')
  t.equal(await user.readFile(`${power}/runtime_status`), 'unsupported\n')
  t.equal(await user.readFile(`${power}/autosuspend_delay_ms`), -5)
  t.equal(await user.writeFile(`${power}/control`, 'off\n'), -22)
  t.equal(await user.writeFile(`${power}/control`, 'on\n'), 3)
  t.equal(await user.readFile(`${power}/control`), 'on\n')
  t.equal(await user.readFile(`${power}/runtime_usage`), '1\n')
})
