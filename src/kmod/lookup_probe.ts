// In which order modules are to be loaded, so that each finds what it needs.

import type { Lookup } from './lookup.ts'
import type { KmodModule } from './lookup_module.ts'

/**
 * What loading `module` takes: dependencies and soft dependencies in order, and itself among them. A
 * module may be there twice, once for each way it is needed. With `ignoreCommands` soft
 * dependencies and install commands of `module` itself do not count.
 */
export function probeList(
  lookup: Lookup,
  module: KmodModule,
  ignoreCommands: boolean,
): KmodModule[] {
  lookup.unvisit()
  const list: KmodModule[] = []
  visit(module, { required: true, ignoreCommands }, list)
  return list
}

interface How {
  required: boolean
  ignoreCommands: boolean
}

function visit(module: KmodModule, how: How, list: KmodModule[]): void {
  if (module.visited) return
  module.visited = true
  const needed = module.dependencies()
  // Marked before any of them is met as a soft dependency, whose errors do not count.
  if (how.required) for (const one of [module, ...needed]) one.required = true
  for (const one of needed) withSoftdeps(one, list)
  if (how.ignoreCommands) {
    list.push(module)
    module.ignoreCommand = true
  } else withSoftdeps(module, list)
}

function withSoftdeps(module: KmodModule, list: KmodModule[]): void {
  const { pre, post } = module.softdeps()
  const how = { required: false, ignoreCommands: false }
  for (const one of pre) visit(one, how, list)
  list.push(module)
  module.ignoreCommand = pre.length > 0 || post.length > 0
  for (const one of post) visit(one, how, list)
}
