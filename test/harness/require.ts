// Host programs that a test needs: skip without them, or fail where all must be there.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'

/** Where administrators' tools are; ordinary users often do not have these in PATH. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']

/**
 * Whether the program `name` is installed. If not, the test is skipped with the reason, or
 * fails when MODBOX_REQUIRE_ALL=1: then nothing may be missing.
 * Call it first in a test: a skipped test has no assertions.
 */
export function requireTool(t: Test, name: string): boolean {
  return requireThat(t, findTool(name) !== undefined, `${name} is not installed`)
}

/** As requireTool(), for any other thing a test needs. */
export function requireThat(t: Test, there: boolean, reason: string): boolean {
  if (there) return true
  if (process.env.MODBOX_REQUIRE_ALL === '1') t.fail(reason)
  else t.plan(0, reason)
  return false
}

/** The program's path. */
export function findTool(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS]
  return folders.map(folder => join(folder, name)).find(executable)
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
