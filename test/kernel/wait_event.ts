// Sleeping as drivers write it: wait_event() and its relatives, waiting by hand, completions.
import t from 'tap'
import { EINTR, ERESTARTSYS, ETIME } from '../../src/include/linux/errno.ts'
import { stage } from '../harness/scenarios.ts'

const IMPORTS = `
import { completion, complete, wait_for_completion_timeout } from '#linux/completion'
import { msleep } from '#linux/delay'
import { kthread_run } from '#linux/kthread'
import { spin_is_locked, spin_lock_irq, spin_unlock_irq, spinlock } from '#linux/spinlock'
import { irqs_disabled } from '#linux/irqflags'
import { ms_to_ktime } from '#linux/ktime'
import * as sched from '#linux/sched'
import { TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, current, schedule } from '#linux/sched'
import * as wait from '#linux/wait'
import { WQ_FLAG_EXCLUSIVE, DEFINE_WAIT, DEFINE_WAIT_FUNC, wait_queue_head, wake_up } from '#linux/wait'
import { wait_event_lock_irq, wait_event_interruptible_locked } from '#linux/wait'
import { clear_and_wake_up_bit, wait_on_bit, wait_on_bit_timeout, wait_var_event, wake_up_var } from '#linux/wait_bit'
import { ref } from '#linux/types'
const wq = new wait_queue_head()
const lock = new spinlock()
const done = new completion()
let ready = false
/** A thread that does something a little later. */
const later = (call: () => void) => kthread_run(async () => { await msleep(8); call(); return 0 }, null, 'later')
const wakeLater = () => { ready = false; later(() => { ready = true; wake_up(wq) }) }
`

t.test('each of the family sleeps until the condition holds', async t => {
  const { play } = await stage(
    t,
    IMPORTS,
    `
    async plain() { wakeLater(); return await wait.wait_event(wq, () => ready) },
    async killable() { wakeLater(); return await wait.wait_event_killable(wq, () => ready) },
    async idle() { wakeLater(); return await wait.wait_event_idle(wq, () => ready) },
    async freezable() { wakeLater(); return await wait.wait_event_freezable(wq, () => ready) },
    async io() { wakeLater(); return await wait.io_wait_event(wq, () => ready) },
    async exclusive() { wakeLater(); return await wait.wait_event_interruptible_exclusive(wq, () => ready) },
    async killable_exclusive() { wakeLater(); return await wait.wait_event_killable_exclusive(wq, () => ready) },
    async state() { wakeLater(); return await wait.wait_event_state(wq, () => ready, sched.TASK_KILLABLE) },
    async commands() {
      wakeLater()
      let before = 0, after = 0
      await wait.wait_event_cmd(wq, () => ready, () => before++, async () => { await msleep(1); after++ })
      return before * 10 + after
    },
  `,
  )
  for (const scene of [
    'plain',
    'killable',
    'idle',
    'freezable',
    'io',
    'exclusive',
    'killable_exclusive',
    'state',
  ])
    t.strictSame(await play(scene), { answer: 0, said: [] }, scene)
  t.equal((await play('commands')).answer, 11, 'once around the one sleep')
})

t.test('with a time-out: what is left, at least 1, or 0', async t => {
  const { play } = await stage(
    t,
    IMPORTS,
    `
    in_time: async () => { wakeLater(); const left = await wait.wait_event_timeout(wq, () => ready, 250); return left > 1 && left < 250 ? 1 : left },
    at_once: async () => wait.wait_event_timeout(wq, () => true, 0),
    never: async () => wait.wait_event_interruptible_timeout(wq, () => false, 2),
    at_last: async () => { let looks = 0; return wait.wait_event_killable_timeout(wq, () => ++looks > 2, 2) },
    precise: async () => wait.wait_event_hrtimeout(wq, () => false, ms_to_ktime(3)),
    precisely: async () => { wakeLater(); return wait.wait_event_interruptible_hrtimeout(wq, () => ready, ms_to_ktime(5000)) },
    bit: async () => wait_on_bit_timeout(ref(4), 2, TASK_UNINTERRUPTIBLE, 2),
    completion: async () => wait_for_completion_timeout(done, 2),
    completed: async () => { later(() => complete(done)); return (await wait_for_completion_timeout(done, 250)) > 1 ? 1 : 0 },
  `,
  )
  for (const [scene, answer] of Object.entries({
    in_time: 1,
    at_once: 1,
    never: 0,
    at_last: 1,
    precise: -ETIME,
    precisely: 0,
    bit: -11,
    completion: 0,
    completed: 1,
  }))
    t.equal((await play(scene)).answer, answer, scene)
})

t.test('the lock is let go for the sleep, and held for the look', async t => {
  const { play } = await stage(
    t,
    IMPORTS,
    `
    async irq() {
      let looks = ''
      ready = false
      later(() => { looks += spin_is_locked(lock) ? 'held ' : 'free '; ready = true; wake_up(wq) })
      spin_lock_irq(lock)
      await wait_event_lock_irq(wq, () => { looks += spin_is_locked(lock) && irqs_disabled() ? 'L' : '?'; return ready }, lock)
      spin_unlock_irq(lock)
      return looks === 'LLfree L' ? 7 : 1
    },
    async own() {
      ready = false
      later(() => { ready = !spin_is_locked(wq.lock); wait.wake_up_locked(wq) })
      spin_lock_irq(wq.lock)
      const err = await wait.wait_event_interruptible_locked_irq(wq, () => ready)
      spin_unlock_irq(wq.lock)
      return err
    },
  `,
  )
  t.strictSame(await play('irq'), { answer: 7, said: [] })
  t.strictSame(await play('own'), { answer: 0, said: [] })
})

t.test('waiting by hand', async t => {
  const { play } = await stage(
    t,
    IMPORTS,
    `
    async classic() {
      const entry = DEFINE_WAIT()
      wakeLater()
      let sleeps = 0
      for (;;) {
        wait.prepare_to_wait(wq, entry, TASK_INTERRUPTIBLE)
        if (ready) break
        sleeps++
        await schedule()
      }
      wait.finish_wait(wq, entry)
      return sleeps === 1 && !wait.waitqueue_active(wq) && current.__state === 0 ? 1 : 0
    },
    async stays() { // an entry of DECLARE_WAITQUEUE() is not taken out by the wake-up
      const entry = wait.DECLARE_WAITQUEUE(current)
      wait.add_wait_queue(wq, entry)
      wakeLater()
      sched.set_current_state(TASK_UNINTERRUPTIBLE)
      if (!ready) await schedule()
      const stayed = wait.waitqueue_active(wq)
      wait.remove_wait_queue(wq, entry)
      return stayed && !wait.waitqueue_active(wq) ? 1 : 0
    },
    async woken() { // a wake-up before the sleep is remembered
      const entry = DEFINE_WAIT_FUNC(wait.woken_wake_function)
      wait.add_wait_queue(wq, entry)
      wake_up(wq)
      const left = await wait.wait_woken(entry, TASK_INTERRUPTIBLE, 100)
      const none = await wait.wait_woken(entry, TASK_INTERRUPTIBLE, 2)
      wait.remove_wait_queue(wq, entry)
      return left === 100 && none === 0 ? 1 : 0
    },
    async called() { // a function of one's own, and what the waker says
      const heard: unknown[] = []
      const entry = new wait.wait_queue_entry()
      wait.init_waitqueue_func_entry(entry, (_entry, mode, _flags, key) => { heard.push(mode, key); return 0 })
      wait.add_wait_queue(wq, entry)
      wait.wake_up_interruptible_poll(wq, 5)
      wait.wake_up_all(wq)
      wait.remove_wait_queue(wq, entry)
      return heard.join() === '1,5,3,' ? 1 : 0
    },
    async self() { // a wake-up between prepare_to_wait() and schedule() keeps from sleeping
      const entry = DEFINE_WAIT()
      wait.prepare_to_wait(wq, entry, TASK_UNINTERRUPTIBLE)
      wake_up(wq)
      const state = current.__state
      await schedule()
      wait.finish_wait(wq, entry)
      return state === 0 ? 1 : 0
    },
    async several() {
      let woken = 0
      const entries = [0, 0, 0].map(() => {
        const entry = new wait.wait_queue_entry()
        wait.init_waitqueue_func_entry(entry, () => ++woken)
        wait.add_wait_queue_exclusive(wq, entry)
        return entry
      })
      wait.wake_up_nr(wq, 2)
      for (const entry of entries) wait.remove_wait_queue(wq, entry)
      return woken
    },
    bit: async () => { const word = ref(4); later(() => clear_and_wake_up_bit(2, word)); return wait_on_bit(word, 2, TASK_UNINTERRUPTIBLE) },
    variable: async () => { const n = ref(1); later(() => { n.value = 0; wake_up_var(n) }); return wait_var_event(n, () => n.value === 0) },
  `,
  )
  for (const scene of ['classic', 'stays', 'woken', 'called', 'self'])
    t.strictSame(await play(scene), { answer: 1, said: [] }, scene)
  t.equal((await play('several')).answer, 2)
  for (const scene of ['bit', 'variable']) t.equal((await play(scene)).answer, 0, scene)
})

t.test('a signal ends what it ends on Linux', async t => {
  const m = await stage(
    t,
    IMPORTS +
      `import { mutex, mutex_lock, mutex_lock_interruptible, mutex_unlock } from '#linux/mutex'
       import { down_interruptible, down_timeout, semaphore } from '#linux/semaphore'
       const full = new mutex()
       const sem = new semaphore(0)
       const hold = () => kthread_run(async () => { await mutex_lock(full); await msleep(60); mutex_unlock(full); return 0 }, null, 'holder')`,
    `
    interruptible: async () => wait.wait_event_interruptible(wq, () => false),
    timed: async () => wait.wait_event_interruptible_timeout(wq, () => false, 1e6),
    bit: async () => wait_on_bit(ref(1), 0, TASK_INTERRUPTIBLE),
    async mutex() { hold(); await msleep(2); return mutex_lock_interruptible(full) },
    semaphore: async () => down_interruptible(sem),
    late: async () => down_timeout(sem, 2),
  `,
  )
  const interrupted = async (scene: string) => {
    const playing = m.play(scene)
    const timer = setInterval(() => m.user.signal(), 5)
    const { answer } = await playing
    clearInterval(timer)
    return answer
  }
  t.equal(await interrupted('interruptible'), -ERESTARTSYS)
  t.equal(await interrupted('timed'), -ERESTARTSYS)
  t.equal(await interrupted('bit'), -EINTR)
  t.equal(await interrupted('mutex'), -EINTR)
  t.equal(await interrupted('semaphore'), -EINTR)
  t.equal((await m.play('late')).answer, -ETIME)
})
