// Reads modules.dep: which modules a module needs, as text.

export interface ModuleDependencies {
  /** Below the folder of the kernel's modules, unless it is absolute. */
  readonly path: string
  /** All that it needs, directly or not; a module comes before those that it needs itself. */
  readonly needs: readonly string[]
}

/** In the order of the lines; what is no line of the form `path: path…` is left out. */
export function parseDependencies(text: string): ModuleDependencies[] {
  return text
    .split('\n')
    .map(parseDependencyLine)
    .filter(line => line !== undefined)
}

/** One line, which modules.dep.bin has as a value, too. */
export function parseDependencyLine(line: string): ModuleDependencies | undefined {
  const colon = line.indexOf(':')
  if (colon <= 0) return undefined
  const needs = line.slice(colon + 1).split(/[ \t]+/)
  return { path: line.slice(0, colon), needs: needs.filter(path => path !== '') }
}
