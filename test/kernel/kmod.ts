import t, { type Test } from 'tap'
import { Inode } from '../../src/fs/inode.ts'
import {
  ENAMETOOLONG,
  ENODEV,
  ENOENT,
  ENXIO,
  ERESTARTSYS,
  ETIME,
} from '../../src/include/linux/errno.ts'
import { MKDEV } from '../../src/include/linux/kdev_t.ts'
import {
  UMH_KILLABLE,
  UMH_NO_WAIT,
  UMH_WAIT_EXEC,
  UMH_WAIT_PROC,
} from '../../src/include/linux/umh.ts'
import { O_RDONLY } from '../../src/include/uapi/fcntl.ts'
import { S_IFCHR } from '../../src/include/uapi/stat.ts'
import { Kmod } from '../../src/kernel/kmod.ts'
import type { Printk } from '../../src/kernel/printk.ts'
import { Task } from '../../src/kernel/sched.ts'
import { type Helper, UsermodeHelpers } from '../../src/kernel/umh.ts'
import { vsnprintf } from '../../src/lib/vsprintf.ts'
import { bootThisMachine } from '../../src/this_machine.ts'
import { UserProcess } from '../../src/user_process.ts'
import { bareLocks } from '../harness/locks.ts'
import { build } from '../harness/machine.ts'
import { until } from '../harness/until.ts'

/** A helper that was started, and how to end it. */
interface Started extends Helper {
  execute: (err: number) => void
  end: (status: number) => void
}

function machine(t: Test, { helpers = true } = {}) {
  const { sched, wait } = bareLocks(t)
  const started: Started[] = []
  const start = (helper: Helper) => {
    let execute = (_err: number) => {}
    let end = (_status: number) => {}
    const executed = new Promise<number>(resolve => (execute = resolve))
    const ended = new Promise<number>(resolve => (end = resolve))
    started.push({ ...helper, execute, end })
    return { executed, ended }
  }
  const umh = new UsermodeHelpers({ wait, start: helpers ? start : undefined })
  const said: string[] = []
  const log = {
    printk: (fmt: string, ...args: unknown[]) => said.push(vsnprintf(fmt, args)),
  }
  const kmod = new Kmod(umh, wait, log as unknown as Printk)
  const call = <T>(run: () => T | Promise<T>, dying?: () => boolean) => {
    const task = new Task({ pid: 1, uid: 0, gid: 0, ...(dying ? { dying } : {}) })
    return { task, answer: sched.spawn(task, run) }
  }
  return { sched, umh, kmod, call, started, said }
}

t.test('modprobe gets the name and a plain environment', async t => {
  const { kmod, call, started } = machine(t)
  const { answer } = call(() => kmod.__request_module(true, 'char-major-%d-%d', 245, 3))
  await until(() => started.length === 1)
  const { path, argv, envp } = started[0] as Started
  t.equal(path, '/sbin/modprobe')
  t.strictSame(argv, ['/sbin/modprobe', '-q', '--', 'char-major-245-3'])
  t.strictSame(envp, ['HOME=/', 'TERM=linux', 'PATH=/sbin:/usr/sbin:/bin:/usr/bin'])
  started[0]?.execute(0)
  started[0]?.end(1 << 8)
  t.equal(await answer, 256)
})

t.test('without waiting the answer is there once modprobe is executed', async t => {
  const { kmod, call, started } = machine(t)
  const { answer } = call(() => kmod.__request_module(false, 'x'))
  await until(() => started.length === 1)
  started[0]?.execute(0)
  t.equal(await answer, 0)
})

t.test('a program that cannot be executed is the error', async t => {
  const { umh, call, started } = machine(t)
  for (const how of [UMH_WAIT_EXEC, UMH_WAIT_PROC, UMH_WAIT_PROC | UMH_KILLABLE]) {
    const { answer } = call(() => umh.call_usermodehelper('/x', ['/x', null], [], how))
    await until(() => started.length === 1)
    started.pop()?.execute(-ENOENT)
    t.equal(await answer, -ENOENT)
  }
  t.equal(umh.call_usermodehelper('/x', ['/x', null, 'y'], [null], UMH_NO_WAIT), 0)
  t.strictSame(started[0]?.argv, ['/x'])
  t.equal(umh.call_usermodehelper('', [], [], UMH_WAIT_PROC), 0, 'no path, no program')
})

t.test('nobody to start programs is -ENOENT, as is an empty modprobe path', async t => {
  const { kmod, call, umh } = machine(t, { helpers: false })
  t.equal(await call(() => kmod.__request_module(true, 'x')).answer, -ENOENT)
  t.equal(umh.call_usermodehelper('/x', [], [], UMH_NO_WAIT), -ENOENT)
  const off = machine(t)
  off.kmod.modprobe_path = ''
  t.equal(off.kmod.__request_module(true, 'x'), -ENOENT)
  t.strictSame(off.started, [])
})

t.test('a name may have 55 bytes', async t => {
  const { kmod, call, started } = machine(t)
  t.equal(kmod.__request_module(true, '%s', 'x'.repeat(56)), -ENAMETOOLONG)
  void call(() => kmod.__request_module(true, '%s', 'x'.repeat(55)))
  await until(() => started.length === 1)
  started[0]?.execute(0)
  started[0]?.end(0)
})

t.test('a deadly signal ends the wait, any other does not', async t => {
  const { kmod, call, sched, started } = machine(t)
  let dying = false
  const { task, answer } = call(
    () => kmod.__request_module(true, 'x'),
    () => dying,
  )
  await until(() => started.length === 1)
  started[0]?.execute(0)
  sched.signal_wake_up(task)
  const early = await Promise.race([answer, new Promise(go => setTimeout(go, 200, 'no'))])
  t.equal(early, 'no', 'SIGWINCH')
  dying = true
  t.equal(await answer, -ERESTARTSYS, 'SIGKILL')
})

t.test('after a signal that does not kill, the answer still comes', async t => {
  const { kmod, call, sched, started } = machine(t)
  const { task, answer } = call(
    () => kmod.__request_module(true, 'x'),
    () => false,
  )
  await until(() => started.length === 1)
  sched.signal_wake_up(task)
  started[0]?.execute(0)
  started[0]?.end(0)
  t.equal(await answer, 0)
})

t.test('the fifty-first at a time waits for one of the others', async t => {
  const { sched, kmod, call, started, said } = machine(t)
  const calls = Array.from({ length: 51 }, (_, i) =>
    call(() => kmod.__request_module(true, 'x%d', i)),
  )
  await until(() => started.length === 50)
  t.strictSame(said.splice(0), [
    '\x014request_module: kmod_concurrent_max (0) close to 0 (max_modprobes: 50), for module x50, throttling...\n',
  ])
  started[7]?.execute(0)
  started[7]?.end(0)
  await until(() => started.length === 51)
  t.equal(started[50]?.argv.at(-1), 'x50')
  const late = call(() => kmod.__request_module(true, 'late'))
  t.equal(await late.answer, -ETIME, 'all stay busy')
  t.strictSame(said.slice(1), [
    '\x014request_module: modprobe late cannot be processed, kmod busy with 50 threads for more than 5 seconds now\n',
  ])
  const killed = call(() => kmod.__request_module(true, 'killed'))
  await until(() => said.length === 3)
  sched.signal_wake_up(killed.task)
  t.equal(await killed.answer, -ERESTARTSYS)
  t.match(said[3], /sigkill sent for modprobe killed, giving up/)
  for (const one of started) {
    one.execute(0)
    one.end(0)
  }
  await Promise.all(calls.map(({ answer }) => answer))
})

t.test('open() of a number that nobody serves asks, and looks again', async t => {
  const image = await build(
    t,
    'auto',
    `import { register_chrdev, unregister_chrdev } from '#linux/fs'
    import { misc_deregister, misc_register } from '#linux/miscdevice'
    import { MODULE_LICENSE, module_exit, module_init, THIS_MODULE } from '#linux/module'
    MODULE_LICENSE('GPL')
    const fops = { owner: THIS_MODULE, read: () => 0 }
    const misc = { minor: 222, name: 'automisc', fops }
    module_init(() => register_chrdev(245, 'auto', fops) || misc_register(misc))
    module_exit(() => { misc_deregister(misc); unregister_chrdev(245, 'auto') })`,
  )
  const asked: string[] = []
  // Loads the module for the aliases it has, within this process.
  const startHelper = ({ argv }: Helper) => {
    const name = argv.at(-1) ?? ''
    asked.push(name)
    const known = /^char-major-(245(-\d+)?|10-222)$/.test(name)
    const ended = known ? modprobe() : Promise.resolve(1 << 8)
    return { executed: Promise.resolve(0), ended }
  }
  const kernel = await bootThisMachine({ startHelper })
  const user = new UserProcess(kernel, {})
  const modprobe = () => user.syscall(() => kernel.modules.init_module(image, ''))

  const mknod = (name: string, major: number, minor: number) =>
    kernel.root
      .child('dev')
      ?.add(name, new Inode({ mode: S_IFCHR | 0o600, rdev: MKDEV(major, minor) }))
  mknod('auto', 245, 3)
  mknod('misc', 10, 222)
  mknod('none', 244, 7)
  mknod('nomisc', 10, 99)
  for (const path of ['/dev/auto', '/dev/misc']) {
    const fd = await user.open(path, O_RDONLY)
    t.ok(fd >= 0, path)
    await user.close(fd)
    t.equal(await user.syscall(() => kernel.modules.delete_module('auto', 0)), 0)
  }
  t.strictSame(asked.splice(0), ['char-major-245-3', 'char-major-10-222'])

  t.equal(await user.open('/dev/none', O_RDONLY), -ENXIO)
  t.equal(await user.open('/dev/nomisc', O_RDONLY), -ENODEV)
  t.strictSame(asked, ['char-major-244-7', 'char-major-244', 'char-major-10-99'])
})
