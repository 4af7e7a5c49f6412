// Which terminal a process belongs to. Linux: drivers/tty/tty_jobctrl.c.
//
// The terminals are the host's; a driver can only tell them apart.

import type { tty_struct } from '../include/linux/tty.ts'
import type { dev_t } from '../include/linux/types.ts'
import type { Scheduler } from './sched.ts'

export class Ttys {
  static readonly EXPORT_SYMBOL = ['tty_kref_put'] as const
  static readonly EXPORT_SYMBOL_GPL = ['get_current_tty', 'tty_devnum'] as const

  readonly #sched: Pick<Scheduler, 'current'>

  constructor(sched: Pick<Scheduler, 'current'>) {
    this.#sched = sched
  }

  get_current_tty(): tty_struct | null {
    const device = this.#sched.current.tty
    return device === 0 ? null : { device }
  }

  tty_devnum(tty: tty_struct): dev_t {
    return tty.device
  }

  tty_kref_put(_tty: tty_struct | null): void {}
}
