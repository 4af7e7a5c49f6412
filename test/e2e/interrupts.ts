// An interrupt on its way to a program: handler, tasklet, work, kfifo, a reader that sleeps.
import { existsSync } from 'node:fs'
import t from 'tap'
import { bootMounted, isMounted, start } from '../harness/mounted.ts'
import { until } from '../harness/until.ts'
import { requireTransport } from '../harness/transport.ts'

const PIPELINE = `
import type { file_operations } from '#linux/fs'
import { DECLARE_TASKLET, free_irq, IRQ_HANDLED, request_irq, tasklet_kill, tasklet_schedule } from '#linux/interrupt'
import { DECLARE_KFIFO, kfifo_in, kfifo_is_empty, kfifo_to_user } from '#linux/kfifo'
import { type miscdevice, misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { ERESTARTSYS } from '#linux/errno'
import { current } from '#linux/sched'
import { ref } from '#linux/types'
import { wait_event_interruptible, wait_queue_head, wake_up_interruptible } from '#linux/wait'
import { cancel_work_sync, DECLARE_WORK, schedule_work } from '#linux/workqueue'
import { msleep } from '#linux/delay'
MODULE_LICENSE('GPL')

const fifo = DECLARE_KFIFO('u8', 256)
const readers = new wait_queue_head()
const say = (text: string) => {
  const bytes = Uint8Array.from(text + ' ' + current.comm + '\\n', c => c.charCodeAt(0))
  kfifo_in(fifo, bytes, bytes.length)
}
const work = DECLARE_WORK(async () => {
  await msleep(1)
  say('work')
  wake_up_interruptible(readers)
})
const tasklet = DECLARE_TASKLET(() => {
  say('tasklet')
  schedule_work(work)
})
const handler = () => {
  say('irq')
  tasklet_schedule(tasklet)
  return IRQ_HANDLED
}
const fops: file_operations = {
  async read(_filp, buf, count) {
    const copied = ref(0)
    if (await wait_event_interruptible(readers, () => !kfifo_is_empty(fifo))) return -ERESTARTSYS
    return kfifo_to_user(fifo, buf, count, copied) || copied.value
  },
}
const dev: miscdevice = { minor: MISC_DYNAMIC_MINOR, name: 'pipeline', fops }
module_init(function init() {
  return misc_register(dev) || request_irq(11, handler, 0, 'pipeline', dev)
})
module_exit(async function exit() {
  await free_irq(11, dev)
  await tasklet_kill(tasklet)
  await cancel_work_sync(work)
  misc_deregister(dev)
})
`

t.test('an interrupt reaches a program that sleeps in read(2)', async t => {
  if (!requireTransport(t, 'callers')) return
  const machine = bootMounted(t)
  const ko = await machine.build('pipeline', PIPELINE)
  machine.out(`modbox insmod ${ko}`)
  const cat = start(t, machine, 'cat mnt/dev/pipeline')
  let read = ''
  cat.stdout.on('data', data => (read += String(data)))
  for (const round of [1, 2, 3]) {
    machine.out('echo trigger > mnt/sys/kernel/debug/irq/irqs/11')
    await until(() => read.split('\nwork').length > round)
  }
  t.match(read, /^(irq bash\ntasklet bash\nwork kworker\/0:\d\n){3}$/)
  t.match(
    machine.out('grep pipeline mnt/proc/interrupts'),
    /^ 11: {10}3   IO-APIC  11-edge      pipeline\n$/,
  )
  t.match(machine.out('cat mnt/proc/softirqs'), /^ +CPU0 {4}\n +HI: +0\n/)
  cat.kill('SIGKILL')
  await until(() => cat.signalCode !== null)
  machine.out('modbox rmmod pipeline')
})

const FATAL = `
import { jiffies } from '#linux/jiffies'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { DEFINE_TIMER, mod_timer } from '#linux/timer'
MODULE_LICENSE('GPL')
const nobody = null as { x: number } | null
const timer = DEFINE_TIMER(function fires() { nobody!.x++ })
module_init(function init() { mod_timer(timer, jiffies + 25); return 0 })
module_exit(function exit() {})
`

t.test('an oops in a timer is a panic; no program hangs', async t => {
  const machine = bootMounted(t)
  const pipeline = await machine.build('pipeline', PIPELINE)
  machine.out(`modbox insmod ${pipeline}`)
  const cat = start(t, machine, 'cat mnt/dev/pipeline')
  const ended = new Promise(resolve => cat.on('exit', resolve))
  machine.out(`modbox insmod ${await machine.build('fatal', FATAL)}`)
  t.not(await ended, 0, 'the reader is freed, with an error')
  await until(() => !existsSync(`/proc/${machine.pid}`))
  t.notOk(isMounted(machine.mnt))
})
