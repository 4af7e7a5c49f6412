import t, { type Test } from 'tap'
import { boot, build } from '../harness/machine.ts'

/** Boot, load a module whose init is `code`, and unload it: what it has said. */
async function said(t: Test, code: string): Promise<string[]> {
  const source = `
import * as wq from '#linux/workqueue'
import { container_of } from '#linux/container_of'
import { msleep } from '#linux/delay'
import { jiffies } from '#linux/jiffies'
import { module_exit, module_init, MODULE_LICENSE } from '#linux/module'
import { pr_info } from '#linux/printk'
import { spin_lock, spinlock } from '#linux/spinlock'
import { current } from '#linux/sched'
MODULE_LICENSE('GPL')
class job {
  readonly work = new wq.work_struct(this)
  readonly name: string
  constructor(name: string, ms: number) {
    this.name = name
    wq.INIT_WORK(this.work, async () => {
      pr_info('%s begins\\n', name)
      if (ms) await msleep(ms)
      pr_info('%s ends\\n', name)
    })
  }
}
${code}
module_init(init)
module_exit(function exit() {})
`
  const { insmod, rmmod, dmesg } = await boot(t)
  t.equal(await insmod(await build(t, 'works', source)), 0)
  t.equal(await rmmod('works'), 0)
  return dmesg()
    .filter(line => !line.includes('taint'))
    .map(line => line.replace(/^<6>/, ''))
}

t.test('works go on while others sleep, as many as max_active says', async t => {
  const lines = await said(
    t,
    `
async function init() {
  const two = wq.alloc_workqueue('%s-%d', 0, 2, 'two', 2)!
  const jobs = ['a', 'b', 'c'].map(name => new job(name, 5))
  for (const { work } of jobs) wq.queue_work(two, work)
  await wq.flush_workqueue(two)
  pr_info('flushed %s\\n', two.name)
  await wq.destroy_workqueue(two)
  return 0
}`,
  )
  t.strictSame(lines.slice(0, 2), ['a begins', 'b begins'])
  const room = lines.findIndex(line => /^[ab] ends/.test(line))
  t.ok(lines.indexOf('c begins') > room, 'there is room again')
  t.equal(lines.at(-1), 'flushed two-2')
})

t.test('an ordered queue does one after the other', async t => {
  const lines = await said(
    t,
    `
async function init() {
  const one = wq.create_singlethread_workqueue('one')!
  for (const name of ['a', 'b']) wq.queue_work(one, new job(name, 3).work)
  await wq.destroy_workqueue(one)
  return 0
}`,
  )
  t.strictSame(lines, ['a begins', 'a ends', 'b begins', 'b ends'])
})

t.test(
  'work is queued once, flushed, cancelled, and never runs twice at once',
  async t => {
    const lines = await said(
      t,
      `
async function init() {
  const slow = new job('slow', 8)
  pr_info('%d %d\\n', wq.schedule_work(slow.work), wq.schedule_work(slow.work))
  await msleep(1)
  pr_info('again %d, busy %d\\n', wq.schedule_work(slow.work), wq.work_busy(slow.work))
  pr_info('cancelled %d\\n', await wq.cancel_work_sync(slow.work))
  pr_info('flush %d, busy %d\\n', await wq.flush_work(slow.work), wq.work_busy(slow.work))
  wq.schedule_work(slow.work)
  await msleep(1)
  wq.schedule_work(slow.work)
  pr_info('flush %d\\n', await wq.flush_work(slow.work))
  return 0
}`,
    )
    t.strictSame(lines, [
      '1 0',
      'slow begins',
      'again 1, busy 3',
      'slow ends',
      'cancelled 1',
      'flush 0, busy 0',
      'slow begins',
      'slow ends',
      'slow begins',
      'slow ends',
      'flush 1',
    ])
  },
)

t.test('delayed work waits for its time, can be moved, hurried and stopped', async t => {
  const lines = await said(
    t,
    `
class late { readonly dwork = new wq.delayed_work(this); at = 0 }
async function init() {
  const it = new late()
  wq.INIT_DELAYED_WORK(it.dwork, work => {
    const self = container_of(wq.to_delayed_work(work))
    pr_info('runs, not early: %d\\n', jiffies >= self.at)
  })
  it.at = jiffies + 2
  pr_info('%d\\n', wq.schedule_delayed_work(it.dwork, 2))
  pr_info('%d %d\\n', wq.schedule_delayed_work(it.dwork, 2), wq.delayed_work_pending(it.dwork))
  await msleep(40)
  it.at = 0
  wq.schedule_delayed_work(it.dwork, 10_000)
  pr_info('hurried %d\\n', await wq.flush_delayed_work(it.dwork))
  pr_info('%d\\n', wq.mod_delayed_work(wq.system_wq, it.dwork, 10_000))
  pr_info('%d\\n', wq.mod_delayed_work(wq.system_wq, it.dwork, 10_000))
  pr_info('%d %d\\n', wq.cancel_delayed_work(it.dwork), await wq.cancel_delayed_work_sync(it.dwork))
  wq.schedule_delayed_work(it.dwork, 0)
  await wq.flush_scheduled_work()
  return 0
}`,
  )
  t.strictSame(lines, [
    '1',
    '0 1',
    'runs, not early: 1',
    'runs, not early: 1',
    'hurried 1',
    '0',
    '1',
    '1 0',
    'runs, not early: 1',
  ])
})

t.test(
  'container_of() knows what work is embedded in; current_work() what runs',
  async t => {
    const lines = await said(
      t,
      `
async function init() {
  const it = new job('it', 0)
  wq.INIT_WORK(it.work, work => {
    pr_info('%s %d %s\\n', container_of(work).name, wq.current_work() === work, current.comm)
  })
  wq.queue_work(wq.system_highpri_wq, it.work)
  await wq.flush_work(it.work)
  wq.queue_work(wq.system_unbound_wq, it.work)
  await wq.flush_work(it.work)
  pr_info('%d\\n', wq.current_work() === null)
  return 0
}`,
    )
    t.strictSame(lines, ['it 1 kworker/0:0H', 'it 1 kworker/u2:0', '1'])
  },
)

t.test(
  'mistakes: a bad max_active, a queue that is gone, a lock that is kept',
  async t => {
    const lines = await said(
      t,
      `
const lock = new spinlock()
async function init() {
  const wide = wq.alloc_workqueue('wide', 0, 1000)!
  await wq.destroy_workqueue(wide)
  wq.queue_work(wide, new job('never', 0).work)
  const leaky = new wq.work_struct()
  wq.INIT_WORK(leaky, function leaks() { spin_lock(lock) })
  wq.schedule_work(leaky)
  await wq.flush_work(leaky)
  return 0
}`,
    )
    t.equal(
      lines[0],
      '<4>workqueue: max_active 1000 requested for wide is out of range, clamping between 1 and 512',
    )
    t.ok(lines.some(line => /^<4>WARNING: .*queue_work/.test(line)))
    t.notOk(lines.includes('never begins'))
    const leak = lines.findIndex(line => line.includes('BUG: workqueue leaked lock'))
    t.match(
      lines[leak],
      /^<3>BUG: workqueue leaked lock or atomic: kworker\/0:0\/0x00000001\/\d+/,
    )
  },
)

t.test('an oops in work takes its thread along; other work goes on', async t => {
  const lines = await said(
    t,
    `
async function init() {
  const bad = new wq.work_struct()
  const good = new job('good', 0)
  wq.INIT_WORK(bad, () => { throw new Error('mine') })
  wq.schedule_work(bad)
  wq.schedule_work(good.work)
  await wq.flush_work(good.work)
  return 0
}`,
  )
  t.ok(lines.some(line => /Comm: kworker\/0:0 /.test(line)))
  t.ok(lines.includes('good ends'))
})
