// shell: the user's shell under `modbox run`. Not a Linux command.

import { basename, join } from 'node:path'
import { packageRoot } from '../package.ts'
import { UsageError } from './errors.ts'
import { MACHINE_OPTION, parseOptions } from './options.ts'
import type { Manual } from './options.ts'
import { runInMachine } from './run.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'modbox shell',
  usage: '[options]',
  summary: 'Start a shell with the machine as its kernel: modbox run -- $SHELL.',
  options: [MACHINE_OPTION],
  notes: `Where no machine runs, one is booted for the shell and halted after it.

Exit status: 0 when the shell ends so, else its own; 1 if no machine can be entered.

Example:
  modbox shell --machine mnt`,
}

const DEFAULT_SHELL = '/bin/bash'

export async function shell(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0
  if (options.operands.length > 0) {
    throw new UsageError(`no arguments are taken: '${options.operands.join(' ')}'`)
  }
  const program = world.env.SHELL || DEFAULT_SHELL
  // Shells that take their prompt from the environment.
  process.env.PS1 = '(modbox) \\$ '
  return runInMachine([program, ...promptOptions(program)], options.get('machine'), world)
}

/** What makes the prompt say where one is. */
function promptOptions(program: string): string[] {
  if (basename(program) !== 'bash') return []
  return ['--rcfile', join(packageRoot(), 'bin', 'inside', 'bashrc')]
}
