// Is a file up to date? Beside each that kbuild makes lies `.<name>.cmd`, in make's language as
// Linux's are: with what it was made, from which files, and what modpost has to know of it.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { writeIfChanged } from './output.ts'

export interface Record {
  /** All that decides what becomes of the inputs, on one line. */
  settings: string
  /** Absolute. */
  inputs: readonly string[]
  /** CRC of each symbol the file exports: Linux's `#SYMVER` lines. */
  crcs?: ReadonlyMap<string, number>
}

/** Would making `target` anew with these settings use the same inputs? */
export function isFresh(target: string, settings: string): boolean {
  if (!existsSync(target)) return false
  const text = recordText(target)
  if (text === undefined) return false

  const inputs = dependencies(text).map(input => resolve(dirname(target), input))
  const hash = /^hash_\S+ := (\w+)$/m.exec(text)?.[1]
  return hash !== undefined && hash === hashOf(inputs, settings)
}

/** Remember what `target` was made from. */
export function writeRecord(target: string, record: Record): void {
  const { settings, inputs, crcs = new Map<string, number>() } = record
  const name = basename(target)
  const paths = inputs.map(input => relative(dirname(target), input))
  const lines = [
    `cmd_${name} := ${settings.replaceAll('$', '$$$$').replaceAll('#', '\\#')}`,
    `hash_${name} := ${hashOf(inputs, settings) ?? ''}`,
    `deps_${name} := \\`,
    ...paths.map(path => `  ${path} \\`),
    '',
    `${name}: $(deps_${name})`,
    ...[...crcs].map(([symbol, crc]) => `#SYMVER ${symbol} ${hex(crc)}`),
  ]
  writeIfChanged(recordFile(target), `${lines.join('\n')}\n`)
}

/** Nothing is known of `target`: it will be made anew. */
export function dropRecord(target: string): void {
  rmSync(recordFile(target), { force: true })
}

/** The CRCs in the record of `target`. */
export function recordedCrcs(target: string): Map<string, number> {
  const lines = (recordText(target) ?? '').matchAll(/^#SYMVER (\S+) (0x[0-9a-f]{8})$/gm)
  return new Map([...lines].map(([, symbol = '', crc]) => [symbol, Number(crc)]))
}

/** Changes whenever kbuild itself or what it is made of changes. */
export function toolsStamp(): string {
  const folders = [import.meta.dirname, join(import.meta.dirname, '..', 'elf')]
  const times = folders.flatMap(folder =>
    readdirSync(folder).map(name => statSync(join(folder, name)).mtimeMs),
  )
  return `${times.length}:${Math.max(...times)}`
}

export function hex(crc: number): string {
  return `0x${crc.toString(16).padStart(8, '0')}`
}

function recordFile(target: string): string {
  return join(dirname(target), `.${basename(target)}.cmd`)
}

function recordText(target: string): string | undefined {
  try {
    return readFileSync(recordFile(target), 'utf8')
  } catch {
    return undefined // never made
  }
}

function dependencies(text: string): string[] {
  const [, block = ''] = /^deps_\S+ := \\\n((?: {2}.+ \\\n)*)/m.exec(text) ?? []
  return block
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.slice(2, -2))
}

/** undefined if an input is gone. */
function hashOf(inputs: readonly string[], settings: string): string | undefined {
  const sum = createHash('sha256').update(`${settings}\0`)
  try {
    for (const input of inputs) sum.update(`${input}\0`).update(readFileSync(input))
    return sum.digest('hex')
  } catch {
    return undefined
  }
}
