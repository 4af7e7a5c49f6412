// /proc/sysrq-trigger: what the magic key asks of a kernel, by writing. Linux: drivers/tty/sysrq.c.

import type { ProcFs } from '../fs/proc/generic.ts'
import { KERN_INFO } from '../include/linux/printk.ts'
import type { Emergency } from './emergency.ts'
import type { HungTasks } from './hung_task.ts'
import type { Printk } from './printk.ts'

interface Needs {
  log: Printk
  emergency: Emergency
  hungTasks: HungTasks
}

interface Key {
  help: string
  action: string
  handle: (needs: Needs) => void
}

const KEYS: Record<string, Key> = {
  c: {
    help: 'crash(c)',
    action: 'Trigger a crash',
    handle: ({ emergency }) => emergency.stop('sysrq triggered crash'),
  },
  w: {
    help: 'show-blocked-tasks(w)',
    action: 'Show Blocked State',
    handle: ({ hungTasks }) => hungTasks.show_blocked_tasks(),
  },
}

/** Of what is written the first letter counts. */
export function sysrq_init(procfs: ProcFs, needs: Needs): void {
  procfs.create(
    'sysrq-trigger',
    0o200,
    () => '',
    text => {
      handle_sysrq(needs, text.charAt(0))
      return 0 // all of it has been taken
    },
  )
}

function handle_sysrq(needs: Needs, letter: string): void {
  const { log } = needs
  const key = Object.hasOwn(KEYS, letter) ? KEYS[letter] : undefined
  if (key) {
    log.printk(`${KERN_INFO}sysrq: %s\n`, key.action)
    return key.handle(needs)
  }
  const helps = Object.values(KEYS).map(({ help }) => help)
  log.printk(`${KERN_INFO}sysrq: HELP : %s \n`, helps.join(' '))
}
