// The sample drivers that `boot --load-samples` loads.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../syscall/client.ts'
import { ToolError, insmodError } from './errors.ts'
import { packageRoot } from '../package.ts'

/** In the order in which they are loaded. */
const SAMPLES = ['scull']

/** Load them all. Throws a ToolError if one is not built or is refused. */
export function loadSamples(machine: Machine): void {
  for (const name of SAMPLES) {
    const file = join(packageRoot(), 'drivers', name, `${name}.ko`)
    if (!existsSync(file)) {
      throw new ToolError(
        `the sample driver ${name} is not built (build it with: npm run build)`,
      )
    }
    const ret = machine.finitModule(readFileSync(file), '', 0)
    if (ret < 0)
      throw new ToolError(`could not insert module ${file}: ${insmodError(-ret)}`)
  }
}
