// Writes results so that nobody ever sees half of one.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Replace `file` in one step. Throws the host's error, and leaves nothing then. */
export function writeWhole(file: string, content: Uint8Array | string): void {
  mkdirSync(dirname(file), { recursive: true })
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`)
  try {
    writeFileSync(temporary, content)
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw Object.assign(error as Error, { path: file })
  }
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
