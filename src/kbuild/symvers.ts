// Module.symvers: which symbols there are, who exports them, and the CRC of each.
// A line is CRC, name, module, EXPORT_SYMBOL or EXPORT_SYMBOL_GPL, namespace, with tabs between.
import { readFileSync } from 'node:fs'
import { KbuildError } from './errors.ts'

export interface SymversEntry {
  name: string
  crc: number
  /** "vmlinux", or the module's path without .ko. */
  module: string
  gpl: boolean
  /** "" for none. */
  namespace: string
}

/** Throws KbuildError with the line that makes no sense; `file` is for that. */
export function parseSymvers(text: string, file = 'Module.symvers'): SymversEntry[] {
  return text
    .split('\n')
    .map((line, i) => (line === '' ? undefined : parseLine(line, `${file}:${i + 1}`)))
    .filter(entry => entry !== undefined)
}

function parseLine(line: string, place: string): SymversEntry {
  const [crc = '', name = '', module = '', type = '', namespace = ''] = line.split('\t')
  const known = type === 'EXPORT_SYMBOL' || type === 'EXPORT_SYMBOL_GPL'
  if (!/^0x[0-9a-f]{1,8}$/.test(crc) || name === '' || module === '' || !known) {
    throw new KbuildError(`${place}: parse error in symbol dump file`)
  }
  return { name, crc: Number(crc), module, gpl: type === 'EXPORT_SYMBOL_GPL', namespace }
}

export function formatSymvers(entries: readonly SymversEntry[]): string {
  return entries.map(formatLine).join('')
}

function formatLine({ name, crc, module, gpl, namespace }: SymversEntry): string {
  const hex = `0x${crc.toString(16).padStart(8, '0')}`
  const type = gpl ? 'EXPORT_SYMBOL_GPL' : 'EXPORT_SYMBOL'
  return `${[hex, name, module, type, namespace].join('\t')}\n`
}

/** Read a file. Throws KbuildError if it is not there, with `hint` on where it comes from. */
export function readSymvers(file: string, shown: string, hint: string): SymversEntry[] {
  try {
    return parseSymvers(readFileSync(file, 'utf8'), shown)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new KbuildError(`Cannot read "${shown}": ${hint}`)
  }
}
