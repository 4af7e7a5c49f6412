// Commands that modprobe.d has in place of a module: run by the shell, for the simulated machine.

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../package.ts'
import type { Context } from './modprobe_context.ts'

/** In such commands these mean ours: those of the host would work on the host's kernel. */
const OURS = ['modprobe', 'insmod', 'rmmod', 'lsmod', 'modinfo', 'depmod', 'dmesg']
const OUR_PATHS = new RegExp(
  `(?<![\\w./-])/(?:usr/)?s?bin/(${OURS.join('|')})(?![\\w./-])`,
  'g',
)

/** `command` with the parameters in place of $CMDLINE_OPTS. */
export function expandCommand(command: string, parameters: string): string {
  return command.replaceAll('$CMDLINE_OPTS', () => parameters)
}

/** Run `command` for module `name`: its exit status, 0 too if a signal ended it. */
export function runCommandFor(name: string, command: string, context: Context): number {
  const { world, settings, machine } = context
  const tools = mkdtempSync(join(tmpdir(), 'modbox-'))
  try {
    for (const tool of OURS) writeTool(join(tools, tool), tool)
    const { status } = spawnSync('/bin/sh', ['-c', command.replaceAll(OUR_PATHS, '$1')], {
      stdio: 'inherit',
      env: {
        ...world.env,
        PATH: `${tools}:${world.env.PATH ?? '/sbin:/usr/sbin:/bin:/usr/bin'}`,
        MODPROBE_MODULE: name,
        MODPROBE_OPTIONS: settings.inherited,
        ...(machine ? { MODBOX_MNT: machine.root } : {}),
      },
    })
    return status ?? 0
  } finally {
    rmSync(tools, { recursive: true, force: true })
  }
}

function writeTool(file: string, tool: string): void {
  const program = [process.execPath, join(packageRoot(), 'bin', 'modbox.js'), tool]
  writeFileSync(file, `#!/bin/sh\nexec ${program.map(quote).join(' ')} "$@"\n`)
  chmodSync(file, 0o755)
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
