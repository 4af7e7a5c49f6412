// pulse: a device that sends one character after the other, and what a driver does with an interrupt.
//
//   a timer         is the device: each `period` ms it has a character ready, and rings its interrupt line
//   the handler     runs with interrupts off: it takes the character away, and leaves the rest for later
//   a tasklet       runs soon after, and may not sleep either: it hands on to ...
//   ... a work      which may: it takes the mutex, fills the queue (kfifo) and wakes the readers
//   read(2)         waits for the queue
//
// The device works while somebody has /dev/pulse open. `cat /proc/interrupts` shows its line.

import { ATOMIC_INIT, atomic_inc, atomic_read } from '#linux/atomic'
import { DEVICE_ATTR_RO } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { EAGAIN, EFAULT, EINVAL, ENOMEM, ERESTARTSYS } from '#linux/errno'
import { O_NONBLOCK } from '#linux/fcntl'
import { stream_open } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { DECLARE_TASKLET, free_irq, IRQ_HANDLED, request_irq } from '#linux/interrupt'
import { tasklet_kill, tasklet_schedule } from '#linux/interrupt'
import type { irqreturn_t } from '#linux/interrupt'
import { irq_create_mapping, irq_dispose_mapping } from '#linux/irq_sim'
import { irq_domain_create_sim, irq_domain_remove_sim } from '#linux/irq_sim'
import { IRQCHIP_STATE_PENDING, irq_set_irqchip_state } from '#linux/irq_sim'
import type { irq_domain } from '#linux/irq_sim'
import { jiffies, msecs_to_jiffies } from '#linux/jiffies'
import {
  DEFINE_KFIFO,
  kfifo_get,
  kfifo_is_empty,
  kfifo_put,
  kfifo_to_user,
} from '#linux/kfifo'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import { MODULE_PARM_DESC, module_param } from '#linux/moduleparam'
import { mutex, mutex_lock, mutex_lock_interruptible, mutex_unlock } from '#linux/mutex'
import { EPOLLIN, EPOLLRDNORM, poll_wait } from '#linux/poll'
import { DEFINE_TIMER, del_timer_sync, mod_timer } from '#linux/timer'
import { ref } from '#linux/types'
import type { errno_t } from '#linux/types'
import {
  wait_event_interruptible,
  wait_queue_head,
  wake_up_interruptible,
} from '#linux/wait'
import {
  alloc_workqueue,
  DECLARE_WORK,
  destroy_workqueue,
  queue_work,
} from '#linux/workqueue'
import type { workqueue_struct } from '#linux/workqueue'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('from an interrupt to a blocked reader, by way of tasklet and work')

const period = module_param('period', 'int', 100, 0o644)
MODULE_PARM_DESC('period', 'milliseconds from one character to the next')

const FIRST = 0x20 // blank
const LAST = 0x7e // ~

/** What the device would have in a register. */
let data_register = FIRST
/** From the handler to the work: no lock needed between one who puts in and one who takes out. */
const arrived = DEFINE_KFIFO('u8', 64)
/** From the work to readers, under `lock`. */
const queue = DEFINE_KFIFO('u8', 4096)
const lock = new mutex()
const readers = new wait_queue_head()
const lost = ATOMIC_INIT(0)

let domain: irq_domain | undefined
let irq = 0
let workqueue: workqueue_struct | null = null

const device = DEFINE_TIMER(() => {
  irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true)
  mod_timer(device, jiffies + msecs_to_jiffies(period.value))
})

function pulse_interrupt(): irqreturn_t {
  if (!kfifo_put(arrived, data_register)) atomic_inc(lost)
  data_register = data_register < LAST ? data_register + 1 : FIRST
  tasklet_schedule(bottom_half)
  return IRQ_HANDLED
}

const bottom_half = DECLARE_TASKLET(() => {
  if (workqueue) queue_work(workqueue, work)
})

const work = DECLARE_WORK(async () => {
  const character = ref(0)
  await mutex_lock(lock)
  while (kfifo_get(arrived, character)) {
    if (!kfifo_put(queue, character.value)) atomic_inc(lost)
  }
  mutex_unlock(lock)
  wake_up_interruptible(readers)
})

/** How many have the device open. */
let opens = 0

const pulse_fops: file_operations = {
  owner: THIS_MODULE,

  open(inode, filp) {
    if (period.value < 1) return -EINVAL
    if (opens++ === 0) mod_timer(device, jiffies + msecs_to_jiffies(period.value))
    return stream_open(inode, filp)
  },

  release() {
    if (--opens === 0) del_timer_sync(device)
    return 0
  },

  async read(filp, buf, count) {
    if (await mutex_lock_interruptible(lock)) return -ERESTARTSYS
    while (kfifo_is_empty(queue)) {
      mutex_unlock(lock)
      if (filp.f_flags & O_NONBLOCK) return -EAGAIN
      const err = await wait_event_interruptible(readers, () => !kfifo_is_empty(queue))
      if (err || (await mutex_lock_interruptible(lock))) return -ERESTARTSYS
    }
    const copied = ref(0)
    const err = kfifo_to_user(queue, buf, count, copied)
    mutex_unlock(lock)
    return err ? -EFAULT : copied.value
  },

  poll(filp, wait) {
    poll_wait(filp, readers, wait)
    return kfifo_is_empty(queue) ? 0 : EPOLLIN | EPOLLRDNORM
  },
}

const pulse_dev: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'pulse',
  fops: pulse_fops,
  mode: 0o444,
  groups: [{ attrs: [DEVICE_ATTR_RO('lost', () => `${atomic_read(lost)}\n`)] }],
}

/** A line of its own, which nothing but the timer rings. */
function pulse_setup_irq(): errno_t {
  const made = irq_domain_create_sim(null, 1)
  if (IS_ERR<irq_domain>(made)) return made
  domain = made
  irq = irq_create_mapping(made, 0)
  return irq ? request_irq(irq, pulse_interrupt, 0, 'pulse', pulse_dev) : -ENOMEM
}

async function pulse_init(): Promise<errno_t> {
  workqueue = alloc_workqueue('pulse', 0, 1)
  if (!workqueue) return -ENOMEM
  let err = pulse_setup_irq()
  if (!err) {
    err = misc_register(pulse_dev)
    if (err) await free_irq(irq, pulse_dev)
  }
  if (err) await pulse_teardown()
  return err
}

/** From where the interrupts come to where they lead: nothing new can arrive at what goes next. */
async function pulse_teardown(): Promise<void> {
  if (irq) irq_dispose_mapping(irq)
  if (domain) irq_domain_remove_sim(domain)
  await tasklet_kill(bottom_half)
  if (workqueue) await destroy_workqueue(workqueue)
}

async function pulse_exit(): Promise<void> {
  misc_deregister(pulse_dev)
  await free_irq(irq, pulse_dev)
  await pulse_teardown()
}

module_init(pulse_init)
module_exit(pulse_exit)
