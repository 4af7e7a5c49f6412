// A line of modules.dep: which modules a module needs.

export interface ModuleDependencies {
  /** Below the folder of the kernel's modules, unless it is absolute. */
  readonly path: string
  /** All that it needs, directly or not; a module comes before those that it needs itself. */
  readonly needs: readonly string[]
}

/** A line `path: path…`, or a value of modules.dep.bin, which is the same; undefined for others. */
export function parseDependencyLine(line: string): ModuleDependencies | undefined {
  const colon = line.indexOf(':')
  if (colon <= 0) return undefined
  const needs = line.slice(colon + 1).split(/[ \t]+/)
  return { path: line.slice(0, colon), needs: needs.filter(path => path !== '') }
}
