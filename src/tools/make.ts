// make: build the drivers of a folder, .ts to .ko.

import { UsageError, ToolError } from './errors.ts'
import { parseOptions } from './options.ts'
import type { Manual } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'modbox make',
  usage: '[options] [DIR] [C=1] [NAME=value...]',
  summary: 'Build the drivers that the Kbuild or Makefile in DIR (or here) lists.',
  options: [
    ['-B, --always-make', 'build even what is up to date'],
    ['-o, --output <dir>', 'put .ko files there, not beside their sources'],
    ['-s, --silent', 'print mistakes only'],
  ],
  notes: `C=1 checks the types of what is compiled, with the typescript package; C=2 compiles and checks
everything. Other variables are for the Kbuild file.

Exit status: 0, or 1 if a driver has a mistake: it is shown with file, line and column.

Example:
  modbox make drivers`,
}

export async function make(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0

  const [dir = '.', ...others] = options.operands.filter(word => !word.includes('='))
  if (others.length > 0)
    throw new UsageError(`one folder at a time: '${others.join(' ')}'`)

  const variables = options.operands.filter(word => word.includes('=')).map(splitVariable)
  const { C = '0', ...defines } = Object.fromEntries(variables)
  const output = options.get('output')
  const { KbuildError, kbuild } = await import('../kbuild/kbuild.ts')
  try {
    await kbuild(dir, {
      onLine: options.has('silent') ? () => {} : line => world.out(`${line}\n`),
      check: C !== '0',
      force: options.has('always-make') || C === '2',
      defines,
      ...(output === undefined ? {} : { output }),
    })
    return 0
  } catch (error) {
    if (!(error instanceof KbuildError)) throw error
    world.err(`${error.message}\n`)
    throw new ToolError(`could not build ${dir}`)
  }
}

function splitVariable(word: string): [name: string, value: string] {
  const at = word.indexOf('=')
  return [word.slice(0, at), word.slice(at + 1)]
}
