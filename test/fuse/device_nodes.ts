import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { DeviceNodes } from '../../src/fuse/device_nodes.ts'
import { requireTool } from '../harness/require.ts'
import { hasFuse, mountTiny, requireHost } from '../harness/tiny_mount.ts'
import { until } from '../harness/until.ts'
import { requireThat } from '../harness/require.ts'

t.test('a process that does something else is not looking', async t => {
  if (!requireTool(t, 'sleep')) return
  const sleep = spawn('sleep', ['60'])
  t.teardown(() => sleep.kill())
  await once(sleep, 'spawn')
  await until(() => /^\d/.test(readFileSync(`/proc/${sleep.pid}/syscall`, 'utf8')))
  t.equal(new DeviceNodes().looksOnly(sleep.pid ?? 0), false)
})

t.test('callers that cannot be asked are taken to open', async t => {
  const nodes = new DeviceNodes()
  t.equal(nodes.looksOnly(0), false, 'from another pid namespace')
  t.equal(nodes.looksOnly(2 ** 22 + 1), false, 'no such process')
  t.equal(nodes.looksOnly(process.pid), false, 'running')
})

t.test('looking and opening are told apart while the caller waits', async t => {
  const may = hasFuse() && process.geteuid?.() === 0
  if (!requireThat(t, may, 'cannot mount as root') || !requireTool(t, 'python3')) return

  const nodes = new DeviceNodes()
  const seen: boolean[] = []
  const { fs, dir } = await mountTiny(t, { null: {} }, await requireHost())
  const lookup = fs.lookup.bind(fs)
  Object.assign(fs, {
    lookup(parent: number, name: string, caller: { pid: number }) {
      if (name === 'null') seen.push(nodes.looksOnly(caller.pid))
      return lookup(parent, name)
    },
  })

  const cases: [string, boolean][] = [
    ['os.stat(p)', true],
    ['os.lstat(p)', true],
    ['os.access(p, os.R_OK)', true],
    ['os.chmod(p, 0o600)', true],
    ['os.utime(p)', true],
    ['os.open(p, os.O_RDONLY)', false],
    ['open(p, "w")', false],
    ['threading.Thread(target=os.stat, args=[p]).start()', true],
    ['threading.Thread(target=os.open, args=[p, 0]).start()', false],
  ]
  const script = 'import os, sys, threading; p = sys.argv[1]; exec(sys.argv[2])'
  for (const [code, looking] of cases) {
    seen.length = 0
    const python = spawn('python3', ['-c', script, `${dir}/null`, code])
    await once(python, 'exit')
    t.same(seen, [looking], code)
  }
})
