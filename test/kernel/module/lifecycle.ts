// Loading and removing: what init and exit answer, how long they take, who holds what.
import t from 'tap'
import {
  EAGAIN,
  EBUSY,
  EEXIST,
  EINVAL,
  ENODEV,
  ENOENT,
} from '../../../src/include/linux/errno.ts'
import { O_TRUNC } from '../../../src/include/uapi/fcntl.ts'
import { boot, build } from '../../harness/machine.ts'

const settle = () => new Promise(resolve => setTimeout(resolve, 5))

/** A module whose init and exit sleep until a file in its directory is written. */
const SLOW = `
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  import { module_param } from '#linux/moduleparam'
  import { msleep } from '#linux/delay'
  MODULE_LICENSE('GPL')
  const init_ms = module_param('init_ms', 'int', 0, 0o444)
  const exit_ms = module_param('exit_ms', 'int', 0, 0o444)
  const ret = module_param('ret', 'int', 0, 0o444)
  module_init(async () => { await msleep(init_ms.value); return ret.value })
  module_exit(async () => { await msleep(exit_ms.value) })
`

t.test('init’s answer decides', async t => {
  const image = await build(t, 'ret', SLOW)
  const { insmod, rmmod, dmesg, user, kernel } = await boot(t)
  const symbols = kernel.symbols.all().length
  await insmod(image)
  await rmmod('ret')
  dmesg()
  for (const err of [-1, -2, -12, -EBUSY, -512, -4095, -5000]) {
    t.equal(await insmod(image, `ret=${err}`), err)
    t.equal(await user.readFile('/proc/modules'), '')
    t.equal(user.lstat('/sys/module/ret'), -ENOENT)
  }
  t.strictSame(dmesg(), [], 'without a word')
  t.equal(kernel.symbols.all().length, symbols)

  t.equal(await insmod(image, 'ret=1'), 0)
  t.match(
    await user.readFile('/proc/modules'),
    /^ret \d+ 0 - Live 0x[0-9a-f]{16} \(OE\)\n$/,
  )
  const lines = dmesg()
  t.strictSame(lines[0]?.split('\n'), [
    "<4>do_init_module: 'ret'->init suspiciously returned 1, it should follow 0/-E convention",
    '<4>do_init_module: loading module anyway...',
  ])
  t.match(lines[1], /^<4>CPU: 0 PID: 1 Comm: insmod Tainted: G +OE /)
  t.equal(await user.readFile('/proc/sys/kernel/tainted'), '12288\n', 'that is no taint')
})

t.test('a module that is loaded is not loaded again', async t => {
  const image = await build(t, 'slow', SLOW)
  const { insmod, rmmod } = await boot(t)
  t.equal(await insmod(image), 0)
  t.equal(await insmod(image), -EEXIST)
  t.equal(await rmmod('slow'), 0)
  t.equal(await rmmod('slow'), -ENOENT)
  t.equal(await insmod(image), 0)
})

t.test('while it loads and while it unloads', async t => {
  const image = await build(t, 'slow', SLOW)
  const { insmod, rmmod, user } = await boot(t)
  const loading = insmod(image, 'init_ms=40 exit_ms=40')
  await settle()
  t.match(
    await user.readFile('/proc/modules'),
    /^slow \d+ 1 - Loading 0x[0-9a-f]{16} \(OE\+\)\n$/,
  )
  t.equal(await user.readFile('/sys/module/slow/initstate'), 'coming\n')
  t.equal(await user.readFile('/sys/module/slow/refcnt'), '1\n')
  t.equal(await rmmod('slow'), -EBUSY)
  const second = insmod(image)
  t.equal(await loading, 0)
  t.equal(await second, -EEXIST, 'the second has waited for the first')
  t.equal(await user.readFile('/sys/module/slow/initstate'), 'live\n')

  const unloading = rmmod('slow')
  await settle()
  t.match(
    await user.readFile('/proc/modules'),
    /^slow \d+ -1 - Unloading 0x[0-9a-f]{16} \(OE-\)\n$/,
  )
  t.equal(await user.readFile('/sys/module/slow/initstate'), 'going\n')
  t.equal(await user.readFile('/sys/module/slow/refcnt'), '-1\n')
  t.equal(await rmmod('slow'), -EBUSY)
  t.equal(await insmod(image), -EBUSY)
  t.equal(await unloading, 0)
  t.equal(await user.readFile('/proc/modules'), '')
})

t.test('who waited for a load that failed does not try again at once', async t => {
  const image = await build(t, 'slow', SLOW)
  const { insmod, user } = await boot(t)
  const first = insmod(image, `init_ms=20 ret=${-ENODEV}`)
  await settle()
  const second = insmod(image)
  t.equal(await first, -ENODEV)
  t.equal(await second, -EBUSY)
  t.equal(await user.readFile('/proc/modules'), '')
})

t.test('a module without exit stays, unless it is forced', async t => {
  const image = await build(
    t,
    'noexit',
    `
    import { MODULE_LICENSE, module_init } from '#linux/module'
    MODULE_LICENSE('GPL')
    module_init(() => 0)
  `,
  )
  const { insmod, rmmod, user, dmesg } = await boot(t)
  await insmod(image)
  t.match(await user.readFile('/proc/modules'), /^noexit \d+ 0 \[permanent\], Live /)
  t.equal(await rmmod('noexit'), -EBUSY)
  dmesg()
  t.equal(await rmmod('noexit', O_TRUNC), 0)
  t.strictSame(dmesg(), ['<4>Disabling lock debugging due to kernel taint'])
  t.equal(await user.readFile('/proc/sys/kernel/tainted'), `${12288 + 8}\n`)
})

t.test('a module without init and exit can be removed', async t => {
  const image = await build(
    t,
    'data',
    `
    import { MODULE_LICENSE } from '#linux/module'
    MODULE_LICENSE('GPL')
  `,
  )
  const { insmod, rmmod, user } = await boot(t)
  t.equal(await insmod(image), 0)
  t.match(await user.readFile('/proc/modules'), /^data \d+ 0 - Live /)
  t.equal(await rmmod('data', O_TRUNC), 0)
  t.equal(
    await user.readFile('/proc/sys/kernel/tainted'),
    '12288\n',
    'no force was needed',
  )
})

t.test('parameters: the file in sysfs, and the messages of insmod', async t => {
  const image = await build(
    t,
    'par',
    `
    import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
    import { module_param } from '#linux/moduleparam'
    MODULE_LICENSE('GPL')
    module_param('rw', 'int', 1, 0o644)
    module_param('ro', 'int', 2, 0o444)
    module_param('wo', 'charp', null, 0o200)
    module_param('hidden', 'bool', false, 0)
    module_init(() => 0)
    module_exit(() => {})
  `,
  )
  const { insmod, user, dmesg } = await boot(t)
  t.equal(await insmod(image, 'rw=x nosuch=1'), -EINVAL)
  t.strictSame(dmesg().slice(2), [
    "<3>par: `x' invalid for parameter `rw'",
    "<4>par: unknown parameter 'nosuch' ignored",
  ])
  t.equal(await user.readFile('/proc/modules'), '')

  t.equal(await insmod(image, 'rw=0x10 hidden'), 0)
  const dir = '/sys/module/par/parameters'
  t.strictSame(user.readdir(dir), ['rw', 'ro', 'wo'])
  t.equal(await user.readFile(`${dir}/rw`), '16\n')
  t.equal(await user.writeFile(`${dir}/rw`, '8\0'), 2, 'a NUL ends the text')
  t.equal(await user.writeFile(`${dir}/rw`, ''), 0)
  t.equal(await user.writeFile(`${dir}/rw`, 'no'), -EINVAL)
  t.equal(await user.readFile(`${dir}/rw`), '8\n')
  t.equal(await user.writeFile(`${dir}/ro`, '3'), -13)
  t.equal(await user.readFile(`${dir}/wo`), -13)

  const file = user.lstat(`${dir}/ro`)
  if (typeof file === 'object') file.i_mode |= 0o222
  t.equal(await user.writeFile(`${dir}/ro`, '3'), -5, 'chmod does not make it writable')
})

t.test('an exception while the file is evaluated leaves nothing', async t => {
  const image = await build(
    t,
    'early',
    `
    import { MODULE_LICENSE } from '#linux/module'
    MODULE_LICENSE('GPL')
    if (['la', 'ter'].join('') === 'never') throw new Error('too early')
  `,
  )
  const never = Buffer.from(image).toString('latin1').replaceAll('never', 'later')
  const { insmod, dmesg, user } = await boot(t)
  t.ok((await insmod(Buffer.from(never, 'latin1'))) < 0)
  t.match(dmesg().join('\n'), /too early/)
  t.equal(await user.readFile('/proc/modules'), '')
  t.equal(user.lstat('/sys/module/early'), -ENOENT)
  t.equal(await insmod(image), 0)
})

t.test('an open file keeps its module', async t => {
  const { insmod, rmmod, user } = await boot(t)
  await insmod('scull')
  const before = await user.readFile('/sys/module/scull/refcnt')
  const fd = await user.open('/dev/scull0')
  const copy = user.dup(fd)
  t.equal(before, '0\n')
  t.equal(await rmmod('scull'), -EAGAIN)
  await user.close(fd)
  t.equal(await rmmod('scull'), -EAGAIN)
  await user.close(copy)
  t.equal(await user.readFile('/sys/module/scull/refcnt'), '0\n')
  t.equal(await rmmod('scull'), 0)
})
