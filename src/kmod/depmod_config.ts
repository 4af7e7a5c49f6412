// depmod.d: which module counts if there are several of one name, and where else modules are.

import type { DepmodLog } from './depmod_log.ts'

/** Below a root, best first. */
export const DEPMOD_FOLDERS = [
  'etc/depmod.d',
  'run/depmod.d',
  'usr/local/lib/depmod.d',
  'lib/depmod.d',
]

/** Each list has what was read last first, as depmod keeps them. */
export interface DepmodConfig {
  /** Folders below the kernel's modules, or the words `built-in` and `external`. */
  readonly searches: string[]
  /** Paths without extension, such as `updates/hello`. */
  readonly overrides: string[]
  /** Folders elsewhere. */
  readonly externals: string[]
  /** Names of folders to leave out. */
  readonly excludes: string[]
}

/** Of nothing: the folder `updates` comes first. */
export function emptyDepmodConfig(): DepmodConfig {
  return { searches: [], overrides: [], externals: [], excludes: [] }
}

/** If nothing was said about it, modules in updates/ come before all others. */
export function withDefaultSearch(config: DepmodConfig): DepmodConfig {
  return config.searches.length > 0 ? config : { ...config, searches: ['updates'] }
}

/** Add what a file says; `file` is its name in messages, `release` the kernel's. */
export function parseDepmodConfig(
  config: DepmodConfig,
  text: string,
  { file, release, log }: { file: string; release: string; log: DepmodLog },
): void {
  for (const { line, number } of logicalLines(text)) {
    if (line === '' || line.startsWith('#')) continue
    const [command, ...words] = line.split(/[\t ]+/).filter(word => word !== '')
    if (command === undefined) continue
    const place = `${file}:${number}`
    if (!addCommand(config, command, words, { place, release, log })) {
      log('ERROR', `${place}: ignoring bad line starting with '${command}'`)
    }
  }
}

interface Line {
  place: string
  release: string
  log: DepmodLog
}

/** False if the command makes no sense. */
function addCommand(
  config: DepmodConfig,
  command: string,
  words: readonly string[],
  line: Line,
): boolean {
  switch (command) {
    case 'search':
      config.searches.unshift(...words.toReversed())
      return true
    case 'exclude':
      config.excludes.unshift(...words.toReversed())
      return true
    case 'override':
      return addOverride(config, words, line)
    case 'external':
      return addExternal(config, words, line)
    case 'include':
    case 'make_map_files':
      line.log('INFO', `${line.place}: command ${command} not implemented yet`)
      return true
    default:
      return false
  }
}

function addOverride(
  config: DepmodConfig,
  [module, version, folder]: readonly string[],
  { place, release, log }: Line,
): boolean {
  if (module === undefined || version === undefined || folder === undefined) return false
  if (matches(version, release)) config.overrides.unshift(`${folder}/${module}`)
  else log('INFO', `${place}: override kernel did not match ${version}`)
  return true
}

function addExternal(
  config: DepmodConfig,
  [version, folder]: readonly string[],
  { place, release, log }: Line,
): boolean {
  if (version === undefined || folder === undefined) return false
  if (matches(version, release)) config.externals.unshift(folder)
  else log('INFO', `${place}: external directory did not match ${version}`)
  return true
}

/** `*`, or an extended regular expression that fits somewhere in the release. */
function matches(pattern: string, release: string): boolean {
  if (pattern === '*') return true
  try {
    return new RegExp(pattern).test(release)
  } catch {
    return false
  }
}

/** Lines, with those joined that a backslash continues; a joined one has its last number. */
function* logicalLines(text: string): Generator<{ line: string; number: number }> {
  let number = 0
  let line = ''
  for (const piece of text.split('\n')) {
    number++
    if (piece.endsWith('\\')) {
      line += piece.slice(0, -1)
      continue
    }
    yield { line: line + piece, number }
    line = ''
  }
  if (line !== '') yield { line, number }
}
