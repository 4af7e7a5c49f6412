// The parameters in a module's .modinfo, where each is in two entries: `parm` and `parmtype`.

import type { ModinfoEntry } from '../elf/modinfo.ts'

export interface ModuleParameter {
  name: string
  /** MODULE_PARM_DESC. */
  description?: string
  /** "int", "array of int" … */
  type?: string
}

/** The last one first, as kmod has them: compilers write .modinfo backwards. */
export function moduleParameters(entries: readonly ModinfoEntry[]): ModuleParameter[] {
  const parameters = new Map<string, ModuleParameter>()
  for (const [tag, value] of entries) {
    if (tag !== 'parm' && tag !== 'parmtype') continue
    const [name, text] = split(value)
    const known = parameters.get(name) ?? { name }
    parameters.set(name, { ...known, [tag === 'parm' ? 'description' : 'type']: text })
  }
  return [...parameters.values()].toReversed()
}

/** "name:text" */
function split(value: string): [name: string, text: string] {
  const at = value.indexOf(':')
  return at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)]
}
