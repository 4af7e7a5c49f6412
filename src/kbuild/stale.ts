// Is a .ko up to date? Each has a `.<name>.ko.cmd` beside it that lists what went in.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { writeIfChanged } from './output.ts'

interface Record {
  /** Paths from the .ko's folder on. */
  inputs: string[]
  /** Of the settings and of the contents of all inputs. */
  hash: string
}

/** Would building `target` anew with these settings use the same sources? */
export function isFresh(target: string, settings: string): boolean {
  if (!existsSync(target)) return false
  try {
    const record = JSON.parse(readFileSync(recordFile(target), 'utf8')) as Record
    const inputs = record.inputs.map(input => resolve(dirname(target), input))
    return record.hash === hash(inputs, settings)
  } catch {
    return false // no record, or an input is gone
  }
}

/** Remember what `target` was built from. */
export function writeRecord(
  target: string,
  settings: string,
  inputs: readonly string[],
): void {
  const record: Record = {
    inputs: inputs.map(input => relative(dirname(target), input)),
    hash: hash(inputs, settings),
  }
  writeIfChanged(recordFile(target), `${JSON.stringify(record, null, 1)}\n`)
}

/** Changes whenever kbuild itself or what it is made of changes. */
export function toolsStamp(): string {
  const folders = [import.meta.dirname, join(import.meta.dirname, '..', 'elf')]
  const times = folders.flatMap(folder =>
    readdirSync(folder).map(name => statSync(join(folder, name)).mtimeMs),
  )
  return `${times.length}:${Math.max(...times)}`
}

function recordFile(target: string): string {
  return join(dirname(target), `.${basename(target)}.cmd`)
}

function hash(inputs: readonly string[], settings: string): string {
  const sum = createHash('sha256').update(`${settings}\0`)
  for (const input of inputs) sum.update(`${input}\0`).update(readFileSync(input))
  return sum.digest('hex')
}
