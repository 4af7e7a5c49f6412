// Classes, devices and misc devices: their directories, nodes, numbers and messages.
import t from 'tap'
import { EBUSY, EEXIST, EINVAL } from '../../src/include/linux/errno.ts'
import { boot, build } from '../harness/machine.ts'

const DRIVER = `
  import { class_create, class_destroy, device_create, device_destroy } from '#linux/device'
  import type { class as class_t } from '#linux/device'
  import { IS_ERR } from '#linux/err'
  import { MKDEV } from '#linux/kdev_t'
  import { misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { pr_info } from '#linux/printk'
  MODULE_LICENSE('GPL')
  const say = (what: string, answer: unknown) => pr_info('%s=%d\\n', what, IS_ERR(answer) ? answer : 0)
  let cls: class_t
  const number = (minor: number) => MKDEV(246, minor)
  const a = { minor: MISC_DYNAMIC_MINOR, name: 'misca', fops: {} }
  const b = { minor: MISC_DYNAMIC_MINOR, name: 'miscb', nodename: 'sub/b', mode: 0o666, fops: {} }
  module_init(() => {
    const made = class_create('oracle')
    if (IS_ERR<class_t>(made)) return made
    cls = made
    say('class again', class_create(THIS_MODULE, 'oracle'))
    cls.devnode = (dev, mode) => {
      if (mode && dev.devt === number(1)) mode.value = 0o666
      return dev.devt === number(2) ? 'orc/sub/iter' : undefined
    }
    say('device', device_create(cls, undefined, number(0), null, 'orc%d', 0))
    say('same name', device_create(cls, undefined, number(9), null, 'orc0'))
    say('same number', device_create(cls, undefined, number(0), null, 'orc9'))
    device_create(cls, undefined, number(1), null, 'sub!dev')
    device_create(cls, undefined, number(2), null, 'iter')
    device_create(cls, undefined, MKDEV(0, 0), null, 'nodevt')
    say('misc a', misc_register(a))
    say('misc b', misc_register(b))
    say('misc taken', misc_register({ minor: a.minor, name: 'other', fops: {} }))
    say('misc twice', misc_register(a))
    say('misc name', misc_register({ minor: MISC_DYNAMIC_MINOR, name: 'misca', fops: {} }))
    return 0
  })
  module_exit(() => {
    misc_deregister(b)
    misc_deregister(a)
    misc_deregister(a)
    for (const devt of [number(0), number(1), number(2), MKDEV(0, 0), number(77)]) device_destroy(cls, devt)
    class_destroy(cls)
  })
`

t.test('a driver with many devices', async t => {
  const image = await build(t, 'devs', DRIVER)
  const { insmod, rmmod, user, dmesg } = await boot(t)
  const misc = await user.readFile('/proc/misc')
  t.equal(await insmod(image), 0)
  const said = dmesg()
    .filter(line => /^<[36]>|duplicate filename/.test(line))
    .slice(0)
  const failed = (name: string) =>
    `<3>kobject_add_internal failed for ${name} with -EEXIST, don't try to register things with the same name in the same directory.`
  const duplicate = (path: string) =>
    `<4>sysfs: cannot create duplicate filename '${path}'`
  t.strictSame(said, [
    duplicate('/class/oracle'),
    failed('oracle'),
    `<6>class again=${-EEXIST}`,
    '<6>device=0',
    duplicate('/devices/virtual/oracle/orc0'),
    failed('orc0'),
    `<6>same name=${-EEXIST}`,
    duplicate('/dev/char/246:0'),
    `<6>same number=${-EEXIST}`,
    '<6>misc a=0',
    '<6>misc b=0',
    `<6>misc taken=${-EBUSY}`,
    `<6>misc twice=${-EBUSY}`,
    duplicate('/devices/virtual/misc/misca'),
    failed('misca'),
    `<6>misc name=${-EEXIST}`,
  ])

  t.match(user.lstat('/dev/orc0'), { i_mode: 0o020600, i_rdev: 246 << 20 })
  t.match(user.lstat('/dev/sub/dev'), { i_mode: 0o020666 })
  t.match(user.lstat('/dev/orc/sub/iter'), { i_mode: 0o020600 })
  t.equal(user.lstat('/dev/nodevt'), -2)
  const orc0 = '/sys/class/oracle/orc0'
  t.match(user.lstat(orc0), { i_link: '../../devices/virtual/oracle/orc0' })
  t.match(user.lstat('/sys/dev/char/246:0'), {
    i_link: '../../devices/virtual/oracle/orc0',
  })
  t.match(user.lstat(`${orc0}/subsystem`), { i_link: '../../../../class/oracle' })
  t.strictSame([...(user.readdir(orc0) as string[])].toSorted(), [
    'dev',
    'power',
    'subsystem',
    'uevent',
  ])
  t.equal(await user.readFile(`${orc0}/dev`), '246:0\n')
  t.equal(await user.readFile(`${orc0}/uevent`), 'MAJOR=246\nMINOR=0\nDEVNAME=orc0\n')
  t.equal(
    await user.readFile('/sys/class/oracle/sub!dev/uevent'),
    'MAJOR=246\nMINOR=1\nDEVNAME=sub/dev\nDEVMODE=0666\n',
  )

  t.equal(await user.writeFile(`${orc0}/uevent`, 'change\n'), 7)
  dmesg()
  t.equal(await user.writeFile(`${orc0}/uevent`, 'bogus\n'), -EINVAL)
  t.strictSame(dmesg(), [
    '<4>synth uevent: /devices/virtual/oracle/orc0: unknown uevent action string',
    '<3>oracle orc0: uevent: failed to send synthetic uevent: -22',
  ])

  t.equal(await user.readFile('/proc/misc'), `126 miscb\n127 misca\n${misc}`)
  t.match(user.lstat('/dev/misca'), { i_mode: 0o020600, i_rdev: (10 << 20) + 127 })
  t.match(user.lstat('/dev/sub/b'), { i_mode: 0o020666 })

  dmesg()
  t.equal(await rmmod('devs'), 0)
  t.equal(dmesg().filter(line => line.startsWith('<4>WARNING:')).length, 1)
  t.equal(user.lstat('/dev/orc'), -2)
  t.equal(user.lstat('/dev/sub'), -2)
  t.equal(user.lstat('/sys/devices/virtual/oracle'), -2)
  t.equal(await user.readFile('/proc/misc'), misc)
})
