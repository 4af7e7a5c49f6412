import t, { type Test } from 'tap'
import { boot, build } from '../harness/machine.ts'

async function said(t: Test, code: string): Promise<string[]> {
  const source = `
import { kthread_complete_and_exit, kthread_create, kthread_run, kthread_should_stop, kthread_stop } from '#linux/kthread'
import { completion, wait_for_completion } from '#linux/completion'
import { msleep } from '#linux/delay'
import { DECLARE_TASKLET_OLD, tasklet_disable, tasklet_enable, tasklet_hi_schedule, tasklet_init,
  tasklet_kill, tasklet_schedule, tasklet_setup, tasklet_struct, from_tasklet } from '#linux/interrupt'
import { jiffies, time_before } from '#linux/jiffies'
import { module_exit, module_init, MODULE_LICENSE } from '#linux/module'
import { pr_info } from '#linux/printk'
import { current, schedule, set_current_state, TASK_INTERRUPTIBLE, wake_up_process } from '#linux/sched'
import { DEFINE_TIMER, del_timer_sync, mod_timer } from '#linux/timer'
MODULE_LICENSE('GPL')
${code}
module_init(init)
module_exit(function exit() {})
`
  const { insmod, rmmod, dmesg } = await boot(t)
  t.equal(await insmod(await build(t, 'threads', source)), 0)
  t.equal(await rmmod('threads'), 0)
  return dmesg()
    .filter(line => !line.includes('taint'))
    .map(line => line.replace(/^<6>/, ''))
}

t.test('a thread is started, stopped, or ends by itself', async t => {
  const lines = await said(
    t,
    `
async function init() {
  const never = kthread_create(() => 5, null, 'never')
  pr_info('%d\\n', await kthread_stop(never))

  const sleeper = kthread_run(async (data: string) => {
    while (!kthread_should_stop()) {
      set_current_state(TASK_INTERRUPTIBLE)
      await schedule()
    }
    pr_info('%s %s\\n', current.comm, data)
    return 6
  }, 'data', 'a-name-that-is-too-long')
  await msleep(1)
  pr_info('%d\\n', await kthread_stop(sleeper))

  const done = new completion()
  const own = kthread_run(() => kthread_complete_and_exit(done, 7), null, 'own')
  await wait_for_completion(done)
  pr_info('%d\\n', await kthread_stop(own))
  return 0
}`,
  )
  t.strictSame(lines, ['-4', 'a-name-that-is- data', '6', '7'])
})

t.test('an oops in a thread ends that thread alone', async t => {
  const lines = await said(
    t,
    `
async function init() {
  const bad = kthread_run(async () => { throw new Error('mine') }, null, 'bad')
  await msleep(1)
  pr_info('%d\\n', await kthread_stop(bad))
  return 0
}`,
  )
  t.ok(lines.some(line => line.includes('Comm: bad ')))
  t.equal(lines.at(-1), '0')
})

t.test('timers go off while a task only calls schedule() again and again', async t => {
  const lines = await said(
    t,
    `
const timer = DEFINE_TIMER(() => pr_info('timer\\n'))
async function init() {
  const end = jiffies + 10
  mod_timer(timer, jiffies + 1)
  while (time_before(jiffies, end)) await schedule()
  pr_info('end\\n')
  return 0
}`,
  )
  t.strictSame(lines, ['timer', 'end'])
})

t.test(
  'tasklets run once, urgent ones first, and not while they are disabled',
  async t => {
    const lines = await said(
      t,
      `
class device { readonly tasklet = new tasklet_struct(this); name = 'mine' }
const old = DECLARE_TASKLET_OLD(data => pr_info('old %d\\n', data))
async function init() {
  const dev = new device()
  const urgent = new tasklet_struct()
  tasklet_setup(dev.tasklet, t => pr_info('%s\\n', from_tasklet(t).name))
  tasklet_init(urgent, (data: string) => pr_info('%s\\n', data), 'urgent')
  tasklet_schedule(old)
  tasklet_schedule(old)
  tasklet_disable(dev.tasklet)
  tasklet_schedule(dev.tasklet)
  tasklet_hi_schedule(urgent)
  await msleep(1)
  pr_info('enabled\\n')
  tasklet_enable(dev.tasklet)
  await tasklet_kill(dev.tasklet)
  return 0
}`,
    )
    t.strictSame(lines, ['urgent', 'old 0', 'enabled', 'mine'])
  },
)

t.test('who sleeps in a timer is told so, as on Linux', async t => {
  const lines = await said(
    t,
    `
const timer = DEFINE_TIMER(function sleeps() { void msleep(1) })
async function init() {
  mod_timer(timer, jiffies)
  await msleep(20)
  del_timer_sync(timer)
  return 0
}`,
  )
  t.ok(
    lines.includes('<3>BUG: scheduling while atomic: swapper/0/0/0x00000101'),
    lines.join('\n'),
  )
  t.ok(
    lines.some(line => /sleeps \(.*threads.ts:\d+/.test(line)),
    'with the line',
  )
})
