// The parameters in a module's .modinfo, where each is in two entries: `parm` and `parmtype`.

import type { ModinfoEntry } from '../elf/modinfo.ts'

export interface ModuleParameter {
  name: string
  /** MODULE_PARM_DESC. */
  description?: string
  /** "int", "array of int" … */
  type?: string
}

export function isParameter([tag]: ModinfoEntry): boolean {
  return tag === 'parm' || tag === 'parmtype'
}

/**
 * The last one first, as kmod has them: compilers write .modinfo backwards. `bad` is told of an
 * entry without a colon, which counts as none.
 */
export function moduleParameters(
  entries: readonly ModinfoEntry[],
  bad: (entry: ModinfoEntry) => void,
): ModuleParameter[] {
  const parameters = new Map<string, ModuleParameter>()
  for (const entry of entries.filter(isParameter)) {
    const [tag, value] = entry
    const colon = value.indexOf(':')
    if (colon < 0) {
      bad(entry)
      continue
    }
    const name = value.slice(0, colon)
    const known = parameters.get(name) ?? { name }
    const kind = tag === 'parm' ? 'description' : 'type'
    parameters.set(name, { ...known, [kind]: value.slice(colon + 1) })
  }
  return [...parameters.values()].toReversed()
}
