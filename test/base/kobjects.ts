// Objects of drivers in /sys: how they come and go, their sets and events, groups of attributes.
import t from 'tap'
import { EEXIST, EFBIG, EINVAL, EIO, ENODEV } from '../../src/include/linux/errno.ts'
import { O_NONBLOCK, O_RDWR } from '../../src/include/linux/fcntl.ts'
import { boot, build } from '../harness/machine.ts'

const HEAD = `
  import { kernel_kobj, kobject, kobject_create_and_add, kobject_del, kobject_get, kobject_init_and_add, kobject_name, kobject_put, kobject_uevent, kset_create_and_add, kset_find_obj, kset_unregister, KOBJ_ADD, add_uevent_var, kobj_sysfs_ops } from '#linux/kobject'
  import type { kobj_attribute, kobj_type, kset } from '#linux/kobject'
  import { __ATTR, __ATTR_RO, BIN_ATTR_RW, sysfs_add_file_to_group, sysfs_chmod_file, sysfs_create_bin_file, sysfs_create_file, sysfs_create_files, sysfs_create_group, sysfs_create_link, sysfs_emit, sysfs_emit_at, sysfs_merge_group, sysfs_notify, sysfs_remove_file, sysfs_remove_group, sysfs_remove_link, sysfs_update_group } from '#linux/sysfs'
  import type { attribute, attribute_group } from '#linux/sysfs'
  import { msleep } from '#linux/delay'
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  import { pr_info } from '#linux/printk'
  MODULE_LICENSE('GPL')
`

const text = (bytes: Uint8Array | number) =>
  typeof bytes === 'number' ? bytes : Buffer.from(bytes).toString()

t.test('objects of a kind of its own, in a set: files, events, release()', async t => {
  const image = await build(
    t,
    'kinds',
    `${HEAD}
    class foo extends kobject { value = 0 }
    const foo_attr: attribute = { name: 'value', mode: 0o664 }
    const ktype: kobj_type = {
      sysfs_ops: {
        show: (k, attr) => kobject_name(k) + '.' + ('name' in attr ? attr.name : '') + '=' + (k as foo).value + '\\n',
        store(k, _attr, buf, count) { (k as foo).value = parseInt(buf); return count },
      },
      default_groups: [{ attrs: [foo_attr] }],
      release: k => { pr_info('release %s\\n', kobject_name(k)) },
    }
    let set: kset | null
    const a = new foo()
    const b = new foo()
    module_init(() => {
      set = kset_create_and_add('kinds', { uevent: (k, env) => add_uevent_var(env, 'FOO=%s', kobject_name(k)) }, kernel_kobj)
      if (!set) return -12
      a.kset = set
      b.kset = set
      pr_info('a %d\\n', kobject_init_and_add(a, ktype, null, 'a%d', 1))
      pr_info('event %d\\n', kobject_uevent(a, KOBJ_ADD))
      pr_info('b %d\\n', kobject_init_and_add(b, ktype, null, 'a1'))
      kobject_put(b)
      const found = kset_find_obj(set, 'a1')
      pr_info('found %d\\n', found === a ? 1 : 0)
      kobject_put(found)
      const orphan = kobject_create_and_add('orphan', kernel_kobj)
      if (orphan) pr_info('no set %d\\n', kobject_uevent(orphan, KOBJ_ADD))
      kobject_put(orphan)
      return 0
    })
    module_exit(() => { kobject_put(a); kset_unregister(set) })`,
  )
  const { insmod, rmmod, user, dmesg } = await boot(t)
  const fd = await user.open('/sys/kernel/uevent_stream', O_NONBLOCK)
  const events = async () => {
    const all: string[] = []
    for (;;) {
      const event = await user.read(fd, 4096)
      if (typeof event === 'number') return all
      all.push(
        text(event)
          .toString()
          .replaceAll('\0', ' ')
          .replace(/ SEQNUM.*/, ''),
      )
    }
  }
  t.equal(await insmod(image), 0)
  t.strictSame(
    dmesg().filter(line => /^<[36]>/.test(line)),
    [
      '<6>a 0',
      '<6>event 0',
      "<3>kobject_add_internal failed for a1 with -EEXIST, don't try to register things with the same name in the same directory.",
      `<6>b ${-EEXIST}`,
      '<6>release a1',
      '<6>found 1',
      `<6>no set ${-EINVAL}`,
    ],
  )
  const path = '/kernel/kinds/a1'
  t.strictSame((await events()).slice(0, 1), [
    `add@${path} ACTION=add DEVPATH=${path} SUBSYSTEM=kinds FOO=a1`,
  ])
  t.equal(await user.writeFile(`/sys${path}/value`, '42'), 2)
  t.equal(await user.readFile(`/sys${path}/value`), 'a1.value=42\n')
  t.match(user.lstat(`/sys${path}/value`), { i_mode: 0o100664 })
  await rmmod('kinds')
  t.strictSame(dmesg(), ['<6>release a1'])
  t.match((await events())[0], `remove@${path}`)
  t.equal(user.lstat('/sys/kernel/kinds'), -2)
  t.equal(user.lstat('/sys/kernel/orphan'), -2)
})

t.test('groups: folders, who is visible, all or none', async t => {
  const image = await build(
    t,
    'groups',
    `${HEAD}
    const attr = (name: string, mode = 0o444): kobj_attribute => __ATTR<kobject>(name, mode, () => name + '\\n', null)
    const [x, y, z, w] = [attr('x'), attr('y'), attr('z'), attr('w', 0o666)]
    let hidden = true
    const grp: attribute_group = { name: 'folder', attrs: [x, y], is_visible: (_k, one, n) => (n === 1 && one === y && hidden ? 0 : 0o440) }
    let ko: kobject | null
    const say = (what: string, n: number) => pr_info('%s %d\\n', what, n)
    module_init(() => {
      ko = kobject_create_and_add('groups', kernel_kobj)
      if (!ko) return -12
      say('group', sysfs_create_group(ko, grp))
      say('again', sysfs_create_group(ko, grp))
      say('files', sysfs_create_files(ko, [x, z]))
      say('taken', sysfs_create_group(ko, { name: 'none', attrs: [y, y] }))
      say('merge', sysfs_merge_group(ko, { name: 'folder', attrs: [z] }))
      say('nowhere', sysfs_merge_group(ko, { name: 'nowhere', attrs: [z] }))
      say('add', sysfs_add_file_to_group(ko, w, 'folder'))
      say('empty', sysfs_create_group(ko, { name: 'empty' }))
      say('open', sysfs_create_group(ko, { attrs: [w] }))
      say('link', sysfs_create_link(ko, kernel_kobj, 'up'))
      say('chmod', sysfs_chmod_file(ko, x, 0o400))
      sysfs_remove_file(ko, z)
      hidden = false
      say('update', sysfs_update_group(ko, grp))
      sysfs_remove_group(ko, { name: 'never', attrs: [x] })
      return 0
    })
    module_exit(() => { kobject_put(ko) })`,
  )
  const { insmod, user, dmesg } = await boot(t)
  t.equal(await insmod(image), 0)
  const said = dmesg().filter(
    line => !/^<4>[A-Z\- ]|^<4>attr|module verification/.test(line),
  )
  t.strictSame(
    said.filter(line => line.startsWith('<6>')),
    [
      '<6>group 0',
      `<6>again ${-EEXIST}`,
      '<6>files 0',
      `<6>taken ${-EEXIST}`,
      '<6>merge 0',
      '<6>nowhere -2',
      '<6>add 0',
      `<6>empty ${-EINVAL}`,
      '<6>open 0',
      '<6>link 0',
      '<6>chmod 0',
      '<6>update 0',
    ],
  )
  for (const line of [
    "<4>sysfs: cannot create duplicate filename '/kernel/groups/folder'",
    "<4>sysfs: cannot create duplicate filename '/kernel/groups/none/y'",
    '<4>sysfs: (bin_)attrs not set by subsystem for group: groups/empty',
    "<4>sysfs group 'never' not found for kobject 'groups'",
  ])
    t.ok(said.includes(line), line)
  const dir = '/sys/kernel/groups'
  t.strictSame([...(user.readdir(dir) as string[])].toSorted(), [
    'folder',
    'up',
    'w',
    'x',
  ])
  t.strictSame([...(user.readdir(`${dir}/folder`) as string[])].toSorted(), [
    'w',
    'x',
    'y',
    'z',
  ])
  t.match(user.lstat(`${dir}/folder/y`), { i_mode: 0o100440 })
  t.match(user.lstat(`${dir}/w`), { i_mode: 0o100664 }, 'others may not write')
  t.match(user.lstat(`${dir}/x`), { i_mode: 0o100400 })
  t.match(user.lstat(`${dir}/up`), { i_link: '..' })
})

t.test('reads and writes: when show() is called, what store() gets', async t => {
  const image = await build(
    t,
    'rules',
    `${HEAD}
    let shows = 0
    let ko: kobject | null
    const count = __ATTR<kobject>('count', 0o644, (_k, _a, buf) => {
      const n = sysfs_emit(buf, '%d', ++shows)
      return n + sysfs_emit_at(buf, n, '%s', ' shows\\n')
    }, (_k, _a, buf, n) => { pr_info('%zu %s\\n', n, buf.slice(0, 3)); return n > 10 ? n : 1 })
    const oops = __ATTR_RO<kobject>('oops', () => { throw new TypeError('no') })
    const wrong = __ATTR_RO<kobject>('wrong', () => undefined as unknown as string)
    const slow = __ATTR_RO<kobject>('slow', async () => { await msleep(100); return 'slow\\n' })
    const blob = BIN_ATTR_RW('blob', 10, (_f, _k, _a, buf, pos, n) => { buf.fill(65 + pos); return n },
      (_f, _k, _a, buf, pos, n) => { pr_info('%d at %d\\n', n, pos); return n })
    module_init(() => {
      ko = kobject_create_and_add('rules', kernel_kobj)
      return ko ? sysfs_create_files(ko, [count, oops, wrong, slow]) || sysfs_create_bin_file(ko, blob) : -12
    })
    module_exit(() => { kobject_put(ko) })`,
  )
  const { insmod, rmmod, user, process, dmesg } = await boot(t)
  await insmod(image)
  const dir = '/sys/kernel/rules'
  const fd = await user.open(`${dir}/count`, O_RDWR)
  t.equal(text(await user.read(fd, 1)), '1')
  t.equal(text(await user.read(fd, 3)), ' sh')
  t.equal(text(await user.read(fd, 10)), 'ows\n')
  t.equal(text(await user.read(fd, 10)), '')
  t.equal(text(await user.pread(fd, 10, 0)), '2 shows\n')
  t.equal(text(await user.pread(fd, 3, 2)), 'sho', 'elsewhere: show() again')
  t.equal(text(await user.pread(fd, 3, 5)), 'ws\n', 'where it ended: not')
  t.equal(text(await user.pread(fd, 1, 0)), '4')
  dmesg()
  t.equal(await user.write(fd, 'ab'), 1)
  t.equal(await user.write(fd, 'x'.repeat(5000)), 4096)
  t.equal(await user.write(fd, ''), 0)
  t.strictSame(dmesg(), ['<6>2 ab', '<6>4096 xxx'])
  t.equal(await user.readFile(`${dir}/wrong`), -EIO)
  const victim = process({ pid: 9 })
  t.equal(await victim.readFile(`${dir}/oops`), -EIO)
  t.strictSame(victim.signals, [9])

  const blob = await user.open(`${dir}/blob`, O_RDWR)
  t.equal(text(await user.pread(blob, 100, 8)), 'II')
  t.equal(text(await user.pread(blob, 100, 10)), '')
  dmesg()
  t.equal(await user.pwrite(blob, 'abcd', 8), 2)
  t.equal(await user.pwrite(blob, 'abcd', 10), -EFBIG)
  t.strictSame(dmesg(), ['<6>2 at 8'])

  await user.lseek(fd, 0)
  t.equal(text(await user.read(fd, 1)), '5')
  const reader = process({ pid: 8 })
  const slow = await reader.open(`${dir}/slow`)
  const waiting = reader.read(slow, 100)
  const began = performance.now()
  t.equal(await rmmod('rules'), 0)
  t.ok(performance.now() - began > 50, 'rmmod waits for the show() that is running')
  t.equal(text(await waiting), 'slow\n')
  t.equal(await reader.read(slow, 100), -ENODEV)
  t.equal(text(await user.read(fd, 3)), ' sh', 'what is left of a text can be read')
  await user.lseek(fd, 0)
  t.equal(await user.read(fd, 10), -ENODEV)
  t.equal(await user.write(fd, '1'), -ENODEV)
  t.equal((await user.ready(fd)) & 10, 10)
})

t.test('classes, parents and misc devices with files of their own', async t => {
  const image = await build(
    t,
    'family',
    `${HEAD}
    import { CLASS_ATTR_RO, DEVICE_ATTR_RO, DEVICE_ATTR_RW, class_register, class_unregister, dev_get_drvdata, dev_name, device_add_group, device_create, device_remove_group, device_unregister, kobj_to_dev } from '#linux/device'
    import type { class as class_t, device } from '#linux/device'
    import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
    import type { miscdevice } from '#linux/miscdevice'
    const dev_attr_data = DEVICE_ATTR_RO('data', dev => 'data ' + dev_get_drvdata(dev) + '\\n')
    const dev_attr_extra = DEVICE_ATTR_RO('extra', () => 'extra\\n')
    const named: attribute_group = { attrs: [dev_attr_data], is_visible: (k, a) => (dev_name(kobj_to_dev(k)) === 'child' ? 0o400 : 0o444) }
    const cls: class_t = { name: 'family', class_groups: [{ attrs: [CLASS_ATTR_RO('motto', c => c.name + '\\n')] }], dev_groups: [named] }
    const misc: miscdevice = { minor: MISC_DYNAMIC_MINOR, name: 'odd', fops: {}, groups: [{ attrs: [dev_attr_extra] }] }
    let parent: device
    let child: device
    module_init(() => {
      const err = class_register(cls) || misc_register(misc)
      if (err) return err
      parent = device_create(cls, null, 0, 'one', 'parent') as device
      child = device_create(cls, parent, 0, 'two', 'child') as device
      device_add_group(child, { attrs: [dev_attr_extra] })
      return sysfs_create_link(misc.this_device!.kobj, parent.kobj, 'friend')
    })
    module_exit(() => {
      device_unregister(child)
      device_unregister(parent)
      misc_deregister(misc)
      class_unregister(cls)
    })`,
  )
  const { insmod, rmmod, user } = await boot(t)
  t.equal(await insmod(image), 0)
  t.equal(await user.readFile('/sys/class/family/motto'), 'family\n')
  t.equal(await user.readFile('/sys/class/family/parent/data'), 'data one\n')
  t.equal(
    await user.readFile('/sys/devices/virtual/family/parent/child/data'),
    'data two\n',
  )
  t.match(user.lstat('/sys/class/family/child'), {
    i_link: '../../devices/virtual/family/parent/child',
  })
  const child = '/sys/class/family/child'
  t.match(user.lstat(`${child}/subsystem`), { i_link: '../../../../../class/family' })
  t.match(user.lstat(`${child}/device`), { i_link: '../../parent' })
  t.match(user.lstat(`${child}/data`), { i_mode: 0o100400 })
  t.equal(await user.readFile(`${child}/extra`), 'extra\n')
  t.equal(await user.readFile('/sys/class/misc/odd/extra'), 'extra\n')
  t.match(user.lstat('/sys/class/misc/odd/friend'), { i_link: '../../family/parent' })
  t.equal(await rmmod('family'), 0)
  t.equal(user.lstat('/sys/class/family'), -2)
})
