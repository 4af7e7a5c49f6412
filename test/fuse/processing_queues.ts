// Very many calls sleep at once: they are spread over several descriptors of the mount, of which none stays
// open without need.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { ProcessingQueues } from '../../src/fuse/processing_queues.ts'
import type { Host } from '../../src/host/host.ts'
import { ENOTTY } from '../../src/include/uapi/errno.ts'
import { openFilesOf } from '../harness/descriptors.ts'
import type { TinyFile } from '../harness/tiny_fs.ts'
import {
  execute,
  hasFuse,
  mayMount,
  mountTiny,
  requireHost,
} from '../harness/tiny_mount.ts'
import type { TinyMount } from '../harness/tiny_mount.ts'
import { requireThat } from '../harness/require.ts'
import { until } from '../harness/until.ts'

/** More than fit in two. */
const READERS = 600

// Each thread reads once: how many got how many bytes.
const SCRIPT = `
import collections, os, sys, threading
got = collections.Counter()
def read():
    fd = os.open(sys.argv[1], os.O_RDONLY)
    try: n = len(os.read(fd, 100))
    except OSError as e: n = e.strerror
    got[n] += 1
threading.stack_size(1 << 16)
threads = [threading.Thread(target=read) for _ in range(int(sys.argv[2]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(dict(got))
`

/** This process's descriptors of /dev/fuse. */
function descriptors(): number {
  return openFilesOf('self').filter(path => path === '/dev/fuse').length
}

/** Mounted, with that many readers of its file "wait", who sleep. */
async function crowd(t: Test) {
  const wait: TinyFile = {
    async read(_offset, window, unique) {
      const n = await mounted.fs.sleep(unique)
      return n < 0 ? n : window.write(0, new Uint8Array(n))
    },
  }
  const zero: TinyFile = { read: (_offset, window) => window.length }
  const mounted: TinyMount = await mountTiny(t, { wait, zero }, await requireHost())
  const path = join(mounted.dir, 'wait')
  const child = spawn('python3', ['-c', SCRIPT, path, String(READERS)])
  const exited = once(child, 'exit')
  t.teardown(() => child.kill('SIGKILL'))
  await until(() => mounted.fs.sleeping === READERS)
  return { ...mounted, child, exited, output: text(child.stdout) }
}

t.test('each gets its answer, whatever the descriptor', async t => {
  if (!mayMount(t)) return
  t.equal(descriptors(), 0)
  const mounted = await crowd(t)
  const { dir, fs, session, output, exited, complaints } = mounted
  t.equal(descriptors(), 3)
  t.equal(session.waiting, READERS)
  const { stdout } = await execute('head', ['-c', '10', join(dir, 'zero')])
  t.equal(stdout.length, 10, 'others are served meanwhile')

  fs.wakeAll(7)
  t.equal(await output, `{7: ${READERS}}\n`)
  await exited
  t.equal(session.waiting, 0)
  t.ok(
    descriptors() <= 2,
    `${descriptors()} are left: the first, and the one requests come from`,
  )
  t.same(complaints, [])

  await mounted.unmount()
  t.equal(await mounted.ended, -19, 'ENODEV')
  t.equal(descriptors(), 0)
})

t.test('a signal ends them all', async t => {
  if (!mayMount(t)) return
  const { fs, session, child, exited, complaints } = await crowd(t)
  child.kill('SIGKILL')
  t.same(await exited, [null, 'SIGKILL'])
  await until(() => session.waiting === 0)
  t.equal(fs.events.filter(event => event === 'interrupt').length, READERS)
  t.same(complaints, [])
})

t.test('the end of the session does, too', async t => {
  if (!mayMount(t)) return
  const { session, output } = await crowd(t)
  session.stop()
  t.equal(descriptors(), 0)
  t.match(await output, new RegExp(`^\\{'[^']+': ${READERS}\\}\n$`))
})

t.test('where the host gives no other, they stay in the first', async t => {
  if (!requireThat(t, hasFuse(), 'no /dev/fuse')) return
  const host = { descriptors: { setNonblocking: () => 0, ioctl: () => -ENOTTY } }
  const answered: number[] = []
  const queues = new ProcessingQueues(99, host as unknown as Host, fd =>
    answered.push(fd),
  )
  const all = Array.from({ length: READERS }, () => queues.fallAsleep())
  t.same(new Set(all), new Set([queues.first]))
  t.equal(descriptors(), 0)
  for (const { answer } of all) answer(new Uint8Array(16), 16)
  t.same(
    answered,
    Array.from({ length: READERS }, () => 99),
  )
  t.equal(queues.first.sleeping, 0)
})
