// Sorts modules so that each comes before those it needs; where there is a cycle, it says so.

import type { DepmodLog } from './depmod_log.ts'
import type { DepmodModule } from './depmod_module.ts'

/** Sets `order` of each module and sorts their `deps`. False if there are cycles. */
export function sortModules(modules: readonly DepmodModule[], log: DepmodLog): boolean {
  const users = new Map(modules.map(module => [module, module.users]))
  const free = modules.filter(module => module.users === 0)
  let sorted = 0
  for (let next = free.pop(); next; next = free.pop()) {
    next.order = sorted++
    for (const dep of next.deps) {
      const left = (users.get(dep) ?? 0) - 1
      users.set(dep, left)
      if (left === 0) free.push(dep)
    }
  }
  if (sorted < modules.length) {
    reportCycles(
      modules.filter(module => (users.get(module) ?? 0) > 0),
      log,
    )
    return false
  }
  for (const module of modules) module.deps.sort((a, b) => a.order - b.order)
  return true
}

/** All that a module needs, directly or not, sorted. */
export function allDependencies(module: DepmodModule): DepmodModule[] {
  const found = new Set<DepmodModule>()
  const visit = ({ deps }: DepmodModule): void => {
    for (const dep of deps) {
      if (found.has(dep)) continue
      found.add(dep)
      visit(dep)
    }
  }
  visit(module)
  return [...found].toSorted((a, b) => a.order - b.order)
}

/** A module on a way through the dependencies. */
interface Step {
  module: DepmodModule
  from: Step | undefined
}

/** `left` are modules in cycles or behind one; each of them is a place to start from. */
function reportCycles(left: readonly DepmodModule[], log: DepmodLog): void {
  const state = { roots: [...left], visited: new Set<DepmodModule>() }
  const inCycles = new Set<DepmodModule>()
  for (let root = state.roots.shift(); root; root = state.roots.shift()) {
    reportFrom(root, state, inCycles, log)
  }
  log('ERROR', `Found ${inCycles.size} modules in dependency cycles!`)
}

function reportFrom(
  root: DepmodModule,
  state: { roots: DepmodModule[]; visited: Set<DepmodModule> },
  inCycles: Set<DepmodModule>,
  log: DepmodLog,
): void {
  const stack: Step[] = [{ module: root, from: undefined }]
  for (let step = stack.pop(); step; step = stack.pop()) {
    const { module } = step
    if (state.visited.has(module) && module === root) {
      const way = wayTo(step)
      log('ERROR', `Cycle detected: ${way.map(({ name }) => name).join(' -> ')}`)
      for (const member of way.slice(0, -1)) {
        inCycles.add(member)
        state.roots = without(state.roots, member)
      }
      continue
    }
    state.visited.add(module)
    if (module.deps.length === 0) state.roots = without(state.roots, module)
    for (const dep of module.deps) stack.push({ module: dep, from: step })
  }
}

function wayTo(step: Step): DepmodModule[] {
  const way: DepmodModule[] = []
  for (let at: Step | undefined = step; at; at = at.from) way.unshift(at.module)
  return way
}

/** kmod's list is a ring: behind what was taken out is its new beginning. */
function without(ring: DepmodModule[], member: DepmodModule): DepmodModule[] {
  const at = ring.indexOf(member)
  return at < 0 ? ring : [...ring.slice(at + 1), ...ring.slice(0, at)]
}
