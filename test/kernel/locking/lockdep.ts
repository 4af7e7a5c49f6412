// Mistakes with locks: each is reported in Linux's words, with the driver's own lines, and only the first.
import t from 'tap'
import { boot, build } from '../../harness/machine.ts'
import { stage } from '../../harness/scenarios.ts'

const IMPORTS = `
import { msleep } from '#linux/delay'
import { BUG } from '#linux/bug'
import { lockdep_assert_held } from '#linux/lockdep'
import { mutex, mutex_init, mutex_lock, mutex_lock_nested, mutex_trylock, mutex_unlock } from '#linux/mutex'
import { preempt_disable, preempt_enable } from '#linux/preempt'
import { rcu_read_lock, rcu_read_unlock } from '#linux/rcupdate'
import { down_read, down_write, downgrade_write, rw_semaphore, up_read, up_write } from '#linux/rwsem'
import { read_lock, read_unlock, rwlock, write_lock, write_unlock } from '#linux/rwlock'
import { TASK_INTERRUPTIBLE, set_current_state } from '#linux/sched'
import { spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh, spinlock } from '#linux/spinlock'
import { DEFINE_TIMER, mod_timer, timer_list } from '#linux/timer'
import { jiffies } from '#linux/jiffies'
import { wait_event, wait_queue_head } from '#linux/wait'
const first = new mutex()
const second = new mutex()
const third = new mutex()
const spin = new spinlock()
const rw = new rwlock()
const sem = new rw_semaphore()
const wq = new wait_queue_head()
class box { readonly lock = new mutex() }
const boxes = [new box(), new box()] as const
async function both(outer: mutex, inner: mutex) {
  await mutex_lock(outer)
  await mutex_lock(inner)
  mutex_unlock(inner)
  mutex_unlock(outer)
}
`

/** Addresses and the kernel's own release are no two machines' the same. */
const normal = (said: string[]) =>
  said.map(line =>
    line
      .replace(/\b[0-9a-f]{16}\b/g, 'ADDRESS')
      .replace(/^<4>\S+ #1 (?:Not t|T)ainted.*$/, '<4>KERNEL')
      .replace(/\(\S*stage\.ts:(\d+)(:\d+)?\)/, '(stage.ts)'),
  )

/** What comes before the stack. */
const report = (said: string[]) => {
  const lines = normal(said)
  const end = lines.indexOf('<4>stack backtrace:')
  return lines.slice(0, end < 0 ? undefined : end).map(line => line.slice(3))
}

t.test('two locks in both orders', async t => {
  const { play } = await stage(
    t,
    IMPORTS,
    `async abba() { await both(first, second); await both(second, first); return 0 },
     async again() { await both(second, first); await both(first, second); mutex_unlock(third); return 0 },`,
  )
  const { answer, said } = await play('abba')
  t.equal(answer, 0, 'it goes on')
  const withoutTraces = report(said).filter(line => !/^ {7}(?!CPU0)[\w<]/.test(line))
  t.strictSame(withoutTraces, [
    '',
    '======================================================',
    'WARNING: possible circular locking dependency detected',
    'KERNEL',
    '------------------------------------------------------',
    'test/1 is trying to acquire lock:',
    'ADDRESS (first){+.+.}-{3:3}, at: both (stage.ts) [stage]',
    '',
    'but task is already holding lock:',
    'ADDRESS (second){+.+.}-{3:3}, at: both (stage.ts) [stage]',
    '',
    'which lock already depends on the new lock.',
    '',
    '',
    'the existing dependency chain (in reverse order) is:',
    '',
    '-> #1 (second){+.+.}-{3:3}:',
    '',
    '-> #0 (first){+.+.}-{3:3}:',
    '',
    'other info that might help us debug this:',
    '',
    ' Possible unsafe locking scenario:',
    '',
    '       CPU0                    CPU1',
    '       ----                    ----',
    '  lock(second);',
    '                               lock(first);',
    '                               lock(second);',
    '  lock(first);',
    '',
    ' *** DEADLOCK ***',
    '',
    '1 lock held by test/1:',
    ' #0: ADDRESS (second){+.+.}-{3:3}, at: both (stage.ts) [stage]',
    '',
  ])
  const traces = said.filter(line =>
    /^<4> {7}both \(\S*stage\.ts:\d+:\d+\) \[stage\]$/.test(line),
  )
  t.equal(traces.length, 2, 'each link shows how it came')
  t.strictSame(
    (await play('again')).said,
    [],
    'what comes after may only be a consequence',
  )
})

t.test('a circle of three', async t => {
  const { play } = await stage(
    t,
    IMPORTS,
    `async three() { await both(first, second); await both(second, third); await both(third, first); return 0 },`,
  )
  const lines = report((await play('three')).said)
  t.ok(lines.includes('  first --> second --> third'))
  t.strictSame(
    lines.filter(line => line.startsWith('->')),
    [
      '-> #2 (third){+.+.}-{3:3}:',
      '-> #1 (second){+.+.}-{3:3}:',
      '-> #0 (first){+.+.}-{3:3}:',
    ],
  )
})

t.test('the same lock, or one of its kind, twice', async t => {
  const scenes = `
    async kind() { await both(boxes[0].lock, boxes[1].lock); return 0 },
    async nested() {
      await mutex_lock(boxes[0].lock)
      await mutex_lock_nested(boxes[1].lock, 1)
      mutex_unlock(boxes[1].lock)
      mutex_unlock(boxes[0].lock)
      return 0
    },
    async readers() { read_lock(rw); read_lock(rw); read_unlock(rw); read_unlock(rw); return 0 },
    async tried() { await mutex_lock(boxes[0].lock); if (mutex_trylock(boxes[1].lock)) mutex_unlock(boxes[1].lock); mutex_unlock(boxes[0].lock); return 0 },
    async upgrade() { await down_read(sem); await down_read(sem); up_read(sem); up_read(sem); return 0 },
  `
  const { play } = await stage(t, IMPORTS, scenes)
  for (const fine of ['nested', 'readers', 'tried'])
    t.strictSame(await play(fine), { answer: 0, said: [] }, fine)
  t.strictSame(report((await play('kind')).said), [
    '',
    '============================================',
    'WARNING: possible recursive locking detected',
    'KERNEL',
    '--------------------------------------------',
    'test/1 is trying to acquire lock:',
    'ADDRESS (lock){+.+.}-{3:3}, at: both (stage.ts) [stage]',
    '',
    'but task is already holding lock:',
    'ADDRESS (lock){+.+.}-{3:3}, at: both (stage.ts) [stage]',
    '',
    'other info that might help us debug this:',
    ' Possible unsafe locking scenario:',
    '',
    '       CPU0',
    '       ----',
    '  lock(lock);',
    '  lock(lock);',
    '',
    ' *** DEADLOCK ***',
    '',
    ' May be due to missing lock nesting notation',
    '',
    '1 lock held by test/1:',
    ' #0: ADDRESS (lock){+.+.}-{3:3}, at: both (stage.ts) [stage]',
    '',
  ])
  const again = await stage(t, IMPORTS, scenes)
  t.ok(
    report((await again.play('upgrade')).said).includes(
      'WARNING: possible recursive locking detected',
    ),
  )
})

t.test('unlocking what is not locked', async t => {
  const { play } = await stage(
    t,
    IMPORTS,
    `async unlock() { await mutex_lock(second); mutex_unlock(first); mutex_unlock(second); return 0 },
     spin() { spin_unlock(spin); return 0 },`,
  )
  t.strictSame(report((await play('unlock')).said), [
    '',
    '=====================================',
    'WARNING: bad unlock balance detected!',
    'KERNEL',
    '-------------------------------------',
    'test/1 is trying to release lock (first) at:',
    'unlock (stage.ts) [stage]',
    'but there are no more locks to release!',
    '',
    'other info that might help us debug this:',
    '1 lock held by test/1:',
    ' #0: ADDRESS (second){+.+.}-{3:3}, at: unlock (stage.ts) [stage]',
    '',
  ])
  t.strictSame((await play('spin')).said, [])
})

t.test('returning to the program with a lock held', async t => {
  const { play } = await stage(
    t,
    IMPORTS,
    `async keep() { await mutex_lock(first); return 0 },
     async release() { mutex_unlock(first); await mutex_lock(first); mutex_unlock(first); return 1 },`,
  )
  t.strictSame(report((await play('keep')).said), [
    '',
    '================================================',
    'WARNING: lock held when returning to user space!',
    'KERNEL',
    '------------------------------------------------',
    'test/1 is leaving the kernel with locks still held!',
    '1 lock held by test/1:',
    ' #0: ADDRESS (first){+.+.}-{3:3}, at: keep (stage.ts) [stage]',
  ])
  t.strictSame(await play('release'), { answer: 1, said: [] }, 'another call may let go')
})

t.test('what may sleep, where nobody may', async t => {
  const scenes = `
    async lock() { spin_lock(spin); await mutex_lock(first); mutex_unlock(first); spin_unlock(spin); return 0 },
    async wait() { preempt_disable(); await wait_event(wq, () => true); preempt_enable(); return 0 },
    async reader() { rcu_read_lock(); await mutex_lock(first); mutex_unlock(first); rcu_read_unlock(); return 0 },
    async sleep() { rcu_read_lock(); await msleep(1); rcu_read_unlock(); return 0 },
    async state() { set_current_state(TASK_INTERRUPTIBLE); await mutex_lock(first); mutex_unlock(first); return 0 },
  `
  const on = async (scene: string) =>
    normal((await (await stage(t, IMPORTS, scenes)).play(scene)).said)
  t.strictSame((await on('lock')).slice(0, 6), [
    '<3>BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580',
    '<3>in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 1, name: test',
    '<3>preempt_count: 1, expected: 0',
    '<3>RCU nest depth: 0, expected: 0',
    '<4>1 lock held by test/1:',
    '<4> #0: ADDRESS (spin){+.+.}-{2:2}, at: lock (stage.ts) [stage]',
  ])
  t.match(
    (await on('wait'))[0],
    /^<3>BUG: sleeping function called from invalid context at \S+\/stage\.ts:\d+$/,
  )
  t.equal((await on('reader'))[3], '<3>RCU nest depth: 1, expected: 0')
  t.ok(
    (await on('sleep')).includes(
      '<4>Voluntary context switch within RCU read-side critical section!',
    ),
  )
  t.match(
    (await on('state')).join('\n'),
    /do not call blocking ops when !TASK_RUNNING; state=1 set/,
  )
})

t.test('a lock of timers that is taken with timers on', async t => {
  const { play } = await stage(
    t,
    IMPORTS,
    `async unsafe() {
      spin_lock(spin)
      spin_unlock(spin)
      const timer = DEFINE_TIMER(() => { spin_lock(spin); spin_unlock(spin) })
      mod_timer(timer, jiffies + 1)
      await msleep(20)
      return 0
    },`,
  )
  const lines = report((await play('unsafe')).said)
  t.strictSame(lines.slice(1, 3), [
    '================================',
    'WARNING: inconsistent lock state',
  ])
  t.ok(lines.includes('inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage.'))
  t.match(
    lines.join('\n'),
    /swapper\/0\/0 \[HC0\[0\]:SC1\[1\]:HE1:SE0\] takes:\nADDRESS \(spin\)\{\+\.\?\.\}-\{2:2\}/,
  )
  t.ok(lines.includes('  <Interrupt>'))
})

t.test('spinlocks that would spin for ever end their caller', async t => {
  const scenes = `
    twice() { spin_lock(spin); spin_lock(spin); return 0 },
    writers() { write_lock(rw); write_lock(rw); return 0 },
  `
  for (const [scene, words] of [
    ['twice', 'BUG: spinlock recursion on CPU#0, test/1'],
    ['writers', 'BUG: rwlock recursion on CPU#0, test/1, '],
  ] as const) {
    const { play, user } = await stage(t, IMPORTS, scenes)
    const { answer, said } = await play(scene)
    t.equal(answer, -5)
    t.ok(
      said.some(line => line.startsWith(`<0>${words}`)),
      words,
    )
    t.strictSame(user.signals, [11])
  }
})

t.test('lockdep_assert_held() warns of a lock that is not', async t => {
  const { play } = await stage(
    t,
    IMPORTS,
    `async held() { await mutex_lock(first); lockdep_assert_held(first); mutex_unlock(first); return 0 },
     free() { lockdep_assert_held(first); return 0 },
     async down() { await down_write(sem); downgrade_write(sem); lockdep_assert_held(sem); up_read(sem); return 0 },`,
  )
  t.strictSame((await play('held')).said, [])
  t.strictSame((await play('down')).said, [])
  t.match((await play('free')).said.join('\n'), /WARNING: CPU: 0 PID: 1 at .*free/)
})

t.test('what init has turned off is turned on again, with a warning', async t => {
  const image = await build(
    t,
    'unbalanced',
    `import { local_irq_disable } from '#linux/irqflags'
     import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
     import { spin_lock, spinlock } from '#linux/spinlock'
     MODULE_LICENSE('GPL')
     const lock = new spinlock()
     module_init(function start() { spin_lock(lock); local_irq_disable(); return 0 })
     module_exit(() => {})`,
  )
  const { insmod, dmesg } = await boot(t)
  t.equal(await insmod(image), 0)
  const said = dmesg().join('\n')
  t.match(
    said,
    /initcall start\+0x\S+ \[unbalanced\] returned with preemption imbalance disabled interrupts/,
  )
  t.match(
    said,
    /WARNING: lock held when returning to user space!\n[^]*insmod\/1 is leaving/,
  )
})

t.test(
  'lockdep.prove_locking=0 leaves the order of locks alone, and nothing else',
  async t => {
    const scenes = `
    async abba() { await both(first, second); await both(second, first); return 0 },
    async unlock() { mutex_unlock(first); return 0 },`
    const { play, user } = await stage(t, IMPORTS, scenes)
    t.equal(await user.readFile('/sys/module/lockdep/parameters/prove_locking'), '1\n')
    await user.writeFile('/proc/sys/kernel/prove_locking', '0')
    t.strictSame((await play('abba')).said, [])
    t.ok(
      report((await play('unlock')).said).includes(
        'WARNING: bad unlock balance detected!',
      ),
    )
  },
)
