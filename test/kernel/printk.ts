import t from 'tap'
import { EINTR, EINVAL, EPERM } from '../../src/include/linux/errno.ts'
import { KERN_CONT, KERN_ERR, KERN_INFO } from '../../src/include/linux/printk.ts'
import * as syslog from '../../src/include/uapi/syslog.ts'
import { Capabilities } from '../../src/kernel/capability.ts'
import { Printk } from '../../src/kernel/printk.ts'
import { Task } from '../../src/kernel/sched.ts'
import { bareLocks } from '../harness/locks.ts'

function newLog() {
  const { sched, wait } = bareLocks()
  const shown: string[] = []
  const log = new Printk(
    { sched, wait, capabilities: new Capabilities(sched) },
    { bootTime: performance.now(), console: record => void shown.push(record.text) },
  )
  const all = () => {
    const lines: string[] = []
    for (let seq = log.firstSeq; seq < log.endSeq; seq++) {
      const record = log.read(seq)
      if (record) lines.push(`<${record.level}${record.cont ? ',c' : ''}>${record.text}`)
    }
    return lines
  }
  const as = <T>(task: Task, call: () => Promise<T> | T) => sched.spawn(task, call)
  return { log, all, shown, sched, as }
}

const root = new Task({ pid: 1, uid: 0, gid: 0 })
const user = new Task({ pid: 2, uid: 1000, gid: 1000 })

t.test('the first level in front counts; without one it is 4', async t => {
  const { log, all } = newLog()
  log.printk(KERN_INFO + 'x=%d\n', 5)
  log.printk('plain\n')
  log.printk(KERN_ERR + KERN_INFO + 'two levels\n')
  log.printk(KERN_INFO + 'a \x013embedded level\n')
  log.printk('\x019bad level\n')
  t.strictSame(all(), [
    '<6>x=5',
    '<4>plain',
    '<3>two levels',
    '<6>a \x013embedded level',
    '<4>\x019bad level',
  ])
})

t.test('a record without newline is invisible until the next one begins', async t => {
  const { log, all } = newLog()
  log.printk(KERN_INFO + 'open')
  t.strictSame(all(), [])
  log.printk(KERN_ERR + 'next\n')
  t.strictSame(all(), ['<6>open', '<3>next'])
})

t.test('KERN_CONT goes on with an open record, or begins one of its own', async t => {
  const { log, all } = newLog()
  log.printk(KERN_INFO + 'first')
  log.printk(KERN_CONT + ' second')
  log.printk(KERN_CONT + ' third\n')
  log.printk(KERN_CONT + 'after newline\n')
  log.printk(KERN_INFO + 'open ')
  log.printk(KERN_ERR + 'in between\n')
  log.printk(KERN_CONT + 'late\n')
  t.strictSame(all(), [
    '<6>first second third',
    '<4,c>after newline',
    '<6>open ',
    '<3>in between',
    '<4,c>late',
  ])
})

t.test('nobody goes on with a record that another task has opened', async t => {
  const { log, all, as } = newLog()
  await as(root, () => log.printk(KERN_INFO + 'mine'))
  await as(user, () => log.printk(KERN_CONT + 'yours\n'))
  await as(root, () => log.printk(KERN_CONT + ' too late\n'))
  t.strictSame(all(), ['<6>mine', '<4,c>yours', '<4,c> too late'])
})

t.test('a long message is cut, loses its newline, and so stays open', async t => {
  const { log, all } = newLog()
  log.printk(KERN_INFO + 'L'.repeat(1500) + '\n')
  t.strictSame(all(), [])
  log.printk('next\n')
  t.equal(all()[0], `<6>${'L'.repeat(989)}`)

  const wide = newLog()
  wide.log.printk(KERN_INFO + 'é'.repeat(800))
  wide.log.printk('next\n')
  t.equal(
    Buffer.byteLength(wide.all()[0] ?? ''),
    3 + 989 + 2,
    'bytes count: half an é is left',
  )
})

t.test('a record that has no room for more is followed by one of its own', async t => {
  const { log, all } = newLog()
  log.printk(KERN_INFO + 'a'.repeat(900))
  log.printk(KERN_CONT + 'b'.repeat(89))
  log.printk(KERN_CONT + 'c'.repeat(100) + '\n')
  t.strictSame(all(), [
    `<6>${'a'.repeat(900)}${'b'.repeat(89)}`,
    `<4,c>${'c'.repeat(100)}`,
  ])
})

t.test('the ring forgets the oldest, by bytes and by number', async t => {
  const { log } = newLog()
  for (let i = 0; i < 400; i++) log.printk('%s\n', 'x'.repeat(900))
  t.ok(log.firstSeq > 100 && log.firstSeq < 120, String(log.firstSeq))
  for (let i = 0; i < 20_000; i++) log.printk('\n')
  t.ok(log.endSeq - log.firstSeq <= log.size / 32)
})

t.test('the console shows what is more important than its level', async t => {
  const { log, shown } = newLog()
  log.printk('\x017debug\n')
  log.printk('\x016info\n')
  t.strictSame(shown, ['info'])
})

t.test('syslog(2) reads all, clears, and tells sizes', async t => {
  const { log, as } = newLog()
  log.printk(KERN_INFO + 'one\ntwo\n')
  log.printk(KERN_ERR + 'é\n')
  const call = (type: number, len = 0) => as(root, () => log.syslog.do_syslog(type, len))
  const text = async (type: number, len: number) => {
    const { ret, text = Buffer.of() } = await call(type, len)
    t.equal(ret, text.length)
    return Buffer.from(text)
      .toString()
      .replace(/\[[^\]]*\] /g, '')
  }

  t.equal((await call(syslog.SYSLOG_ACTION_SIZE_BUFFER)).ret, log.size)
  t.equal((await call(syslog.SYSLOG_ACTION_SIZE_UNREAD)).ret, 2 * 22 + 21)
  t.equal(await text(syslog.SYSLOG_ACTION_READ_ALL, 9999), '<6>one\n<6>two\n<3>é\n')
  t.equal(await text(syslog.SYSLOG_ACTION_READ_ALL, 30), '<3>é\n', 'the newest that fit')
  t.equal(await text(syslog.SYSLOG_ACTION_READ_CLEAR, 9999), '<6>one\n<6>two\n<3>é\n')
  t.equal(await text(syslog.SYSLOG_ACTION_READ_ALL, 9999), '')
  t.equal(await text(syslog.SYSLOG_ACTION_READ, 9999), '<6>one\n<6>two\n<3>é\n')
  t.equal((await call(syslog.SYSLOG_ACTION_SIZE_UNREAD)).ret, 0)
  t.equal((await call(99)).ret, -EINVAL)
})

t.test(
  'SYSLOG_ACTION_READ gives a long record in pieces, and waits for the next',
  async t => {
    const { log, as, sched } = newLog()
    log.printk('0123456789\n')
    const read = async (len: number, task = root) => {
      const { ret, text = Buffer.of() } = await as(task, () =>
        log.syslog.do_syslog(syslog.SYSLOG_ACTION_READ, len),
      )
      return ret < 0 ? ret : Buffer.from(text).toString()
    }
    const pieces = [await read(5), await read(15), await read(99)]
    t.match(pieces.join(''), /^<4>\[.{12}\] 0123456789\n$/)
    t.equal(await read(0), '')

    const waiting = read(99)
    await as(user, () => log.printk('more\n'))
    t.match(await waiting, /more\n$/)

    const impatient = new Task({ pid: 3, uid: 0, gid: 0 })
    const interrupted = read(99, impatient)
    await as(user, () => sched.signal_wake_up(impatient))
    t.equal(await interrupted, -EINTR)
  },
)

t.test(
  'without privileges only reading is allowed, and not if dmesg_restrict is set',
  async t => {
    const { log, as } = newLog()
    const ret = async (type: number) =>
      (await as(user, () => log.syslog.do_syslog(type, 99))).ret
    t.equal(await ret(syslog.SYSLOG_ACTION_READ_ALL), -EPERM)
    log.settings.dmesg_restrict = 0
    t.equal(await ret(syslog.SYSLOG_ACTION_READ_ALL), 0)
    t.equal(await ret(syslog.SYSLOG_ACTION_SIZE_BUFFER), log.size)
    for (const type of [
      syslog.SYSLOG_ACTION_CLEAR,
      syslog.SYSLOG_ACTION_READ,
      syslog.SYSLOG_ACTION_CONSOLE_OFF,
    ]) {
      t.equal(await ret(type), -EPERM)
    }
  },
)

t.test('the console level: set, off, and back to what it was', async t => {
  const { log, as } = newLog()
  const call = async (type: number, len = 0) =>
    (await as(root, () => log.syslog.do_syslog(type, len))).ret
  t.equal(await call(syslog.SYSLOG_ACTION_CONSOLE_LEVEL, 4), 0)
  t.equal(log.settings.console_loglevel, 4)
  await call(syslog.SYSLOG_ACTION_CONSOLE_OFF)
  t.equal(log.settings.console_loglevel, 1)
  await call(syslog.SYSLOG_ACTION_CONSOLE_OFF)
  await call(syslog.SYSLOG_ACTION_CONSOLE_ON)
  t.equal(log.settings.console_loglevel, 4)
  t.equal(await call(syslog.SYSLOG_ACTION_CONSOLE_LEVEL, 9), -EINVAL)
  t.equal(await call(syslog.SYSLOG_ACTION_CONSOLE_LEVEL, 0), -EINVAL)
})
