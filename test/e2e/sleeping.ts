// Real programs that sleep in a driver: which signals end it, who is woken, when it is released.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted, type MountedMachine, start } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { until } from '../harness/until.ts'

/** Readers of /dev/bed sleep as its parameter says until somebody writes: what, they read. */
const BED = `
import { EFAULT } from '#linux/errno'
import { stream_open } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { module_param } from '#linux/moduleparam'
import { pr_info } from '#linux/printk'
import { copy_from_user, copy_to_user } from '#linux/uaccess'
import { mutex, mutex_lock } from '#linux/mutex'
import * as wait from '#linux/wait'

MODULE_LICENSE('GPL')
const how = module_param('how', 'charp', 'interruptible', 0o644)
const queue = new wait.wait_queue_head()
const lock = new mutex()
let notes: Uint8Array[] = []
const ways: Record<string, (condition: () => boolean) => number | Promise<number>> = {
  interruptible: condition => wait.wait_event_interruptible(queue, condition),
  killable: condition => wait.wait_event_killable(queue, condition),
  uninterruptible: condition => wait.wait_event(queue, condition),
  exclusive: condition => wait.wait_event_interruptible_exclusive(queue, condition),
  timeout: condition => wait.wait_event_interruptible_timeout(queue, condition, 1e6),
  async twice() { await mutex_lock(lock); await mutex_lock(lock); return 0 },
}
const fops: file_operations = {
  owner: THIS_MODULE,
  open: stream_open,
  async read(_filp, buf, count) {
    const err = await ways[how.value ?? '']!(() => notes.length > 0)
    pr_info('bed: %d\\n', Math.min(err, 0))
    if (err < 0) return err
    const note = notes.shift()!
    const n = Math.min(count, note.length)
    return copy_to_user(buf, note, n) ? -EFAULT : n
  },
  write(_filp, buf, count) {
    const note = new Uint8Array(count)
    if (copy_from_user(note, buf, count)) return -EFAULT
    notes.push(note)
    pr_info('bed: a note\\n')
    wait.wake_up(queue)
    return count
  },
  flush() { pr_info('bed: flush\\n'); return 0 },
  release() { pr_info('bed: release\\n'); return 0 },
}
const dev = { minor: MISC_DYNAMIC_MINOR, name: 'bed', fops }
module_init(() => misc_register(dev))
module_exit(() => void misc_deregister(dev))
`

interface Bed extends MountedMachine {
  asleep: () => number
  /** What the driver has said since the last time. */
  said: () => string[]
}

async function bed(t: Test, how: string): Promise<Bed> {
  const machine = bootMounted(t)
  const { out } = machine
  out(`modbox insmod ${await machine.build('bed', BED)} how=${how}`)
  out(`modbox dmesg -C`)
  return {
    ...machine,
    asleep: () => Number(/asleep +(\d+)/.exec(out('modbox status'))?.[1]),
    said: () =>
      out('modbox dmesg -c -t')
        .split('\n')
        .filter(line => line.startsWith('bed: '))
        .map(line => line.slice(5)),
  }
}

async function withProgram(t: Test, how: string): Promise<Bed | undefined> {
  if (!requireTool(t, 'gcc')) return undefined
  const machine = await bed(t, how)
  const source = join(packageRoot(), 'test/programs/sleepers.c')
  machine.out(`gcc -Wall -Werror -pthread -o sleepers ${source}`)
  return machine
}

t.test('a signal with a handler ends an interruptible sleep', async t => {
  const m = await withProgram(t, 'interruptible')
  if (!m) return
  const eintr = 'read: Interrupted system call, 1 signals\n'
  t.equal(m.out('./sleepers handler mnt/dev/bed'), eintr)
  t.strictSame(m.said(), ['-512', 'flush', 'release'])
  t.equal(m.out('./sleepers restart mnt/dev/bed'), eintr, 'Linux would read again')
})

for (const how of ['killable', 'uninterruptible']) {
  t.test(`a signal with a handler does not end a sleep that is ${how}`, async t => {
    const m = await withProgram(t, how)
    if (!m) return
    const sleeper = start(t, m, './sleepers handler mnt/dev/bed')
    let got = ''
    sleeper.stdout.on('data', (data: Buffer) => (got += data.toString()))
    await until(() => m.asleep() === 1)
    m.out('sleep 0.3')
    t.equal(m.asleep(), 1)
    m.out('printf note > mnt/dev/bed')
    await until(() => sleeper.exitCode !== null && got !== '')
    t.equal(got, 'read: note, 1 signals\n')
  })
}

t.test('SIGKILL ends a killable sleep, after another signal too', async t => {
  const m = await withProgram(t, 'killable')
  if (!m) return
  for (const program of ['cat mnt/dev/bed', './sleepers handler mnt/dev/bed']) {
    const sleeper = start(t, m, program)
    await until(() => m.asleep() === 1)
    m.out('sleep 0.2')
    sleeper.kill('SIGKILL')
    await until(() => sleeper.signalCode === 'SIGKILL')
    await until(() => m.asleep() === 0)
  }
  t.equal(m.out('modbox rmmod bed'), '')
})

t.test(
  'SIGKILL does not end an uninterruptible sleep; the machine can be halted',
  async t => {
    const m = await bed(t, 'twice')
    const sleeper = start(t, m, 'cat mnt/dev/bed')
    await until(() => m.asleep() === 1)
    sleeper.kill('SIGKILL')
    m.out('sleep 0.2')
    t.equal(m.asleep(), 1)
    t.match(m.out('modbox dmesg -t'), /WARNING: possible recursive locking detected\n/)
    m.out('modbox halt')
    await until(() => sleeper.signalCode === 'SIGKILL')
  },
)

t.test('one write wakes one of the exclusive readers, the first', async t => {
  const m = await bed(t, 'exclusive')
  const readers = []
  for (let n = 1; n <= 3; n++) {
    readers.push(start(t, m, 'head -c 4 mnt/dev/bed'))
    await until(() => m.asleep() === n)
  }
  for (const [n, reader] of readers.entries()) {
    m.out(`printf 'no.%d' ${n} > mnt/dev/bed`)
    await until(() => reader.exitCode === 0)
    t.equal(m.asleep(), 2 - n)
  }
  t.equal(m.said().filter(line => line === '0').length, 3, 'each has read once')
})

t.test(
  'a descriptor closed while it is read: released when the read has ended',
  async t => {
    const m = await withProgram(t, 'interruptible')
    if (!m) return
    t.equal(m.out('./sleepers close mnt/dev/bed'), 'close: 0\nread: late, 0 signals\n')
    await until(() => m.sh('modbox rmmod bed').status === 0)
    const said = m.said()
    t.strictSame(said.slice(0, 3), ['flush', 'a note', '0'])
    t.strictSame(said.slice(3).toSorted(), ['flush', 'release', 'release'])
  },
)

t.test('of copies of a descriptor the last is the one that releases', async t => {
  const m = await withProgram(t, 'interruptible')
  if (!m) return
  t.equal(
    m.out('./sleepers copies mnt/dev/bed'),
    'the child has ended\none of two is closed\n',
  )
  // The child had two descriptors, and both were closed when it ended.
  t.strictSame(m.said(), ['flush', 'flush', 'flush', 'a note', 'flush', 'release'])
})
