// Help and version as kmod's tools show them, so that scripts which read either find what they
// look for.

import type { Manual } from './options.ts'

/** The version of kmod whose words and options these tools have, and what they can unpack. */
export const KMOD_VERSION = 'kmod version 30\n+ZSTD +XZ +ZLIB -LIBCRYPTO -EXPERIMENTAL'

const COMMON = [
  ['-V, --version', 'show version'],
  ['-h, --help', 'show this help'],
] as const

/** `column`: where descriptions begin, in characters after the tab. */
export function kmodHelp(manual: Manual, column: number): string {
  const { name, usage } = manual
  const uses = usage.split('\n').map(use => `\t${name} ${use}\n`)
  return `Usage:\n${uses.join('')}${rows(manual, column).join('')}`
}

/** The options under their headings. */
function rows({ options, headings = {} }: Manual, column: number): string[] {
  return [...options, ...COMMON].map(([flags, description], at) => {
    const heading = at === 0 ? (headings[flags] ?? 'Options') : headings[flags]
    const above = heading === undefined ? '' : `${at === 0 ? '' : '\n'}${heading}:\n`
    const [first = '', ...more] = description.split('\n')
    const lines = [
      shown(flags).padEnd(column) + first,
      ...more.map(line => ' '.repeat(column) + line),
    ]
    return above + lines.map(line => `\t${line}\n`).join('')
  })
}

/** Long options below each other, whether they have a short form or not, and `=` before a value. */
function shown(flags: string): string {
  const indented = flags.startsWith('--') ? `    ${flags}` : flags
  return indented.replace(/ <([\w-]+)>$/, (_, value: string) => `=${value.toUpperCase()}`)
}
