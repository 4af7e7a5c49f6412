// panic(): the machine stops. And the settings that make a panic of an oops or a warning. Linux:
// kernel/panic.c, make_task_dead() in kernel/exit.c.

import { EINVAL } from '../include/linux/errno.ts'
import type { param_definition } from '../include/linux/kernel_param.ts'
import { KERN_EMERG } from '../include/linux/printk.ts'
import { type errno_t, ref } from '../include/linux/types.ts'
import type { SysFs } from '../fs/sysfs/sysfs.ts'
import { vsnprintf } from '../lib/vsprintf.ts'
import type { StackDumps } from './dumpstack.ts'
import type { CoreParams } from './module/builtin.ts'
import type { EarlyParam } from './params/command_line.ts'
import type { Printk } from './printk.ts'
import type { Sysctl } from './sysctl.ts'
import { TAINT_DIE, type Taints } from './taint.ts'

const UINT_MAX = 2 ** 32 - 1

interface Needs {
  log: Printk
  taints: Taints
  dumps: StackDumps
  /** The machine has stopped for good. Whoever started it may do so again, after `panic=` seconds. */
  onPanic: (reason: string) => void
}

/** Thrown by panic(), which never returns: nothing more is to be said of who called it. */
export class Stopped extends Error {}

export class Emergency {
  static readonly EXPORT_SYMBOL = ['panic'] as const

  /** Seconds until the machine starts again: 0 never, below 0 at once. */
  readonly #panic = ref(0)
  readonly #panic_on_warn = ref(0)
  readonly #panic_on_oops = ref(0)
  readonly #oops_limit = ref(10_000)
  readonly #warn_limit = ref(0)
  #oops_count = 0
  #warn_count = 0
  #stopped = false
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Has there been a panic? */
  get stopped(): boolean {
    return this.#stopped
  }

  panic(fmt: string, ...args: unknown[]): never {
    this.stop(vsnprintf(fmt, args).replace(/\n$/, ''))
    throw new Stopped('panic')
  }

  /** panic() for who has to return. The machine stops only once. */
  stop(reason: string): void {
    if (this.#stopped) return
    this.#stopped = true
    const { log, taints, dumps, onPanic } = this.#needs
    const { value: timeout } = this.#panic
    log.printk(`${KERN_EMERG}Kernel panic - not syncing: %s\n`, reason)
    // After an oops all has been said.
    if (!taints.test_taint(TAINT_DIE)) dumps.dump_stack()
    if (timeout > 0) log.printk(`${KERN_EMERG}Rebooting in %d seconds..\n`, timeout)
    if (timeout === 0) {
      const format = `${KERN_EMERG}---[ end Kernel panic - not syncing: %s ]---\n`
      log.printk(format, reason)
    }
    onPanic(reason)
  }

  /** An oops has been reported that leaves the machine alive. */
  oops(): void {
    const { value: limit } = this.#oops_limit
    if (++this.#oops_count >= limit && limit > 0) {
      this.stop(`Oopsed too often (kernel.oops_limit is ${limit})`)
    }
  }

  get panic_on_oops(): boolean {
    return this.#panic_on_oops.value !== 0
  }

  /** A warning has been reported, by `origin`. */
  check_panic_on_warn(origin: string): void {
    if (this.#panic_on_warn.value !== 0) this.stop(`${origin}: panic_on_warn set ...`)
    const { value: limit } = this.#warn_limit
    if (++this.#warn_count >= limit && limit > 0) {
      const why = `system warned too often (kernel.warn_limit is ${limit})`
      this.stop(`${origin}: ${why}`)
    }
  }

  /** oops=panic on the command line. */
  readonly oops_setup: EarlyParam = (value): errno_t => {
    if (value === null) return -EINVAL
    if (value === 'panic') this.#panic_on_oops.value = 1
    return 0
  }

  /** What the command line sets, and /sys/module/kernel/parameters. */
  get core_params(): CoreParams {
    const settings = { panic: this.#panic, panic_on_warn: this.#panic_on_warn }
    const params = Object.entries(settings).map(([name, arg]): param_definition => ({
      name,
      type: 'int',
      ops: 'int',
      arg,
      perm: 0o644,
      flags: 0,
    }))
    return { module: 'kernel', prefix: '', params }
  }

  register_sysctl(sysctl: Sysctl): void {
    const int = (name: string, setting: ref<number>, range = {}) =>
      sysctl.register(`kernel/${name}`, {
        read: () => String(setting.value),
        write: sysctl.int(n => (setting.value = n), range),
      })
    int('panic', this.#panic)
    int('panic_on_oops', this.#panic_on_oops)
    int('panic_on_warn', this.#panic_on_warn, { min: 0, max: 1 })
    int('oops_limit', this.#oops_limit, { min: 0, max: UINT_MAX })
    int('warn_limit', this.#warn_limit, { min: 0, max: UINT_MAX })
  }

  /** /sys/kernel/oops_count and warn_count. */
  register_sysfs(sysfs: SysFs): void {
    const kernel = sysfs.dir('kernel')
    const counts = {
      oops_count: () => this.#oops_count,
      warn_count: () => this.#warn_count,
    }
    for (const [name, count] of Object.entries(counts)) {
      sysfs.attribute(kernel, name, { mode: 0o444, show: () => `${count()}\n` })
    }
  }
}
