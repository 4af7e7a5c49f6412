import t, { type Test } from 'tap'
import { bootThisMachine } from '../../src/this_machine.ts'
import { UserProcess } from '../../src/user_process.ts'
import { boot, build } from '../harness/machine.ts'
import { until } from '../harness/until.ts'

/** A module that runs `init` and leaves what that starts behind. */
function source(imports: Record<string, string>, file: string, init: string): string {
  const lines = Object.entries({
    module: 'MODULE_LICENSE, module_exit, module_init',
    jiffies: 'jiffies',
    ...imports,
  }).map(([header, names]) => `import { ${names} } from '#linux/${header}'`)
  return `${lines.join('\n')}
MODULE_LICENSE('GPL')
${file}
module_init(function init() { ${init}; return 0 })
module_exit(function exit() {})
`
}

const TIMER = source(
  { timer: 'DEFINE_TIMER, mod_timer' },
  'function late() {}\nconst timer = DEFINE_TIMER(late)',
  'mod_timer(timer, jiffies + 3)',
)

t.test('timers and work are found when their module goes, and stopped', async t => {
  const machine = await boot(t)
  const images = {
    timer: TIMER,
    hrtimer: source(
      {
        hrtimer:
          'CLOCK_MONOTONIC, hrtimer, hrtimer_init, hrtimer_start, HRTIMER_MODE_REL, HRTIMER_NORESTART',
      },
      'function late() { return HRTIMER_NORESTART }\nconst timer = new hrtimer()',
      'hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL); timer.function = late; hrtimer_start(timer, 10_000_000n, HRTIMER_MODE_REL)',
    ),
    delayed: source(
      { workqueue: 'DECLARE_DELAYED_WORK, schedule_delayed_work' },
      'function late() {}\nconst work = DECLARE_DELAYED_WORK(late)',
      'schedule_delayed_work(work, 3)',
    ),
  }
  const types = { timer: 'timer_list', hrtimer: 'hrtimer', delayed: 'timer_list' }
  for (const [name, text] of Object.entries(images)) {
    t.equal(await machine.insmod(await build(t, name, text)), 0)
    machine.dmesg()
    t.equal(await machine.rmmod(name), 0)
    const type = types[name as keyof typeof types]
    const said = machine.dmesg().join('\n')
    const words = `ODEBUG: free active (active state 0) object type: ${type} hint: late+0x0/`
    t.ok(said.includes(words), said)
  }
  await new Promise(resolve => setTimeout(resolve, 50))
  t.strictSame(machine.dmesg(), [], 'nothing goes off')
})

/** Boot without DEBUG_OBJECTS, as Debian's kernel is. */
async function bare(t: Test, name: string, text: string) {
  const image = await build(t, name, text)
  const said: string[] = []
  let panicked = ''
  const kernel = await bootThisMachine({
    cmdline: 'no_debug_objects',
    console: ({ text: line }) => void said.push(line),
    onPanic: reason => void (panicked = reason),
  })
  kernel.clock.hold()
  t.teardown(() => kernel.clock.halt())
  const user = new UserProcess(kernel)
  t.equal(await user.syscall(() => kernel.modules.finit_module(image, '', 0)), 0)
  t.equal(await user.syscall(() => kernel.modules.delete_module(name, 0)), 0)
  return { said, panic: () => panicked }
}

t.test(
  'without debug objects a timer jumps into nothing, and that is a panic',
  async t => {
    const { said, panic } = await bare(t, 'gone', TIMER)
    await until(() => panic() !== '')
    t.equal(panic(), 'Fatal exception in interrupt')
    const text = said.join('\n')
    t.match(
      text,
      /BUG: unable to handle page fault for address: ffffffffc02[0-9a-f]{5}\n/,
    )
    t.match(text, /late\(\) of module gone, which has been removed/)
    t.match(text, /#PF: supervisor instruction fetch in kernel mode/)
    t.match(text, /Comm: swapper\/0/)
    t.match(text, /RIP: 0010:0xffffffffc02/)
  },
)

t.test('a thread that outlives its module dies of it, alone', async t => {
  const text = source(
    { kthread: 'kthread_run', delay: 'msleep' },
    'async function forever() { for (;;) await msleep(1) }',
    "kthread_run(forever, null, 'forever')",
  )
  const { said, panic } = await bare(t, 'gone', text)
  await until(() => said.some(line => line.includes('end trace')))
  t.equal(panic(), '')
  t.match(said.join('\n'), /Comm: forever/)
  t.match(said.join('\n'), /forever\(\) of module gone, which has been removed/)
})
