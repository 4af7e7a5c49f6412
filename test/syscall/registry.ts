import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  isRunning,
  isStopped,
  register,
  running,
  unregister,
} from '../../src/syscall/registry.ts'

const uid = process.getuid?.() ?? 0

t.test('register() lists a machine, unregister() takes it off', async t => {
  const options = { bases: [t.testdir()], uid }
  t.same(running(options), [])

  register({ mountpoint: '/x/mnt', pid: process.pid }, options)
  t.same(running(options), [{ mountpoint: '/x/mnt', pid: process.pid }])

  unregister(process.pid, options)
  t.same(running(options), [])
})

t.test('running() drops the files of daemons that ended', async t => {
  const base = t.testdir()
  const options = { bases: [base], uid }
  const child = spawn('sleep', ['100'], { stdio: 'ignore' })
  const pid = child.pid ?? 0
  register({ mountpoint: '/x/mnt', pid }, options)
  t.equal(running(options).length, 1)

  child.kill('SIGKILL')
  await once(child, 'exit')
  t.same(running(options), [])
  t.same(readdirSync(join(base, `modbox-${uid}`)), [])
})

t.test(
  'running() does not take another process with the same pid for the daemon',
  async t => {
    const folder = join(t.testdir({ [`modbox-${uid}`]: {} }), `modbox-${uid}`)
    const stale = join(folder, `${process.pid}.json`)
    writeFileSync(
      stale,
      JSON.stringify({ mountpoint: '/x', pid: process.pid, started: 1 }),
    )
    writeFileSync(join(folder, '77.json'), 'not json')
    writeFileSync(join(folder, 'console.log'), 'something else')

    t.same(running({ bases: [join(folder, '..')], uid }), [])
    t.notOk(existsSync(stale))
  },
)

t.test('register() takes the next folder where one cannot be written', async t => {
  const base = t.testdir({ file: 'not a folder', good: {} })
  const options = { bases: [join(base, 'file'), join(base, 'good')], uid }
  register({ mountpoint: '/x', pid: process.pid }, options)
  t.same(readdirSync(join(base, 'good')), [`modbox-${uid}`])
  t.throws(
    () => register({ mountpoint: '/x', pid: 1 }, { bases: [join(base, 'file')], uid }),
    /Cannot make a folder/,
  )
})

t.test('isStopped() tells a daemon that cannot answer', async t => {
  const child = spawn('sleep', ['100'], { stdio: 'ignore' })
  const pid = child.pid ?? 0
  t.teardown(() => child.kill('SIGKILL'))
  t.notOk(isStopped(pid))

  child.kill('SIGSTOP')
  while (!isStopped(pid)) await new Promise(resolve => setImmediate(resolve))
  t.ok(isRunning(pid), 'stopped, yet there')
  t.notOk(isStopped(0), 'no such process')
})
