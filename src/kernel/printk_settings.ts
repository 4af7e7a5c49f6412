// What can be set about the log: on the kernel command line, in /proc/sys/kernel, and in
// /sys/module/printk/parameters. Linux: kernel/printk/{printk,sysctl}.c.

import { EINVAL } from '../include/linux/errno.ts'
import type { errno_t, ref } from '../include/linux/types.ts'
import type { CoreParams } from './module/builtin.ts'
import type { Sysctl } from './sysctl.ts'

/** Who writes to /dev/kmsg is heard, heard within limits, or not at all. */
export type DevkmsgMode = 'on' | 'off' | 'ratelimit'

const DEVKMSG_MODES: readonly string[] = ['on', 'off', 'ratelimit']

/** As CONFIG_LOG_BUF_SHIFT=18; no smaller and no larger ones can be asked for. */
const LOG_BUF_LEN = 1 << 18
const LOG_BUF_LEN_MAX = 2 ** 31
/** Milliseconds. */
const PRINTK_DELAY_MAX = 10_000

export class PrintkSettings {
  console_loglevel = 7
  default_message_loglevel = 4
  minimum_console_loglevel = 1
  default_console_loglevel = 7
  dmesg_restrict = 1
  readonly #time = { value: true }
  readonly #ignore_loglevel = { value: false }
  devkmsg: DevkmsgMode = 'ratelimit'
  /** The command line has had the last word about it. */
  devkmsgLocked = false
  /** Milliseconds to wait after each message. */
  printk_delay = 0
  /** Bytes of text that the ring keeps. */
  readonly log_buf_len: number

  /** `cmdline` is the kernel's command line. */
  constructor(cmdline = '') {
    let size = LOG_BUF_LEN
    for (const word of cmdline.split(/\s+/)) {
      const [, name = '', value = ''] = /^([^=]*)=?(.*)$/.exec(word) ?? []
      if (name === 'log_buf_len') size = Math.max(size, bufferSize(value))
      else this.#set(name, value)
    }
    this.log_buf_len = size
  }

  #set(name: string, value: string): void {
    const number = /^\d+/.exec(value) ? Number.parseInt(value, 10) : undefined
    switch (name) {
      case 'quiet':
        this.console_loglevel = 4
        break
      case 'debug':
        this.console_loglevel = 10
        break
      case 'loglevel':
        if (number !== undefined) this.console_loglevel = number
        break
      case 'ignore_loglevel':
        this.#ignore_loglevel.value = true
        break
      case 'printk.devkmsg':
        if (this.setDevkmsg(value) === 0) this.devkmsgLocked = true
        break
    }
  }

  /** syslog(2) gives the time in front of each line. */
  get time(): boolean {
    return this.#time.value
  }

  /** The console shows everything. */
  get ignore_loglevel(): boolean {
    return this.#ignore_loglevel.value
  }

  setDevkmsg(value: string): errno_t {
    if (!DEVKMSG_MODES.includes(value)) return -EINVAL
    this.devkmsg = value as DevkmsgMode
    return 0
  }

  /** What printk itself has in /proc/sys/kernel. */
  register_sysctl(sysctl: Sysctl): void {
    sysctl.register('kernel/printk', {
      read: () =>
        [
          this.console_loglevel,
          this.default_message_loglevel,
          this.minimum_console_loglevel,
          this.default_console_loglevel,
        ].join('\t'),
      write: sysctl.ints(
        n => (this.console_loglevel = n),
        n => (this.default_message_loglevel = n),
        n => (this.minimum_console_loglevel = n),
        n => (this.default_console_loglevel = n),
      ),
    })
    sysctl.register('kernel/dmesg_restrict', {
      read: () => String(this.dmesg_restrict),
      write: sysctl.int(n => (this.dmesg_restrict = n), { min: 0, max: 1 }),
    })
    sysctl.register('kernel/printk_delay', {
      read: () => String(this.printk_delay),
      write: sysctl.int(n => (this.printk_delay = n), { min: 0, max: PRINTK_DELAY_MAX }),
    })
    sysctl.register('kernel/printk_devkmsg', {
      read: () => this.devkmsg,
      write: text =>
        this.devkmsgLocked ? -EINVAL : this.setDevkmsg(text.replace(/\n$/, '')),
    })
  }

  /** Parameters of printk. The last three are there, and nothing depends on them. */
  get core_params(): CoreParams {
    const variables: Record<string, ref<boolean>> = {
      time: this.#time,
      ignore_loglevel: this.#ignore_loglevel,
      always_kmsg_dump: { value: false },
      console_no_auto_verbose: { value: false },
      console_suspend: { value: true },
    }
    const params = Object.entries(variables).map(
      ([name, arg]) =>
        ({ name, type: 'bool', ops: 'bool', arg, perm: 0o644, flags: 0 }) as const,
    )
    return { module: 'printk', prefix: 'printk.', params }
  }
}

/** "64K", "1M" in bytes, rounded up to a power of two; 0 for nonsense. */
function bufferSize(value: string): number {
  const [, digits, unit = ''] = /^(\d+)([kKmMgG]?)$/.exec(value) ?? []
  if (digits === undefined) return 0
  const factor = { k: 1 << 10, m: 1 << 20, g: 1 << 30 }[unit.toLowerCase()] ?? 1
  const size = Math.min(Number(digits) * factor, LOG_BUF_LEN_MAX)
  return 2 ** Math.ceil(Math.log2(Math.max(size, 1)))
}
