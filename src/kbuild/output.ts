// Writes results so that nobody ever sees half of one.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Replace `file` in one step. */
export function writeWhole(file: string, content: Uint8Array | string): void {
  mkdirSync(dirname(file), { recursive: true })
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`)
  writeFileSync(temporary, content)
  renameSync(temporary, file)
}

/** As writeWhole(), but leave a file alone that already says so. */
export function writeIfChanged(file: string, content: string): void {
  if (contentOf(file) !== content) writeWhole(file, content)
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined // not there yet
  }
}
