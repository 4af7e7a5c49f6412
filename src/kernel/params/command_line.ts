// The kernel command line: parameters of what is part of the kernel, options, and the rest, which
// is for the first process. Linux: parse_args() and unknown_bootoption() in init/main.c.

import type { kernel_param, param_definition } from '../../include/linux/kernel_param.ts'
import { KERN_NOTICE, KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { Printk } from '../printk.ts'
import { next_arg, parameq, skip_spaces } from './next_arg.ts'
import type { Params } from './params.ts'

/**
 * Options that other parts of this kernel look up themselves, and those that any Linux knows and
 * that find nothing to do here: there is one console, no root to mount, no firmware.
 */
const KNOWN = [
  'log_buf_len loglevel ignore_loglevel no_hash_pointers quiet debug dyndbg',
  'console earlycon earlyprintk keep_bootcon reboot nokaslr mitigations',
  'root rootfstype rootflags rootdelay rootwait ro rw init rdinit initrd noinitrd',
  'maxcpus nr_cpus nosmp mem apparmor security audit',
]
  .join(' ')
  .split(' ')

/** What the first process has in its environment anyway. */
const ENVIRONMENT = ['HOME', 'TERM']

/** Gets the value, null without one. An error is logged. */
export type EarlyParam = (value: string | null) => errno_t

export class CommandLine {
  /** As it was given. */
  readonly text: string
  readonly #params: Params
  readonly #log: Printk
  readonly #early = new Map<string, EarlyParam>()
  readonly #builtin: kernel_param[] = []

  constructor(text: string, params: Params, log: Printk) {
    this.text = text
    this.#params = params
    this.#log = log
  }

  /** An option `name` or `name=value`, seen by parse_early_param(). */
  early_param(name: string, setup: EarlyParam): void {
    this.#early.set(name, setup)
  }

  /**
   * Parameters of what is part of the kernel: `prefix` and `name=value` set them. Gives them back
   * as they are, under their own names.
   */
  builtin(prefix: string, definitions: readonly param_definition[]): kernel_param[] {
    const params = definitions.map(one => this.#params.kernel_param(one, undefined))
    this.#builtin.push(...params.map(param => ({ ...param, name: prefix + param.name })))
    return params
  }

  /** Before anything else: what has to be known early. */
  parse_early_param(): void {
    for (let rest = skip_spaces(this.text); rest;) {
      const { name, value, rest: after } = next_arg(rest)
      rest = after
      if (name === '--' && value === null) return
      const setup = this.#earlyOf(name)
      if (setup?.(value)) {
        const format = `${KERN_WARNING}Malformed early option '%s'\n`
        this.#log.printk(format, name)
      }
    }
  }

  /** Set the parameters of what is part of the kernel, and say what nobody knows. */
  async parse(): Promise<void> {
    const argv: string[] = []
    const envp = new Map<string, string>()
    const unknown_bootoption = (name: string, value: string | null): errno_t => {
      if (KNOWN.includes(name) || this.#earlyOf(name) || name.includes('.')) return 0
      if (value === null) argv.push(name)
      else envp.set(name, `${name}=${value}`)
      return 0
    }
    await this.#params.parse_args(this.text, {
      doing: 'Booting kernel',
      params: this.#builtin,
      unknown: unknown_bootoption,
    })
    for (const name of ENVIRONMENT) envp.delete(name)
    const unknown = [...argv, ...envp.values()].join(' ')
    if (!unknown) return
    const format = `${KERN_NOTICE}Unknown kernel command line parameters "%s", will be passed to user space.\n`
    this.#log.printk(format, unknown)
  }

  #earlyOf(name: string): EarlyParam | undefined {
    for (const [known, setup] of this.#early) if (parameq(known, name)) return setup
    return undefined
  }
}
