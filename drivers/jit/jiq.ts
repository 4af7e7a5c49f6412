// jiq ("just in queue"): who runs what was put off until later. A read sleeps until its page of lines is
// full; each line is written by ... After Linux Device Drivers (3rd edition), chapter 7.
//
//   /proc/jiqwq        a workqueue, which is given the work anew each time
//   /proc/jiqwqdelay   the same, `delay` ticks apart
//   /proc/jiqtimer     a timer: two lines only
//   /proc/jiqtasklet   a tasklet

import { ENOMEM, ERESTARTSYS } from '#linux/errno'
import { tasklet_kill, tasklet_schedule, tasklet_setup } from '#linux/interrupt'
import { tasklet_struct } from '#linux/interrupt'
import { HZ, jiffies } from '#linux/jiffies'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  module_exit,
  module_init,
} from '#linux/module'
import { MODULE_PARM_DESC, module_param } from '#linux/moduleparam'
import { proc_create_single, proc_remove } from '#linux/proc_fs'
import type { proc_dir_entry } from '#linux/proc_fs'
import type { seq_file } from '#linux/seq_file'
import { add_timer, del_timer_sync, timer_list, timer_setup } from '#linux/timer'
import type { errno_t } from '#linux/types'
import { wait_event_interruptible, wait_queue_head } from '#linux/wait'
import { wake_up_interruptible } from '#linux/wait'
import { cancel_delayed_work_sync, delayed_work } from '#linux/workqueue'
import { INIT_DELAYED_WORK, schedule_delayed_work } from '#linux/workqueue'
import { heading, line } from './line.ts'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('workqueues, timers and tasklets that say who runs them')

const delay = module_param('delay', 'int', 1, 0o644)
MODULE_PARM_DESC('delay', 'ticks between the lines of jiqwqdelay')

/** The page is full when fewer bytes than this are left. */
const SPARE = 128

/** One read, whose lines somebody else writes. */
class jiq_data {
  readonly m: seq_file
  readonly wait = new wait_queue_head()
  since = jiffies
  done = false

  constructor(m: seq_file) {
    this.m = m
    heading(m)
  }

  /** Write a line, if it still fits. */
  print(): boolean {
    if (this.m.count > this.m.size - SPARE) {
      this.finish()
      return false
    }
    this.since = line(this.m, this.since)
    return true
  }

  finish(): void {
    this.done = true
    wake_up_interruptible(this.wait)
  }

  async wait_for_it(): Promise<errno_t> {
    const err = await wait_event_interruptible(this.wait, () => this.done)
    return err ? -ERESTARTSYS : 0
  }
}

async function jiqwq(m: seq_file, ticks: () => number): Promise<errno_t> {
  const data = new jiq_data(m)
  const work = new delayed_work(data)
  INIT_DELAYED_WORK(work, () => {
    if (data.print()) schedule_delayed_work(work, ticks())
  })
  schedule_delayed_work(work, ticks())
  const err = await data.wait_for_it()
  await cancel_delayed_work_sync(work)
  return err
}

async function jiqtimer(m: seq_file): Promise<errno_t> {
  const data = new jiq_data(m)
  const timer = new timer_list(data)
  timer_setup(
    timer,
    () => {
      data.print()
      data.finish()
    },
    0,
  )
  data.print()
  timer.expires = jiffies + HZ
  add_timer(timer)
  const err = await data.wait_for_it()
  del_timer_sync(timer)
  return err
}

async function jiqtasklet(m: seq_file): Promise<errno_t> {
  const data = new jiq_data(m)
  const tasklet = new tasklet_struct(data)
  tasklet_setup(tasklet, () => {
    if (data.print()) tasklet_schedule(tasklet)
  })
  tasklet_schedule(tasklet)
  const err = await data.wait_for_it()
  await tasklet_kill(tasklet)
  return err
}

const shows: Record<string, (m: seq_file) => Promise<errno_t>> = {
  jiqwq: m => jiqwq(m, () => 0),
  jiqwqdelay: m => jiqwq(m, () => delay.value),
  jiqtimer,
  jiqtasklet,
}

let entries: readonly (proc_dir_entry | null)[] = []

async function jiq_init(): Promise<errno_t> {
  entries = Object.entries(shows).map(([name, show]) =>
    proc_create_single(name, 0, null, show),
  )
  if (entries.every(Boolean)) return 0
  await jiq_exit()
  return -ENOMEM
}

async function jiq_exit(): Promise<void> {
  for (const entry of entries) await proc_remove(entry)
}

module_init(jiq_init)
module_exit(jiq_exit)
