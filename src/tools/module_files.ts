// Modules by name: the files under /lib/modules/<release>.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { moduleName } from './loaded_modules.ts'

/** <root>/lib/modules/<release>; the release is the one that runs there unless it is given. */
export function modulesFolder(root: string, release?: string): string | undefined {
  const folder = join(root, 'lib', 'modules')
  if (release !== undefined) return join(folder, release)
  try {
    const running = readFileSync(join(root, 'proc', 'sys', 'kernel', 'osrelease'), 'utf8')
    return join(folder, running.trim())
  } catch {
    return undefined
  }
}

/** The path of module `name`: as modules.dep has it, else the first such file there is. */
export function findModule(folder: string, name: string): string | undefined {
  const path = listedModules(folder).find(file => moduleName(file) === name)
  if (path !== undefined) return join(folder, path)

  const found = allFiles(folder).find(
    file => file.endsWith('.ko') && moduleName(file) === name,
  )
  return found === undefined ? undefined : join(folder, found)
}

/** What modules.dep lists; nothing if depmod has not run. */
function listedModules(folder: string): string[] {
  const file = join(folder, 'modules.dep')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap(line => /^([^:]+):/.exec(line)?.[1] ?? [])
}

function allFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
}
