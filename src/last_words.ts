// What a machine that has stopped leaves behind: its log, as a console would have shown it.

import type { Kernel } from './boot.ts'
import { formatSyslogRecord } from './lib/kmsg.ts'

/** The whole log with times, without levels. */
export function consoleText({ log }: Kernel): string {
  return log
    .since(0)
    .map(record => formatSyslogRecord(record).replace(/^<\d+>/gm, ''))
    .join('')
}
