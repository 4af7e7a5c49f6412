// jit ("just in time"): what time it is, and ways to let time pass. After Linux Device Drivers
// (3rd edition), chapter 7.
//
//   /proc/currentime   the clocks of the kernel, side by side
//   /proc/jitbusy      each read(2) takes `delay` ticks, and says in 22 bytes when it began and ended: in a
//                      busy loop ...
//   /proc/jitsched     ... that lets others run
//   /proc/jitqueue     asleep on a wait queue that nobody wakes
//   /proc/jitschedto   asleep in schedule_timeout()
//   /proc/jitimer      six lines, the last five by a timer, `tdelay` ticks apart
//   /proc/jitasklet, /proc/jitasklethi   the same by a tasklet

import { ENOMEM, EINVAL, EFAULT, ERESTARTSYS } from '#linux/errno'
import { tasklet_hi_schedule, tasklet_kill, tasklet_schedule } from '#linux/interrupt'
import { tasklet_setup, tasklet_struct } from '#linux/interrupt'
import { HZ, jiffies, jiffies_64, time_before } from '#linux/jiffies'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  module_exit,
  module_init,
} from '#linux/module'
import { MODULE_PARM_DESC, module_param } from '#linux/moduleparam'
import { proc_create, proc_create_single, proc_remove } from '#linux/proc_fs'
import type { proc_dir_entry, proc_ops } from '#linux/proc_fs'
import { TASK_INTERRUPTIBLE } from '#linux/sched'
import { current, schedule, schedule_timeout, set_current_state } from '#linux/sched'
import { signal_pending } from '#linux/sched'
import { seq_printf } from '#linux/seq_file'
import type { seq_file } from '#linux/seq_file'
import { cstring } from '#linux/string'
import { ktime_get_coarse_real_ts64, ktime_get_real_ts64 } from '#linux/timekeeping'
import { timespec64 } from '#linux/time64'
import { del_timer_sync, mod_timer, timer_list, timer_setup } from '#linux/timer'
import type { errno_t, MaybePromise } from '#linux/types'
import { copy_to_user } from '#linux/uaccess'
import { wait_event_interruptible, wait_event_interruptible_timeout } from '#linux/wait'
import { wait_queue_head, wake_up_interruptible } from '#linux/wait'
import { heading, line } from './line.ts'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('clocks, delays, timers and tasklets in /proc')

const delay = module_param('delay', 'int', HZ, 0o644)
MODULE_PARM_DESC('delay', 'ticks that a read of jitbusy and the like takes')
const tdelay = module_param('tdelay', 'int', 10, 0o644)
MODULE_PARM_DESC('tdelay', 'ticks between the lines of jitimer')

/** How often the timer or tasklet runs for one read. */
const LOOPS = 5

function currentime_show(m: seq_file): errno_t {
  const exact = new timespec64()
  const coarse = new timespec64()
  ktime_get_real_ts64(exact)
  ktime_get_coarse_real_ts64(coarse)
  seq_printf(m, '0x%08lx 0x%016Lx', jiffies, jiffies_64)
  seq_printf(m, ' %10i.%06i\n', exact.tv_sec, Math.floor(exact.tv_nsec / 1000))
  seq_printf(m, '%40i.%09i\n', coarse.tv_sec, coarse.tv_nsec)
  return 0
}

/** `wait` is told when to end, in jiffies. */
function delayed(wait: (until: number) => MaybePromise<void>): proc_ops {
  return {
    async proc_read(_filp, buf, count) {
      const began = jiffies
      await wait(began + delay.value)
      if (signal_pending(current)) return -ERESTARTSYS
      const text = `${String(began).padStart(10)} ${String(jiffies).padStart(10)}\n`
      const bytes = cstring(text)
      const length = bytes.length - 1
      if (count < length) return -EINVAL
      return copy_to_user(buf, bytes, length) ? -EFAULT : length
    },
  }
}

const nobody = new wait_queue_head()
const delays: Record<string, proc_ops> = {
  jitbusy: delayed(until => {
    while (time_before(jiffies, until));
  }),
  jitsched: delayed(async until => {
    while (time_before(jiffies, until) && !signal_pending(current)) await schedule()
  }),
  jitqueue: delayed(async until => {
    await wait_event_interruptible_timeout(nobody, () => false, until - jiffies)
  }),
  jitschedto: delayed(async until => {
    set_current_state(TASK_INTERRUPTIBLE)
    await schedule_timeout(until - jiffies)
  }),
}

/** One read that a timer or a tasklet writes lines for. */
class jit_data {
  readonly m: seq_file
  readonly wait = new wait_queue_head()
  since = jiffies
  loops = LOOPS

  constructor(m: seq_file) {
    this.m = m
  }

  /** Write a line; more to come? */
  step(): boolean {
    this.since = line(this.m, this.since)
    if (--this.loops > 0) return true
    wake_up_interruptible(this.wait)
    return false
  }

  /** First a line of the reading process itself, then wait for the others. */
  async run(start: () => void): Promise<errno_t> {
    heading(this.m)
    this.since = line(this.m, this.since)
    start()
    const err = await wait_event_interruptible(this.wait, () => this.loops === 0)
    return err ? -ERESTARTSYS : 0
  }
}

async function jitimer_show(m: seq_file): Promise<errno_t> {
  const data = new jit_data(m)
  const timer = new timer_list(data)
  timer_setup(
    timer,
    () => {
      if (data.step()) mod_timer(timer, timer.expires + tdelay.value)
    },
    0,
  )
  const err = await data.run(() => mod_timer(timer, jiffies + tdelay.value))
  del_timer_sync(timer)
  return err
}

async function jitasklet_show(
  m: seq_file,
  schedule_it: typeof tasklet_schedule,
): Promise<errno_t> {
  const data = new jit_data(m)
  const tasklet = new tasklet_struct(data)
  tasklet_setup(tasklet, () => {
    if (data.step()) schedule_it(tasklet)
  })
  const err = await data.run(() => schedule_it(tasklet))
  await tasklet_kill(tasklet)
  return err
}

const shows: Record<string, (m: seq_file) => MaybePromise<errno_t>> = {
  currentime: currentime_show,
  jitimer: jitimer_show,
  jitasklet: m => jitasklet_show(m, tasklet_schedule),
  jitasklethi: m => jitasklet_show(m, tasklet_hi_schedule),
}

let entries: readonly (proc_dir_entry | null)[] = []

async function jit_init(): Promise<errno_t> {
  entries = [
    ...Object.entries(delays).map(([name, ops]) => proc_create(name, 0, null, ops)),
    ...Object.entries(shows).map(([name, show]) =>
      proc_create_single(name, 0, null, show),
    ),
  ]
  if (entries.every(Boolean)) return 0
  await jit_exit()
  return -ENOMEM
}

async function jit_exit(): Promise<void> {
  for (const entry of entries) await proc_remove(entry)
}

module_init(jit_init)
module_exit(jit_exit)
