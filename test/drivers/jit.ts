// jit and jiq: time passes, and who runs what was put off.
import t from 'tap'
import { EINVAL, ERESTARTSYS } from '../../src/include/linux/errno.ts'
import type { UserProcess } from '../../src/user_process.ts'
import { boot } from '../harness/machine.ts'

const HEADING = '    time   delta  inirq    pid   cpu command'

/** The lines of a file below its heading, in columns. */
async function rows(user: UserProcess, path: string): Promise<string[][]> {
  const [heading, ...lines] = String(await user.readFile(path))
    .trimEnd()
    .split('\n')
  if (heading !== HEADING) throw new Error(`${path} begins with ${heading}`)
  return lines.map(line => line.trim().split(/ +/))
}

t.test('each way of waiting takes as long as it is told', async t => {
  const { user, insmod } = await boot(t)
  await insmod('jit/jit', 'delay=5')
  for (const name of ['jitbusy', 'jitsched', 'jitqueue', 'jitschedto']) {
    const fd = await user.open(`/proc/${name}`)
    for (let i = 0; i < 2; i++) {
      const line = Buffer.from((await user.read(fd, 22)) as Uint8Array).toString()
      const [began = 0, ended = 0] = line.trim().split(/ +/).map(Number)
      t.equal(line.length, 22, `${name}: ${line}`)
      t.ok(ended - began >= 5, `${name} took ${ended - began} ticks`)
    }
    t.equal(await user.read(fd, 21), -EINVAL, 'no half lines')
    await user.close(fd)
  }
})

t.test('a signal ends the waits that sleep', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('jit/jit', 'delay=1000000')
  for (const name of ['jitsched', 'jitqueue', 'jitschedto', 'jitimer']) {
    if (name === 'jitimer') {
      await user.writeFile('/sys/module/jit/parameters/tdelay', '1000000')
    }
    const fd = await user.open(`/proc/${name}`)
    const reading = user.read(fd, 22)
    await process({ pid: 2 }).readFile('/proc/uptime')
    user.signal()
    t.equal(await reading, -ERESTARTSYS, name)
    await user.close(fd)
  }
})

t.test('the clocks agree', async t => {
  const { user, insmod } = await boot(t)
  await insmod('jit/jit')
  const text = String(await user.readFile('/proc/currentime'))
  t.match(text, /^0x[\da-f]{8} 0x[\da-f]{16} +\d+\.\d{6}\n +\d+\.\d{9}\n$/)
  const [, exact = 0, coarse = 0] =
    /(\d+)\.\d{6}\n +(\d+)\./.exec(text)?.map(Number) ?? []
  t.ok(Math.abs(exact - Date.now() / 1000) < 10)
  t.ok(exact - coarse <= 1)
})

t.test('timers and tasklets run in interrupts, as nobody in particular', async t => {
  const { process, insmod } = await boot(t)
  await insmod('jit/jit', 'tdelay=2')
  const cat = process({ pid: 7, comm: 'cat' })
  for (const name of ['jitimer', 'jitasklet', 'jitasklethi']) {
    const [first = [], ...others] = await rows(cat, `/proc/${name}`)
    t.strictSame(first.slice(2), ['0', '7', '0', 'cat'], name)
    t.equal(others.length, 5)
    t.ok(
      others.every(([, , inirq]) => inirq === '1'),
      'in an interrupt',
    )
    // One that comes late does not put off the next.
    const all = others.reduce((sum, [, delta]) => sum + Number(delta), 0)
    if (name === 'jitimer') t.ok(all >= 5 * 2, `${all} ticks for five times two`)
  }
})

t.test('work runs in a thread of the kernel, timers and tasklets do not', async t => {
  const { process, insmod } = await boot(t)
  await insmod('jit/jiq')
  const cat = process({ pid: 7, comm: 'cat' })
  for (const name of ['jiqwq', 'jiqwqdelay']) {
    const lines = await rows(cat, `/proc/${name}`)
    t.ok(lines.length > 50, 'a page of lines')
    t.ok(
      lines.every(
        ([, , inirq, , , comm]) => inirq === '0' && (comm ?? '').startsWith('kworker/'),
      ),
      `${name}: ${lines[0]?.join(' ')}`,
    )
  }
  const tasklets = await rows(cat, '/proc/jiqtasklet')
  t.ok(tasklets.length > 50)
  t.ok(tasklets.every(([, , inirq]) => inirq === '1'))
  const timers = await rows(cat, '/proc/jiqtimer')
  t.strictSame(
    timers.map(([, , inirq]) => inirq),
    ['0', '1'],
  )
})

t.test('jiq can go while its timer and work are at rest', async t => {
  const { user, insmod, rmmod, dmesg } = await boot(t)
  await insmod('jit/jiq')
  await user.readFile('/proc/jiqwqdelay')
  t.equal(await rmmod('jiq'), 0)
  t.notMatch(dmesg().join('\n'), /WARNING|BUG|ODEBUG/)
})
