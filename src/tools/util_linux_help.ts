// Help and version as util-linux's tools show them.

import type { Manual } from './options.ts'

/** The version of util-linux whose words and options these tools have. */
export const UTIL_LINUX_VERSION = 'util-linux 2.38.1'

/** Where descriptions begin, in characters behind the first blank. */
const COLUMN = 27

const COMMON = [
  ['-h, --help', 'display this help'],
  ['-V, --version', 'display version'],
] as const

/** A line of a description that begins with "^" begins in the first column. */
export function utilLinuxHelp({ name, usage, summary, options, notes }: Manual): string {
  const rows = options.map(([flags, description]) => row(flags, description)).join('')
  const common = COMMON.map(([flags, description]) => row(flags, description)).join('')
  const heading = `\nUsage:\n ${name} ${usage}\n\n${summary}\n\nOptions:\n`
  return `${heading}${rows}\n${common}\n${notes}\n`
}

function row(flags: string, description: string): string {
  const shown = flags.replace(/ \[(\w+)\]$/, '[=<$1>]').replace(/^--/, '    --')
  const [first = '', ...more] = description.split('\n')
  const lines = more.map(line =>
    line.startsWith('^') ? line.slice(1) : ' '.repeat(COLUMN + 4) + line,
  )
  return [` ${shown.padEnd(COLUMN)} ${first}`, ...lines].map(line => `${line}\n`).join('')
}
