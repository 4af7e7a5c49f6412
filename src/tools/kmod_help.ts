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
export function kmodHelp({ name, usage, options }: Manual, column: number): string {
  const rows = [...options, ...COMMON].map(([flags, description]) => {
    const [first = '', ...more] = description.split('\n')
    return [flags.padEnd(column) + first, ...more.map(line => ' '.repeat(column) + line)]
      .map(line => `\t${line}\n`)
      .join('')
  })
  const uses = usage.split('\n').map(use => `\t${name} ${use}\n`)
  return `Usage:\n${uses.join('')}Options:\n${rows.join('')}`
}
