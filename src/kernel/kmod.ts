// Asking for a module by name from within the kernel. Linux: kernel/kmod.c.
//
// The kernel cannot load modules, it knows no files: it starts modprobe for it, which does.

import { ENAMETOOLONG, ENOENT, ETIME } from '../include/linux/errno.ts'
import { HZ } from '../include/linux/jiffies.ts'
import { KERN_WARNING } from '../include/linux/printk.ts'
import { TASK_KILLABLE } from '../include/linux/sched.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import { UMH_KILLABLE, UMH_WAIT_EXEC, UMH_WAIT_PROC } from '../include/linux/umh.ts'
import { wait_queue_head } from '../include/linux/wait.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { Printk } from './printk.ts'
import type { Sysctl } from './sysctl.ts'
import type { UsermodeHelpers } from './umh.ts'
import type { WaitQueues } from './wait.ts'

/** A module's name with the zero that ends it, in bytes. */
const MODULE_NAME_LEN = 64 - 8
/** The path of modprobe with its zero, in bytes. */
const KMOD_PATH_LEN = 256

/** How many may be asked for at a time. More is a loop: a module that needs itself to be loaded. */
const MAX_KMOD_CONCURRENT = 50
/** How long one more waits, in seconds. */
const MAX_KMOD_ALL_BUSY_TIMEOUT = 5

const ENVIRONMENT = ['HOME=/', 'TERM=linux', 'PATH=/sbin:/usr/sbin:/bin:/usr/bin']

export class Kmod {
  static readonly EXPORT_SYMBOL = ['__request_module'] as const

  /** /proc/sys/kernel/modprobe. Empty: nothing is loaded on request. */
  modprobe_path = '/sbin/modprobe'
  readonly #umh: UsermodeHelpers
  readonly #wait: WaitQueues
  readonly #log: Printk
  readonly #kmod_wq = new wait_queue_head()
  #left = MAX_KMOD_CONCURRENT

  constructor(umh: UsermodeHelpers, wait: WaitQueues, log: Printk) {
    this.#umh = umh
    this.#wait = wait
    this.#log = log
  }

  register_sysctl(sysctl: Sysctl): void {
    sysctl.register('kernel/modprobe', {
      read: () => this.modprobe_path,
      write: text => {
        const [line = ''] = text.split(/[\n\0]/)
        this.modprobe_path = line.slice(0, KMOD_PATH_LEN - 1)
        return 0
      },
    })
  }

  /**
   * Have modprobe load the module that `fmt` names, by its name or an alias. If `wait`, until it is
   * done: 0, or modprobe's wait(2) status, 256 for failure. Negative: it could not be started.
   */
  __request_module(
    wait: boolean,
    fmt: string,
    ...args: readonly unknown[]
  ): MaybePromise<number> {
    if (this.modprobe_path === '') return -ENOENT
    const name = vsnprintf(fmt, args)
    if (Buffer.byteLength(name) >= MODULE_NAME_LEN) return -ENAMETOOLONG
    return this.#take() ? this.#call_modprobe(name, wait) : this.#throttle(name, wait)
  }

  #take(): boolean {
    if (this.#left === 0) return false
    this.#left--
    return true
  }

  async #call_modprobe(name: string, wait: boolean): Promise<number> {
    const path = this.modprobe_path
    const argv = [path, '-q', '--', name]
    const how = wait ? UMH_WAIT_PROC : UMH_WAIT_EXEC
    try {
      return await this.#umh.call_usermodehelper(
        path,
        argv,
        ENVIRONMENT,
        how | UMH_KILLABLE,
      )
    } finally {
      this.#left++
      this.#wait.wake_up(this.#kmod_wq)
    }
  }

  /** All are busy: wait for one of them. */
  async #throttle(name: string, wait: boolean): Promise<number> {
    this.#warn(
      'kmod_concurrent_max (%u) close to 0 (max_modprobes: %u), for module %s, throttling...',
      this.#left,
      MAX_KMOD_CONCURRENT,
      name,
    )
    const left = await this.#wait.wait_event_state_timeout(
      this.#kmod_wq,
      () => this.#take(),
      MAX_KMOD_ALL_BUSY_TIMEOUT * HZ,
      TASK_KILLABLE,
    )
    if (left < 0) {
      this.#warn('sigkill sent for modprobe %s, giving up', name)
      return left
    }
    if (left === 0) {
      this.#warn(
        'modprobe %s cannot be processed, kmod busy with %d threads for more than %d seconds now',
        name,
        MAX_KMOD_CONCURRENT,
        MAX_KMOD_ALL_BUSY_TIMEOUT,
      )
      return -ETIME
    }
    return this.#call_modprobe(name, wait)
  }

  #warn(fmt: string, ...args: unknown[]): void {
    this.#log.printk(`${KERN_WARNING}request_module: ${fmt}\n`, ...args)
  }
}
