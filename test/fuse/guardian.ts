import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Guardian } from '../../src/fuse/guardian.ts'
import { mountedOn } from '../../src/fuse/mount_table.ts'
import { bundleScript } from '../harness/script.ts'
import { execute, mayMount, mountFolder } from '../harness/tiny_mount.ts'
import { until } from '../harness/until.ts'

/** Neither gone nor a zombie. */
function isRunning(pid: number | undefined): boolean {
  if (pid === undefined || !existsSync(`/proc/${pid}/stat`)) return false
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

/** Is this process in a call that waits for the daemon? */
function isAsleepInFuse(pid: number | undefined): boolean {
  return /^(fuse_|request_wait)/.test(readFileSync(`/proc/${pid}/wchan`, 'utf8'))
}

t.test('a guardian that is dismissed ends at once and touches nothing', async t => {
  const guardian = new Guardian(t.testdir({}))
  t.ok(isRunning(guardian.pid))
  guardian.dismiss()
  await until(() => !isRunning(guardian.pid))
})

t.test('a guardian is small, and in a session of its own', async t => {
  const guardian = new Guardian(t.testdir({}))
  t.teardown(() => guardian.dismiss())
  const stat = readFileSync(`/proc/${guardian.pid}/stat`, 'utf8')
    .split(') ')[1]
    ?.split(' ')
  t.equal(stat?.[3], String(guardian.pid), 'leader of its session')
  const [, kB] =
    /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${guardian.pid}/status`, 'utf8')) ?? []
  t.ok(Number(kB) < 8192, `${kB} kB resident`)
})

const DAEMON = `
  import { Guardian } from './src/fuse/guardian.ts'
  import { mount } from './src/fuse/mount.ts'
  import { openHost } from './src/host/host.ts'
  const { mountpoint } = await mount(process.argv[2], await openHost())
  console.log(new Guardian(mountpoint).pid)
  setInterval(() => {}, 1e6)
`

t.test('a daemon killed with its process group leaves no mount behind', async t => {
  if (!mayMount(t)) return
  const dir = mountFolder(t, { mnt: {} })
  const mnt = join(dir, 'mnt')
  const script = await bundleScript(dir, DAEMON)
  const daemon = spawn(process.execPath, [script, mnt], { detached: true })
  t.teardown(() => daemon.kill('SIGKILL'))
  const [pid] = (await once(daemon.stdout, 'data')) as [Buffer]
  t.equal(mountedOn(mnt)?.type, 'fuse.modbox')

  // A program that waits for the daemon is let go, too.
  const ls = execute('ls', [mnt])
  const waiting = ls.catch((error: Error) => error.message)
  await until(() => isAsleepInFuse(ls.child.pid))
  process.kill(-(daemon.pid ?? 0), 'SIGKILL')
  await until(() => mountedOn(mnt) === undefined)
  t.match(await waiting, /(Transport endpoint|Software caused)/)
  await until(() => !isRunning(Number(pid)))
})
