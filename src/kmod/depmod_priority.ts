// Two modules of one name: which one counts.

import type { DepmodConfig } from './depmod_config.ts'

/** Where a module is: its file, and what that is below the folder of the kernel's modules. */
export interface ModulePlace {
  readonly name: string
  readonly path: string
  /** Undefined for a module in an external folder. */
  readonly relpath: string | undefined
}

/**
 * Does `old`, which was found first, stay? An override decides; else the folder that comes first
 * in the searches; of equal ones, the one that was found first stays.
 */
export function staysFirst(
  old: ModulePlace,
  found: ModulePlace,
  config: DepmodConfig,
): boolean {
  for (const override of config.overrides) {
    if (override === stem(found)) return false
    if (override === stem(old)) return true
  }
  const ranks = rank(old, found, config)
  return ranks.found <= ranks.old
}

/** The higher, the better. What is in no folder that is searched ranks as `built-in` does. */
function rank(
  old: ModulePlace,
  found: ModulePlace,
  { searches, externals }: DepmodConfig,
): { old: number; found: number } {
  const ranks = { old: -1, found: -1 }
  let builtin = -1
  let at = 0
  for (const search of searches) {
    if (search === 'built-in') builtin = at
    else if (search === 'external') {
      for (const folder of externals) {
        if (found.path.startsWith(`${folder}/`)) ranks.found = at
        if (old.path.startsWith(`${folder}/`)) ranks.old = at
        at++
      }
    } else if (isBelow(search, found)) ranks.found = at
    else if (isBelow(search, old)) ranks.old = at
    at++
  }
  return {
    old: ranks.old < 0 ? builtin : ranks.old,
    found: ranks.found < 0 ? builtin : ranks.found,
  }
}

function isBelow(folder: string, { relpath }: ModulePlace): boolean {
  return relpath?.startsWith(`${folder}/`) ?? false
}

/** The path that an override names: without extension, and as long as the module's name. */
function stem({ relpath, name }: ModulePlace): string | undefined {
  return relpath?.slice(0, relpath.lastIndexOf('/') + 1 + name.length)
}
