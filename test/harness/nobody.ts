// Being an ordinary user, for tests that root runs.

import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { requireThat, requireTool } from './require.ts'

export const NOBODY = 65534

/** Where only root may open /dev/fuse, show one that everybody may, as udev makes it. */
const AS_NOBODY = `
mknod -m 666 fuse c 10 229 && mount --bind fuse /dev/fuse
exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups "$@"`

/** What commandAsNobody() needs of the host. */
export function requireNobody(t: Test): boolean {
  const isRoot = process.getuid?.() === 0
  if (!requireThat(t, isRoot, 'this test becomes another user')) return false
  return ['unshare', 'setpriv', 'fusermount3'].every(tool => requireTool(t, tool))
}

/** What makes `command` nobody's, in a folder made by machineFolder() which is then nobody's, too. */
export function commandAsNobody(dir: string, ...command: string[]): string[] {
  const script = join(dir, 'as_nobody.sh')
  writeFileSync(script, AS_NOBODY)
  spawnSync('chown', ['-R', `${NOBODY}:${NOBODY}`, dir])
  chmodSync(dir, 0o755)
  const program = command.length > 0 ? command : ['bash']
  return ['unshare', '-m', 'bash', script, ...program]
}
