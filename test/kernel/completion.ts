import t from 'tap'
import {
  completion,
  init_completion,
  reinit_completion,
} from '../../src/include/linux/completion.ts'
import { ERESTARTSYS } from '../../src/include/linux/errno.ts'
import { Task } from '../../src/kernel/sched.ts'
import { bareLocks } from '../harness/locks.ts'

function machine() {
  const { sched, completions } = bareLocks()
  let pid = 0
  const spawn = <T>(call: () => Promise<T> | T) =>
    sched.spawn(new Task({ pid: ++pid, uid: 0, gid: 0 }), call)
  return { sched, completions, spawn }
}

t.test('each complete() lets one waiter go on', async t => {
  const { completions, spawn } = machine()
  const x = new completion()
  let through = 0
  const waiters = [1, 2].map(() =>
    spawn(async () => {
      await completions.wait_for_completion(x)
      through++
    }),
  )
  await spawn(() => completions.complete(x))
  await waiters[0]
  await spawn(() => t.equal(through, 1))
  await spawn(() => completions.complete(x))
  await Promise.all(waiters)
  t.equal(completions.completion_done(x), false)
})

t.test('what has happened before is not waited for', async t => {
  const { completions } = machine()
  const x = new completion()
  completions.complete(x)
  t.equal(completions.completion_done(x), true)
  t.equal(completions.wait_for_completion(x), undefined)
  t.equal(completions.try_wait_for_completion(x), false)
  completions.complete(x)
  t.equal(completions.try_wait_for_completion(x), true)
})

t.test('after complete_all() everybody passes, until it begins anew', async t => {
  const { completions, spawn } = machine()
  const x = new completion()
  init_completion(x)
  const waiters = [1, 2, 3].map(() =>
    spawn(() => completions.wait_for_completion_interruptible(x)),
  )
  await spawn(() => completions.complete_all(x))
  t.strictSame(await Promise.all(waiters), [0, 0, 0])
  t.equal(completions.wait_for_completion_interruptible(x), 0)
  reinit_completion(x)
  t.equal(completions.completion_done(x), false)
})

t.test('a signal ends the interruptible wait', async t => {
  const { sched, completions, spawn } = machine()
  const x = new completion()
  const task = new Task({ pid: 9, uid: 0, gid: 0 })
  const waiting = sched.spawn(task, () =>
    completions.wait_for_completion_interruptible(x),
  )
  await spawn(() => sched.signal_wake_up(task))
  t.equal(await waiting, -ERESTARTSYS)
})
