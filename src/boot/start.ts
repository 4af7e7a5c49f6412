// What there is before the first subsystem: what whoever boots a machine decides, and the way to
// what comes up later.

import type { Utsname } from '../fs/proc/misc.ts'
import type { Modules } from '../kernel/module/main.ts'
import type { SymbolLookup } from '../kernel/module/symbol_lookup.ts'
import type { Locate } from '../kernel/stack.ts'
import type { Symvers } from '../kernel/symbols.ts'
import type { Timeouts } from '../kernel/time/sleep_timeout.ts'
import type { StartHelper } from '../kernel/umh.ts'
import type { DetectLockups } from '../kernel/watchdog.ts'
import type { LogRecord } from '../lib/kmsg.ts'

export interface BootOptions {
  uts: Utsname
  /** EM_* of the modules it takes. */
  machine: number
  /** The kernel command line: /proc/cmdline. */
  cmdline?: string
  /** CRCs of the kernel's own symbols. */
  symvers?: Symvers
  /** Modules that are part of the kernel, as .ko images. */
  builtin?: readonly Uint8Array[]
  /** Sees each message as it is logged. */
  console?: (record: LogRecord) => void
  /** Starts programs for the kernel, modprobe above all; without it there are none. */
  startHelper?: StartHelper
  /** Watches for code that spins; without it nobody does. */
  detectLockups?: DetectLockups
  /** Finds modbox's own functions, if they run from elsewhere than their sources. */
  locate?: Locate
  /** After panic(): nothing is to run any more. */
  onPanic?: (reason: string) => void
}

/** What subsystems need of those that come up after them: to be called once the machine runs. */
export interface Later {
  schedule_timeout: Timeouts['schedule_timeout']
  /** The symbol that a pointer belongs to. */
  lookup: SymbolLookup['lookup']
  modules: () => Modules
}

export interface Start {
  options: BootOptions
  cmdline: string
  /** Milliseconds, of performance.now(). */
  bootTime: number
  later: Later
}
