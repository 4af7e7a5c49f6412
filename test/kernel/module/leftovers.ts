// What a module leaves behind when it is removed: it stays, is named, and its code is not run any more.
import t from 'tap'
import { boot, buildAll, type TestMachine } from '../../harness/machine.ts'

const SIGKILL = 9

/** Registers all there is, and takes nothing away. */
const LEAK = `
  import { cdev, cdev_add, cdev_init } from '#linux/cdev'
  import { debugfs_create_dir, debugfs_create_file } from '#linux/debugfs'
  import { class_create, device_create } from '#linux/device'
  import { register_chrdev, register_chrdev_region } from '#linux/fs'
  import { MKDEV } from '#linux/kdev_t'
  import type { file_operations } from '#linux/fs'
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { MISC_DYNAMIC_MINOR, misc_register } from '#linux/miscdevice'
  import { pr_info } from '#linux/printk'
  import { proc_create, proc_create_single, proc_mkdir } from '#linux/proc_fs'
  import { seq_puts } from '#linux/seq_file'
  MODULE_LICENSE('GPL')
  const read = () => { pr_info('dead code runs\\n'); return 0 }
  const fops: file_operations = { owner: THIS_MODULE, read }
  const noowner: file_operations = { read, release: read }
  const c = new cdev()
  module_init(() => {
    register_chrdev(244, 'leaky', fops)
    register_chrdev_region(MKDEV(245, 0), 1, 'leakyregion')
    cdev_init(c, noowner)
    cdev_add(c, MKDEV(245, 0), 1)
    misc_register({ minor: MISC_DYNAMIC_MINOR, name: 'leakymisc', fops })
    misc_register({ minor: MISC_DYNAMIC_MINOR, name: 'leakymisc2', fops: noowner })
    proc_create('leakproc', 0o444, proc_mkdir('leakdir', null), { proc_read: read })
    proc_create_single('leaksingle', 0o444, null, m => { seq_puts(m, 'dead'); return 0 })
    debugfs_create_file('leakdebug', 0o600, debugfs_create_dir('leakdbg', null), null, noowner)
    const cls = class_create(THIS_MODULE, 'leakclass')
    device_create(cls as never, null, MKDEV(245, 0), null, 'leaknode')
    return 0
  })
  module_exit(() => {})
`

/** The same once more, tidily. */
const TIDY = `
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init, module_put, try_module_get } from '#linux/module'
  import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
  import { proc_create, proc_mkdir, proc_remove } from '#linux/proc_fs'
  import { module_param } from '#linux/moduleparam'
  MODULE_LICENSE('GPL')
  const puts = module_param('puts', 'int', 0, 0o644)
  const misc = { minor: MISC_DYNAMIC_MINOR, name: 'tidy', fops: { owner: THIS_MODULE, read: () => {
    for (let i = 0; i < puts.value; i++) module_put(THIS_MODULE)
    for (let i = 0; i < Math.min(puts.value, 2); i++) try_module_get(THIS_MODULE) // the third was none
    return 0
  } } }
  let dir = null as ReturnType<typeof proc_mkdir>
  module_init(() => {
    dir = proc_mkdir('tidydir', null)
    proc_create('inside', 0o444, dir, {})
    return misc_register(misc)
  })
  module_exit(async () => { misc_deregister(misc); await proc_remove(dir) })
`

/** Open `path` for a process `cat` of its own, and read: what it died of, and what was said. */
async function use(m: TestMachine, path: string) {
  const cat = m.process({ comm: 'cat', pid: 42 })
  const fd = await cat.open(path)
  const n = fd < 0 ? fd : await cat.read(fd, 10)
  if (fd >= 0) await cat.close(fd)
  return { n, signals: [...cat.signals], log: m.dmesg().join('\n') }
}

/** What is left on purpose is no leak of the test. */
function sweep({ kernel, user }: TestMachine): void {
  for (const path of [
    '/proc/leakdir',
    '/proc/leaksingle',
    '/proc/leakproc',
    '/sys/devices/virtual/misc',
    '/dev/leakymisc',
    '/dev/leakymisc2',
    '/dev/leaknode',
    '/sys/class/leakclass',
    '/sys/class/misc/leakymisc',
    '/sys/class/misc/leakymisc2',
    '/sys/devices/virtual/leakclass',
    '/sys/devices/virtual/misc/leakymisc',
    '/sys/devices/virtual/misc/leakymisc2',
    '/sys/dev/char/245:0',
    '/sys/dev/char/10:127',
    '/sys/dev/char/10:126',
    '/sys/dev/char/10:125',
    '/sys/dev/char/10:124',
  ]) {
    const node = user.lstat(path)
    if (typeof node === 'object') node.remove()
  }
  kernel.chrdevs.__unregister_chrdev(244, 0, 256, 'leaky')
  kernel.chrdevs.unregister_chrdev_region(245 << 20, 1)
}

t.test('what a module leaves behind', async t => {
  const images = await buildAll(t, { leak: LEAK, tidy: TIDY })
  const leak = images.leak as Uint8Array

  await t.test('each thing is named with the line that registered it', async t => {
    const m = await boot(t)
    await m.insmod(leak)
    m.dmesg()
    t.equal(await m.rmmod('leak'), 0)
    const said = m.dmesg()
    const named = said.map(line =>
      /^<3>ODEBUG: free active \(active state 0\) object: (\S+) object type: (\S+) hint: \S+ \(\S*leak\.ts:\d+:\d+\) \[leak\]$/
        .exec(line)
        ?.slice(1)
        .join(' '),
    )
    t.strictSame(
      new Set(named),
      new Set([
        '245:0 cdev',
        'leakclass class',
        'leakdbg dentry',
        'leakdebug dentry',
        'leakdir proc_dir_entry',
        'leaknode device',
        'leakproc proc_dir_entry',
        'leaksingle proc_dir_entry',
        'leaky char_device_struct',
        'leakymisc device',
        'leakymisc2 device',
        'leakyregion char_device_struct',
      ]),
    )
    t.match(
      await m.user.readFile('/proc/devices'),
      /^244 leaky\n245 leakyregion$/m,
      'and is still there',
    )
    await m.insmod(leak)
    const again = m.dmesg().join('\n')
    t.match(again, "proc_dir_entry '/proc/leaksingle' already registered")
    await m.rmmod('leak')
    sweep(m)
  })

  await t.test('its code is not run: a page fault where it was', async t => {
    const m = await boot(t)
    await m.insmod(leak)
    await m.rmmod('leak')
    m.dmesg()
    for (const path of [
      '/dev/leakymisc',
      '/dev/leakymisc2',
      '/dev/leaknode',
      '/proc/leakdir/leakproc',
      '/proc/leaksingle',
      '/sys/kernel/debug/leakdbg/leakdebug',
    ]) {
      const { n, signals, log } = await use(m, path)
      t.equal(n, -5, path)
      t.strictSame(signals, [SIGKILL], path)
      t.match(
        log,
        /^<1>BUG: unable to handle page fault for address: ffffffffc0[0-9a-f]{6}$/m,
        path,
      )
      t.match(log, /^<1>#PF: error_code\(0x00[01]0\) - not-present page$/m, path)
      t.notMatch(log, 'dead code runs', path)
    }
    t.match(
      await m.user.readFile('/proc/misc'),
      /leakymisc2\n.*leakymisc\n/,
      'others go on',
    )
    t.equal(await m.insmod(images.tidy as Uint8Array), 0)
    t.equal((await use(m, '/dev/tidy')).n instanceof Uint8Array, true)
    await m.rmmod('tidy')
    sweep(m)
  })

  await t.test('so is a file that is open without a reference', async t => {
    const m = await boot(t)
    await m.insmod(leak)
    const cat = m.process({ comm: 'cat', pid: 42 })
    const fd = await cat.open('/dev/leakymisc2')
    m.dmesg()
    t.match(await cat.read(fd, 1), Uint8Array)
    t.match(m.dmesg()[0], 'dead code runs', 'while it lives')
    t.equal(await m.rmmod('leak'), 0)
    m.dmesg()
    t.equal(await cat.read(fd, 1), -5)
    t.strictSame(cat.signals, [SIGKILL])
    const log = m.dmesg().join('\n')
    t.match(log, /^<1>#PF: supervisor instruction fetch in kernel mode$/m)
    t.match(log, /^<4>RIP: 0010:0xffffffffc0[0-9a-f]{6}\n(?:.*\n){2}<4> vfs_read$/m)
    await cat.close(fd)
    t.match(
      m.dmesg().join('\n'),
      'BUG: unable to handle page fault',
      'release() is gone, too',
    )
    sweep(m)
  })

  await t.test('a module that takes everything away is not mentioned', async t => {
    const m = await boot(t)
    await m.insmod(images.tidy as Uint8Array)
    m.dmesg()
    t.equal(await m.rmmod('tidy'), 0)
    t.strictSame(m.dmesg(), [])
  })

  await t.test('module_put() too often warns', async t => {
    const m = await boot(t)
    await m.insmod(images.tidy as Uint8Array, 'puts=2')
    m.dmesg()
    t.notMatch((await use(m, '/dev/tidy')).log, /WARNING/, 'its reader holds one')
    await m.user.writeFile('/sys/module/tidy/parameters/puts', '3')
    t.match((await use(m, '/dev/tidy')).log, /WARNING: CPU: 0 PID: 42 at module_put$/m)
  })
})
