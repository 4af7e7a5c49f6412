// Devices that a driver makes itself: who holds them, when release() comes, where they are in /sys.
import t from 'tap'
import { ENOENT } from '../../src/include/linux/errno.ts'
import { O_NONBLOCK, O_RDONLY, O_WRONLY } from '../../src/include/linux/fcntl.ts'
import { boot, build } from '../harness/machine.ts'

const HEAD = `
  import { cdev, cdev_device_add, cdev_device_del, cdev_init } from '#linux/cdev'
  import * as dm from '#linux/device'
  import type { class as class_t } from '#linux/device'
  import { MKDEV } from '#linux/kdev_t'
  import { KOBJ_CHANGE, kobject_create_and_add, kobject_get, kobject_put, kobject_uevent } from '#linux/kobject'
  import { GFP_KERNEL } from '#linux/slab'
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { pr_info } from '#linux/printk'
  MODULE_LICENSE('GPL')
  const cls: class_t = { name: 'lifetime' }
`

const said = (lines: string[]) => lines.filter(line => line.startsWith('<6>'))

t.test('a device is released after the last file of it has been closed', async t => {
  const image = await build(
    t,
    'held',
    `${HEAD}
    class sensor extends dm.device {
      readonly cdev = new cdev()
      reading = 7
    }
    let one: sensor
    module_init(() => {
      let err = dm.class_register(cls)
      if (err) return err
      one = new sensor()
      dm.device_initialize(one)
      one.class = cls
      one.devt = MKDEV(240, 0)
      one.release = dev => pr_info('release %s %d\\n', dm.dev_name(dev), (dev as sensor).reading)
      dm.dev_set_name(one, 'sensor%d', 3)
      cdev_init(one.cdev, {
        owner: THIS_MODULE,
        write(_filp, _buf, count) {
          cdev_device_del(one.cdev, one)
          dm.put_device(one)
          return count
        },
        release: () => (pr_info('closed\\n'), 0),
      })
      err = cdev_device_add(one.cdev, one)
      return err
    })
    module_exit(() => {
      dm.class_unregister(cls)
    })`,
  )
  const { insmod, rmmod, user, dmesg } = await boot(t)
  t.equal(await insmod(image), 0)
  const fd = await user.open('/dev/sensor3', O_WRONLY)
  dmesg()
  t.equal(await user.write(fd, 'off'), 3, 'the driver takes it away')
  t.strictSame(said(dmesg()), [])
  t.equal(user.lstat('/dev/sensor3'), -ENOENT)
  t.equal(await user.close(fd), 0)
  t.strictSame(said(dmesg()), ['<6>closed', '<6>release sensor3 7'])
  t.equal(await rmmod('held'), 0)
})

t.test(
  'a device without release() is broken, and one reference too few is seen',
  async t => {
    const image = await build(
      t,
      'broken',
      `${HEAD}
    const one = new dm.device({ init_name: 'orphan' })
    module_init(() => {
      pr_info('no name=%d\\n', dm.device_register(new dm.device({ release() {} })))
      pr_info('%s %d %d\\n', dm.dev_name(one), dm.device_register(one), one.kobj.state_in_sysfs)
      return 0
    })
    module_exit(() => {
      dm.device_unregister(one)
      dm.put_device(one)
      dm.device_unregister(one)
    })`,
    )
    const { insmod, rmmod, user, dmesg } = await boot(t)
    t.equal(await insmod(image), 0)
    t.strictSame(said(dmesg()), ['<6>no name=-22', '<6>orphan 0 1'])
    t.strictSame(user.readdir('/sys/devices/orphan'), ['uevent', 'power'])
    t.equal(await rmmod('broken'), 0)
    t.strictSame(
      dmesg().filter(line => /release\(\)|refcount_t/.test(line)),
      [
        "<3>Device 'orphan' does not have a release() function, it is broken and must be fixed. See Documentation/core-api/kobject.rst.",
        '<4>refcount_t: underflow; use-after-free.',
        '<4>refcount_t: underflow; use-after-free.',
      ],
    )
    t.equal(user.lstat('/sys/devices/orphan'), -ENOENT)
  },
)

t.test('type, class: who names the node, adds to events, and releases', async t => {
  const image = await build(
    t,
    'typed',
    `${HEAD}
    const type: dm.device_type = {
      name: 'thing',
      devnode(dev, mode, uid, gid) {
        mode.value = 0o640
        uid.value = 5
        gid.value = 6
        return 'things/' + dm.dev_name(dev)
      },
    }
    const mine: class_t = { name: 'typed', dev_release: dev => pr_info('dev_release %s\\n', dm.dev_name(dev)), class_release: () => pr_info('class_release\\n') }
    const one = new dm.device({ init_name: 'one', class: mine, type, devt: MKDEV(240, 9) })
    module_init(() => dm.class_register(mine) || dm.device_register(one))
    module_exit(() => {
      dm.device_unregister(one)
      dm.class_unregister(mine)
    })`,
  )
  const { insmod, rmmod, user, dmesg } = await boot(t)
  t.equal(await insmod(image), 0)
  t.match(user.lstat('/dev/things/one'), { i_mode: 0o020640, i_uid: 5, i_gid: 6 })
  t.equal(
    await user.readFile('/sys/class/typed/one/uevent'),
    'MAJOR=240\nMINOR=9\nDEVNAME=things/one\nDEVMODE=0640\nDEVUID=5\nDEVGID=6\nDEVTYPE=thing\n',
  )
  dmesg()
  t.equal(await rmmod('typed'), 0)
  t.strictSame(said(dmesg()), ['<6>dev_release one', '<6>class_release'])
})

t.test('children are found, renamed and moved; links follow them', async t => {
  const image = await build(
    t,
    'family',
    `${HEAD}
    let root: dm.device
    let a: dm.device
    let b: dm.device
    const names: string[] = []
    const note = (dev: dm.device) => (names.push(dm.dev_name(dev)), 0)
    module_init(() => {
      dm.class_register(cls)
      root = dm.root_device_register('grove') as dm.device
      a = dm.device_create(cls, root, 0, null, 'a') as dm.device
      b = dm.device_create(cls, a, 0, null, 'b') as dm.device
      dm.device_create(cls, a, 0, null, 'c')
      dm.device_for_each_child(a, null, note)
      dm.device_for_each_child_reverse(a, null, note)
      dm.class_for_each_device(cls, null, null, note)
      dm.class_for_each_device(cls, a, null, note)
      const found = dm.device_find_child(a, 'c', (dev, name) => dm.dev_name(dev) === name)
      pr_info('%s %s\\n', names.join(), found ? dm.dev_name(found) : 'none')
      dm.put_device(found)
      pr_info('%d %d\\n', dm.device_find_child_by_name(a, 'x') === null, dm.class_find_device_by_name(cls, 'x') === null)
      const gone: class_t = { name: 'gone' }
      dm.class_for_each_device(gone, null, null, note)
      pr_info('rename=%d\\n', dm.device_rename(a, 'tree'))
      pr_info('rename=%d\\n', dm.device_rename(b, 'c'))
      pr_info('move=%d\\n', dm.device_move(b, root, 0))
      return 0
    })
    module_exit(() => {
      for (const name of ['b', 'c']) {
        const dev = dm.class_find_device_by_name(cls, name)
        if (!dev) continue
        dm.put_device(dev)
        dm.device_unregister(dev)
      }
      dm.device_unregister(a)
      dm.root_device_unregister(root)
      dm.class_unregister(cls)
    })`,
  )
  const { insmod, rmmod, user, dmesg } = await boot(t)
  const fd = await user.open('/sys/kernel/uevent_stream', O_RDONLY | O_NONBLOCK)
  t.equal(await insmod(image), 0)
  const lines = dmesg()
  t.strictSame(said(lines), [
    '<6>b,c,c,b,a,b,c,b,c c',
    '<6>1 1',
    '<6>rename=0',
    '<6>rename=-17',
    '<6>move=0',
  ])
  t.ok(
    lines.includes(
      "<4>class_for_each_device called for class 'gone' before it was initialized",
    ),
  )
  t.match(user.lstat('/sys/class/lifetime/tree'), {
    i_link: '../../devices/grove/lifetime/tree',
  })
  t.match(user.lstat('/sys/class/lifetime/c'), {
    i_link: '../../devices/grove/lifetime/tree/c',
  })
  t.match(user.lstat('/sys/class/lifetime/b'), {
    i_link: '../../devices/grove/lifetime/b',
  })
  t.match(user.lstat('/sys/class/lifetime/b/device'), { i_link: '../../../grove' })
  t.equal(user.lstat('/sys/class/lifetime/a'), -ENOENT)
  const moves: string[] = []
  for (;;) {
    const event = await user.read(fd, 4096)
    if (typeof event === 'number') break
    const text = Buffer.from(event).toString()
    if (text.startsWith('move@')) moves.push(text.replaceAll('\0', ' '))
  }
  t.match(moves, [
    /^move@\/devices\/grove\/lifetime\/tree .*DEVPATH_OLD=\/devices\/grove\/lifetime\/a /,
    /^move@\/devices\/grove\/lifetime\/b .*DEVPATH_OLD=\/devices\/grove\/lifetime\/tree\/b /,
  ])
  await user.close(fd)
  t.equal(await rmmod('family'), 0)
  t.equal(user.lstat('/sys/devices/grove'), -ENOENT)
})

t.test('what a device holds is given back in reverse order when it ends', async t => {
  const image = await build(
    t,
    'holds',
    `${HEAD}
    const say = (what: string) => pr_info('%s\\n', what)
    let one: dm.device
    const attr = dm.DEVICE_ATTR_RO('late', () => 'late\\n')
    module_init(() => {
      dm.class_register(cls)
      one = dm.device_create(cls, null, 0, null, 'holder') as dm.device
      const memory = dm.devm_kzalloc(one, 16, GFP_KERNEL)
      dm.devm_add_action(one, say, 'first')
      dm.devm_add_action(one, say, 'second')
      pr_info('%d\\n', dm.devm_add_action_or_reset(one, say, 'third'))
      dm.devm_remove_action(one, say, 'second')
      dm.devm_release_action(one, say, 'first')
      dm.devm_add_action(one, say, 'fourth')
      pr_info('%d %s\\n', memory?.length, dm.devm_kasprintf(one, GFP_KERNEL, '%s-%d', 'n', 1))
      dm.devm_kfree(one, memory)
      dm.devm_kfree(one, memory)
      return dm.devm_device_add_group(one, { attrs: [attr] })
    })
    module_exit(() => {
      const held = dm.get_device(one)
      dm.device_unregister(one)
      pr_info('unregistered\\n')
      dm.put_device(held)
      dm.class_unregister(cls)
    })`,
  )
  const { insmod, rmmod, user, dmesg } = await boot(t)
  t.equal(await insmod(image), 0)
  const lines = dmesg()
  t.strictSame(said(lines), ['<6>0', '<6>first', '<6>16 n-1'])
  t.equal(lines.filter(line => line.startsWith('<4>WARNING:')).length, 1, 'freed twice')
  t.equal(await user.readFile('/sys/class/lifetime/holder/late'), 'late\n')
  t.equal(await rmmod('holds'), 0)
  t.strictSame(said(dmesg()), ['<6>unregistered', '<6>fourth', '<6>third'])
})

t.test('a device that cannot be leaves what others have', async t => {
  const image = await build(
    t,
    'twins',
    `${HEAD}
    const roots: dm.device[] = []
    const made: (dm.device | number)[] = []
    module_init(() => {
      dm.class_register(cls)
      for (const name of ['left', 'right']) {
        const root = dm.root_device_register(name) as dm.device
        roots.push(root)
        made.push(dm.device_create(cls, root, 0, null, 'twin'))
      }
      pr_info('%d\\n', made[1])
      return 0
    })
    module_exit(() => {
      dm.device_unregister(made[0] as dm.device)
      for (const root of roots) dm.root_device_unregister(root)
      dm.class_unregister(cls)
    })`,
  )
  const { insmod, rmmod, user, dmesg } = await boot(t)
  t.equal(await insmod(image), 0)
  const lines = dmesg()
  t.ok(
    lines.includes("<4>sysfs: cannot create duplicate filename '/class/lifetime/twin'"),
  )
  t.strictSame(said(lines), ['<6>-17'])
  t.match(user.lstat('/sys/class/lifetime/twin'), {
    i_link: '../../devices/left/lifetime/twin',
  })
  t.strictSame(user.readdir('/sys/devices/right'), ['uevent', 'power'])
  t.equal(await rmmod('twins'), 0)
})

t.test('a release() that crashes at the last close is an oops, not the end', async t => {
  const image = await build(
    t,
    'crash',
    `${HEAD}
    const one = new dm.device({ init_name: 'fragile', class: cls, devt: MKDEV(240, 0), release: dev => (dev.driver_data as { gone: () => void }).gone() })
    const c = new cdev()
    module_init(() => {
      dm.class_register(cls)
      dm.device_initialize(one)
      cdev_init(c, {
        read() {
          cdev_device_del(c, one)
          dm.put_device(one)
          return 0
        },
      })
      return cdev_device_add(c, one)
    })
    module_exit(() => dm.class_unregister(cls))`,
  )
  const { insmod, rmmod, user, dmesg, process } = await boot(t)
  t.equal(await insmod(image), 0)
  const victim = process({ pid: 9 })
  const fd = await victim.open('/dev/fragile')
  t.equal((await victim.read(fd, 1)).toString(), '')
  dmesg()
  await victim.close(fd)
  t.match(dmesg()[0], /^<1>BUG: kernel NULL pointer dereference/)
  t.strictSame(victim.signals, [9])
  t.equal(await user.readFile('/dev/null'), '', 'others go on')
  t.equal(await rmmod('crash'), 0)
})
