// /sys/module/<name>: what is in it, with which modes and sizes, and what the files say.
import t from 'tap'
import {
  EACCES,
  EINVAL,
  EIO,
  ENODEV,
  ENOENT,
  EPERM,
} from '../../../src/include/linux/errno.ts'
import { O_RDWR } from '../../../src/include/linux/fcntl.ts'
import { simple_setattr, type Inode } from '../../../src/fs/inode.ts'
import { bootThisMachine } from '../../../src/this_machine.ts'
import { UserProcess } from '../../../src/user_process.ts'
import { boot, build } from '../../harness/machine.ts'

const FULL = `
  import { MODULE_LICENSE, MODULE_VERSION, module_exit, module_init } from '#linux/module'
  import {
    module_param, module_param_array, module_param_cb, module_param_named, module_param_string,
    param_get_int, param_set_int,
  } from '#linux/moduleparam'
  import { pr_info } from '#linux/printk'
  import { ref } from '#linux/types'
  MODULE_LICENSE('GPL')
  MODULE_VERSION('2.0-rc1')
  const speed = module_param('speed', 'int', 3, 0o644)
  const big = module_param('big', 'ulong', 7n, 0o644)
  module_param('hidden', 'int', 0, 0)
  const name = module_param_string('name', 'abc', 8, 0o644)
  const count = ref(2)
  const arr = module_param_array('arr', 'int', [1, 2, 3], count, 0o644)
  const inner = ref(5)
  module_param_named('alias', inner, 'int', 0o444)
  const checked = ref(1)
  module_param_cb('checked', { set: param_set_int, get: param_get_int }, checked, 0o600)
  module_param_cb('getonly', { get: param_get_int }, checked, 0o644)
  module_param_cb('crash', { set: () => { throw new Error('in set') } }, checked, 0o200)
  module_init(() => 0)
  module_exit(() => {
    pr_info('%d %lu %s %d/%d,%d,%d %d %d\\n', speed.value, big.value, name.value,
      count.value, ...arr, inner.value, checked.value)
  })
`
const DIR = '/sys/module/full'
const P = `${DIR}/parameters`

const modes = (user: UserProcess, dir: string) =>
  (user.readdir(dir) as string[]).toSorted().map(name => {
    const { i_mode, i_size } = user.lstat(`${dir}/${name}`) as Inode
    return `${name} ${(i_mode & 0o7777).toString(8)} ${i_size}`
  })

t.test('the directory of a module', async t => {
  const image = await build(t, 'full', FULL)
  const { insmod, rmmod, user } = await boot(t)
  t.equal(await insmod(image), 0)
  t.strictSame(modes(user, DIR), [
    'coresize 444 4096',
    'holders 755 0',
    'initsize 444 4096',
    'initstate 444 4096',
    'notes 755 0',
    'parameters 755 0',
    'refcnt 444 4096',
    'sections 755 0',
    'srcversion 444 4096',
    'taint 444 4096',
    'uevent 200 4096',
    'version 444 4096',
  ])
  t.strictSame(modes(user, P), [
    'alias 444 4096',
    'arr 644 4096',
    'big 644 4096',
    'checked 600 4096',
    'crash 200 4096',
    'getonly 644 4096',
    'name 644 4096',
    'speed 644 4096',
  ])
  t.equal((user.lstat(DIR) as Inode).nlink, 6)
  const read = (name: string) => user.readFile(`${DIR}/${name}`)
  t.equal(await read('initstate'), 'live\n')
  t.equal(await read('refcnt'), '0\n')
  t.equal(await read('taint'), 'OE\n')
  t.equal(await read('version'), '2.0-rc1\n')
  t.match(await read('srcversion'), /^[0-9A-F]{23}\n$/)
  const sections = modes(user, `${DIR}/sections`)
  t.ok(sections.includes('__param 400 19'))
  t.notOk(sections.some(line => /modinfo|__versions|debug/.test(line)))
  t.match(await read('sections/__param'), /^0xffffffffc0[0-9a-f]{6}\n$/)
  const note = '.note.gnu.build-id'
  t.ok(modes(user, `${DIR}/notes`).includes(`${note} 444 36`))
  const fd = await user.open(`${DIR}/notes/${note}`)
  const bytes = Buffer.from((await user.read(fd, 100)) as Uint8Array)
  // Length of the name, length of the rest, NT_GNU_BUILD_ID, "GNU".
  t.equal(bytes.subarray(0, 16).toString('hex'), '04000000140000000300000047' + '4e5500')
  t.equal(bytes.length, 36)
  await rmmod('full')
  t.equal(user.lstat(DIR), -ENOENT)
})

t.test('parameters of all kinds are given, shown and written', async t => {
  const image = await build(t, 'full', FULL)
  const { insmod, rmmod, user, dmesg } = await boot(t)
  t.equal(
    await insmod(image, 'speed=9 big=18446744073709551615 arr=7 name=xyz checked=4'),
    0,
  )
  const read = (name: string) => user.readFile(`${P}/${name}`)
  const write = (name: string, text: string) => user.writeFile(`${P}/${name}`, text)
  t.equal(await read('speed'), '9\n')
  t.equal(await read('big'), '18446744073709551615\n')
  t.equal(await read('name'), 'xyz\n')
  t.equal(await read('arr'), '7\n')
  t.equal(await read('getonly'), '4\n')
  t.equal(await read('hidden'), -ENOENT)
  t.equal(await read('crash'), -EACCES, 'root, too, is held to the mode')
  t.equal(await write('alias', '1'), -EACCES)
  t.equal(await write('getonly', '1'), -EPERM)
  t.equal(await write('arr', '8,zz,9'), -EINVAL)
  t.equal(await read('arr'), '8\n')
  t.equal(await write('arr', '1,2,3\n'), 6)
  t.equal(await write('checked', '77\n'), 3)
  simple_setattr(user.lstat(`${P}/alias`) as Inode, { mode: 0o666 })
  t.equal(await write('alias', '1'), -EIO, 'chmod(1) makes nothing writable')
  dmesg()
  await rmmod('full')
  t.strictSame(dmesg(), ['<6>9 18446744073709551615 xyz 3/1,2,3 5 77'])
})

t.test('a write is the whole value, wherever it is written', async t => {
  const image = await build(t, 'full', FULL)
  const { insmod, user } = await boot(t)
  await insmod(image)
  const fd = await user.open(`${P}/speed`, O_RDWR)
  t.equal(await user.write(fd, '12'), 2)
  t.equal(await user.write(fd, '34'), 2)
  t.equal(Buffer.from((await user.pread(fd, 20, 0)) as Uint8Array).toString(), '34\n')
  t.equal(await user.pwrite(fd, '9', 100), 1)
  t.equal(await user.write(fd, ''), 0)
  t.equal(Buffer.from((await user.pread(fd, 20, 0)) as Uint8Array).toString(), '9\n')
  t.equal(await user.ready(fd), 0x145, 'always ready')
})

t.test(
  'a file that is open does not hold its module, and then is of no device',
  async t => {
    const image = await build(t, 'full', FULL)
    const { insmod, rmmod, user } = await boot(t)
    await insmod(image)
    const fd = await user.open(`${P}/speed`, O_RDWR)
    t.equal(await rmmod('full'), 0)
    t.equal(await user.read(fd, 10), -ENODEV)
    t.equal(await user.write(fd, '1'), -ENODEV)
    t.equal(await user.ready(fd), 0x145 | 0x8 | 0x2)
    await user.close(fd)
  },
)

t.test(
  'an exception in set: an oops for a write, a module that loads for ever',
  async t => {
    const image = await build(t, 'full', FULL)
    const { insmod, rmmod, user, dmesg } = await boot(t)
    await insmod(image)
    t.equal(await user.writeFile(`${P}/crash`, '1'), -EIO)
    t.ok(dmesg().some(line => line.includes('Error: in set')))
    t.equal(await user.writeFile(`${P}/speed`, '1'), 1, 'the others go on')
    await rmmod('full')
    t.equal(await insmod(image, 'crash=1'), -EIO)
    t.match(await user.readFile('/proc/modules'), /^full \d+ 1 - Loading /)
    t.equal(user.lstat(DIR), -ENOENT)
  },
)

t.test('what is part of the kernel: its parameters, and an event on demand', async t => {
  const cmdline = 'printk.time=off module_blacklist=evil,worse'
  const user = new UserProcess(await bootThisMachine({ cmdline }))
  t.strictSame(modes(user, '/sys/module/printk'), ['parameters 755 0', 'uevent 200 4096'])
  t.equal(await user.readFile('/sys/module/printk/parameters/time'), 'N\n')
  const kernel = '/sys/module/kernel/parameters'
  t.strictSame(modes(user, kernel), [
    'module_blacklist 400 4096',
    'panic 644 4096',
    'panic_on_warn 644 4096',
  ])
  t.equal(await user.readFile(`${kernel}/module_blacklist`), 'evil,worse\n')
  t.equal(await user.writeFile('/sys/module/printk/parameters/time', 'maybe\n'), -EINVAL)
  t.equal(await user.writeFile('/sys/module/printk/parameters/time', 'Y\n'), 2)
  t.equal(await user.readFile('/sys/module/printk/parameters/time'), 'Y\n')
})
