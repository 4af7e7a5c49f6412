// Machines come and go: in good order, killed, or not at all. No mount and no process stays behind.
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bundleFile } from '../../src/bundle.ts'
import { requireThat } from '../harness/require.ts'
import {
  bootMounted,
  daemonPid,
  isMounted,
  machineFolder,
  modbox,
  shell,
  start,
} from '../harness/mounted.ts'
import { until } from '../harness/until.ts'

const gone = (pid: number) => !existsSync(`/proc/${pid}`)

t.test('halt unmounts and ends the daemon', async t => {
  const { mnt, pid, sh, out } = bootMounted(t)
  t.ok(isMounted(mnt))
  const { status, err } = sh('modbox halt')
  t.equal(status, 0, err)
  t.notOk(isMounted(mnt))
  await until(() => gone(pid))
  t.equal(sh('modbox status').status, 1)
  t.equal(out('ls run/*'), '', 'no file is left of it')
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} unmounts`, async t => {
    const { mnt, pid } = bootMounted(t)
    process.kill(pid, signal)
    await until(() => gone(pid))
    t.notOk(isMounted(mnt))
  })
}

t.test('a killed daemon leaves no dead mount, and nobody who hangs', async t => {
  const machine = bootMounted(t, '--load-samples')
  const readers = Array.from({ length: 4 }, () =>
    start(t, machine, 'cat mnt/dev/zero > /dev/null'),
  )
  const waiting = start(t, machine, 'tail -c +1 -f mnt/dev/kmsg > /dev/null')
  await until(() => readers.every(({ pid }) => existsSync(`/proc/${pid}`)))
  process.kill(machine.pid, 'SIGKILL')
  await until(() => [...readers, waiting].every(({ exitCode }) => exitCode !== null))
  await until(() => !isMounted(machine.mnt))
  await until(() => gone(machine.pid))
  t.pass('all ended by themselves')

  t.equal(machine.sh('modbox boot').status, 0, 'and the next machine boots')
})

t.test('a dead mount is cleaned up by the next boot', async t => {
  const machine = bootMounted(t)
  const guardian = machine.out(`pgrep -o -f "modbox-guardian ${machine.mnt}\\$"`).trim()
  process.kill(Number(guardian), 'SIGKILL')
  process.kill(machine.pid, 'SIGKILL')
  await until(() => gone(machine.pid))
  t.ok(isMounted(machine.mnt), 'nobody was left to unmount it')
  t.equal(machine.sh('modbox boot').status, 0)
  t.equal(machine.out('head -c 1 mnt/dev/zero | wc -c').trim(), '1')
})

t.test('boot says in one sentence why it cannot', async t => {
  const dir = machineFolder(t)
  const failure = (...words: string[]) => {
    const { status, err } = modbox(dir, 'boot', ...words)
    t.equal(err.trim().split('\n').length, 1, err)
    return `${status} ${err.trim()}`
  }
  t.equal(
    failure('nosuch'),
    `1 modbox: Cannot mount on "${join(dir, 'nosuch')}": no such folder`,
  )
  writeFileSync(join(dir, 'file'), '')
  t.equal(
    failure('file'),
    `1 modbox: Cannot mount on "${join(dir, 'file')}": not a folder`,
  )
  t.equal(modbox(dir, 'boot', 'mnt').status, 0)
  const pid = daemonPid(dir)
  t.equal(failure('mnt'), `1 modbox: a machine is already running at mnt, pid ${pid}`)
  t.match(failure('--transport', 'pigeon', 'run'), /^1 modbox: .*pigeon/)
})

t.test('without /dev/fuse boot says so', async t => {
  if (!requireThat(t, process.getuid?.() === 0, 'hiding /dev/fuse needs root')) return
  const dir = machineFolder(t)
  const hidden =
    'mkdir dev && touch dev/null && mount --bind /dev/null dev/null && mount --bind dev /dev'
  const { status, err } = shell(dir, `unshare -m bash -c '${hidden} && modbox boot mnt'`)
  t.equal(status, 1)
  t.equal(
    err,
    'modbox: Cannot mount: this system has no /dev/fuse (try "modprobe fuse" as root)\n',
  )
})

t.test('two machines live side by side', async t => {
  const machine = bootMounted(t)
  const second = join(machine.mnt, '../second')
  mkdirSync(second)
  t.equal(machine.sh('modbox boot second').status, 0)
  machine.out(
    'echo one > mnt/proc/sys/kernel/hostname; echo two > second/proc/sys/kernel/hostname',
  )
  t.equal(
    machine.out('cat mnt/proc/sys/kernel/hostname second/proc/sys/kernel/hostname'),
    'one\ntwo\n',
  )
  t.equal(machine.sh('modbox halt --machine second').status, 0)
  t.notOk(isMounted(second))
  t.ok(isMounted(machine.mnt))
})

t.test('an error in modbox itself is a panic: printed, unmounted, exit 70', async t => {
  const dir = machineFolder(t)
  const bug = 'data:text/javascript,setTimeout(()=>{throw new Error("a bug")},1000)'
  const { status, err } = shell(
    dir,
    `"${process.execPath}" --import '${bug}' ${bundleFile()} mnt`,
  )
  t.equal(status, 70)
  t.match(err, /^Kernel panic - not syncing: modbox itself failed\nError: a bug\n/m)
  t.notOk(isMounted(join(dir, 'mnt')))
})

t.test('panic() stops the machine', async t => {
  const machine = bootMounted(t)
  const ko = await machine.build(
    'panicking',
    `import { panic } from '#linux/bug'
import { MODULE_LICENSE, module_init } from '#linux/module'
MODULE_LICENSE('GPL')
module_init(() => {
  panic('out of %s', 'ideas')
  return 0
})
`,
  )
  machine.sh(`modbox insmod ${ko}`)
  await until(() => gone(machine.pid))
  t.notOk(isMounted(machine.mnt))
  const said = machine.out('cat run/*/console-*.log')
  t.match(said, /^\[.*\] Kernel panic - not syncing: out of ideas$/m, 'its log is kept')
  t.match(said, /\(src\/panicking\.ts:\d+:\d+\) \[panicking\]$/m)
})

t.test('oops=panic stops it at the first oops, and so does sysrq', async t => {
  const machine = bootMounted(t, '--append', 'oops=panic panic=3')
  t.equal(machine.out('cat mnt/proc/sys/kernel/{panic,panic_on_oops}'), '3\n1\n')
  const reader = start(t, machine, 'cat mnt/proc/kmsg')
  const ended = once(reader, 'exit')
  t.notOk(machine.sh('echo c > mnt/proc/sysrq-trigger').signal)
  await until(() => gone(machine.pid))
  await ended
  const said = machine.out('cat run/*/console-*.log')
  t.match(said, /Kernel panic - not syncing: sysrq triggered crash$/m)
  t.match(said, /Rebooting in 3 seconds\.\.$/m)
  t.notMatch(said, /---\[ end Kernel panic/)
})
