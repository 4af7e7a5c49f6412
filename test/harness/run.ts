// What tests of `modbox run` share.

import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Ran, shell } from './mounted.ts'
import { requireThat, requireTool } from './require.ts'
import { hasFuse } from './tiny_mount.ts'
import { requireTransport } from './transport.ts'
import { until } from './until.ts'

/** What every test of `modbox run` needs of the host. */
export function requireRun(t: Test, ...tools: string[]): boolean {
  if (!requireTransport(t, 'run')) return false
  if (!requireThat(t, hasFuse(), '/dev/fuse is not there')) return false
  return ['unshare', ...tools].every(tool => requireTool(t, tool))
}

/** Where every user finds the host's own insmod & co. */
export const WITH_ADMINISTRATORS_TOOLS = 'PATH=$PATH:/usr/sbin:/sbin'

/** A bash script under `modbox run`, in a folder made by machineFolder(). */
export function runScript(dir: string, script: string, options = ''): Ran {
  writeFileSync(join(dir, 'script.sh'), `${WITH_ADMINISTRATORS_TOOLS}\n${script}\n`)
  return shell(dir, `modbox run ${options} bash script.sh`)
}

/** The machine that was booted for a program stops a little later than the program. */
export async function nothingLeft(dir: string): Promise<void> {
  const left = () =>
    readdirSync(join(dir, 'run')).flatMap(name => readdirSync(join(dir, 'run', name)))
  await until(() => left().length === 0)
}
