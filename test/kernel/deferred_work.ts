import t from 'tap'
import { boot, build } from '../harness/machine.ts'

/** The head of a module with `init` and `exit`, which imports `names`. */
function source(imports: Record<string, string>, code: string): string {
  const lines = Object.entries({
    module: 'MODULE_LICENSE, module_exit, module_init',
    printk: 'pr_info',
    sched: 'current',
    ...imports,
  }).map(([header, names]) => `import { ${names} } from '#linux/${header}'`)
  return `${lines.join('\n')}
MODULE_LICENSE('GPL')
const say = (what: string) =>
  pr_info('%s: %s %d %s\\n', what, current.comm, current.pid > 2 ? 1 : 0, current.preempt_count.toString(16))
${code}
module_init(init)
module_exit(exit)
`
}

t.test('each kind of deferred work runs as what it is on Linux', async t => {
  const image = await build(
    t,
    'kinds',
    source(
      {
        interrupt: 'DECLARE_TASKLET, tasklet_kill, tasklet_schedule',
        jiffies: 'jiffies',
        kthread: 'kthread_run, kthread_stop, kthread_should_stop',
        delay: 'msleep',
        timer: 'DEFINE_TIMER, del_timer_sync, mod_timer',
        workqueue: 'DECLARE_WORK, flush_work, schedule_work',
      },
      `
const timer = DEFINE_TIMER(() => say('timer'))
const tasklet = DECLARE_TASKLET(() => say('tasklet'))
const work = DECLARE_WORK(async () => {
  say('work')
  await msleep(1)
  say('work, slept')
})
async function loop(name: string) {
  say(name)
  while (!kthread_should_stop()) await msleep(1)
  say('stopped')
  return 7
}
async function init() {
  const thread = kthread_run(loop, 'thread', 'my-%s', 'thread')
  tasklet_schedule(tasklet)
  schedule_work(work)
  mod_timer(timer, jiffies + 1)
  await msleep(30)
  pr_info('%d\\n', await kthread_stop(thread))
  return 0
}
async function exit() {
  del_timer_sync(timer)
  await tasklet_kill(tasklet)
  await flush_work(work)
}`,
    ),
  )
  const { insmod, dmesg } = await boot(t)
  t.equal(await insmod(image), 0)
  t.strictSame(
    dmesg().filter(line => !line.includes('taint')),
    [
      '<6>thread: my-thread 1 0',
      '<6>tasklet: ksoftirqd/0 1 100',
      '<6>work: kworker/0:0 1 0',
      '<6>timer: swapper/0 0 100',
      '<6>work, slept: kworker/0:0 1 0',
      '<6>stopped: my-thread 1 0',
      '<6>7',
    ],
  )
})
