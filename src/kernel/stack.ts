// Stack traces of the simulated kernel: JavaScript's, shown in terms of functions and modules.
//
// A module's code runs as one script made of several files; its source map leads back
// to the lines its author wrote.

import { SourceMap } from 'node:module'

interface Origin {
  module: string
  map: SourceMap | undefined
}

/** One line of a call trace. */
export interface Frame {
  symbol: string
  /** "scull.ts:52:17", for code of modules. */
  at: string | undefined
  module: string | undefined
}

/** How many calls a trace can show; what JavaScript keeps by itself is ten. */
export const TRACE_DEPTH = 64

/** Parts of modbox whose functions stand for the kernel's own. */
const KERNEL_SOURCES = /\/src\/(?:kernel|fs|base|lib|mm)\//

/** Who makes a report is no part of it. */
const REPORTERS =
  /\/src\/kernel\/(?:panic|dumpstack|emergency|watchdog|might_sleep|locking\/lockdep\w*|module\/code)\.[jt]s$/

/** As with C's inline functions, what a header has the body of is done by the driver itself. */
const HEADERS = /(?:^|\/)include\/linux\/[^/]+$/

/** The turning of the scheduler's own wheel is no part of any task's story. */
const SCHEDULER = /\/src\/kernel\/sched\.[jt]s$/
const WHEEL = new Set(['drainMicrotasks', 'run', 'settle', '_onImmediate'])

/** The name that traces of a module's code have for it: one built in may have another's name. */
export function scriptName({
  name,
  builtin,
}: {
  name: string
  builtin: boolean
}): string {
  return builtin ? `built-in/${name}.ko` : `${name}.ko`
}

/**
 * From a line of a script that runs, and the name of the function there, to where modbox's own sources have
 * them.
 */
export type Locate = (
  script: string,
  row: number,
  symbol: string,
) => { script: string; symbol: string }

export class StackTraces {
  readonly #origins = new Map<string, Origin>()
  readonly #locate: Locate

  constructor(locate: Locate = (script, _row, symbol) => ({ script, symbol })) {
    this.#locate = locate
  }

  /** Code that runs under the name `script` is module `module`'s. */
  register(script: string, module: string, sourceMap: string | undefined): void {
    this.#origins.set(script, { module, map: readMap(sourceMap) })
  }

  unregister(script: string): void {
    this.#origins.delete(script)
  }

  /** The frames of who calls this. */
  here(): Frame[] {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = TRACE_DEPTH
    try {
      return this.frames(new Error('here')).slice(1)
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  /** The frames of `error`, innermost first; what is not the kernel's or a module's is left out. */
  frames(error: { stack?: string }): Frame[] {
    const lines = (error.stack ?? '').split('\n')
    return lines.flatMap(line => this.#frame(line) ?? [])
  }

  /** The script of the innermost of them that are a module's. */
  scriptOf({ stack = '' }: { stack?: string }): string | undefined {
    const scripts = stack.split('\n').map(line => parse(line)?.script ?? '')
    return scripts.find(script => this.#origins.has(script))
  }

  /** The same from the driver's function on, which has called the kernel. */
  driversFrames(error: { stack?: string }): Frame[] {
    const all = this.frames(error)
    return all.slice(
      Math.max(
        0,
        all.findIndex(({ module }) => module !== undefined),
      ),
    )
  }

  #frame(line: string): Frame | undefined {
    const parsed = parse(line)
    if (!parsed) return undefined
    const { name, row, column } = parsed
    const origin = this.#origins.get(parsed.script)
    if (origin) return frameOf(origin, lastName(name), row, column)
    const { script, symbol } = this.#locate(parsed.script, row, lastName(name))
    if (!KERNEL_SOURCES.test(script) || REPORTERS.test(script)) return undefined
    if (SCHEDULER.test(script) && WHEEL.has(symbol)) return undefined
    return { symbol, module: undefined, at: undefined }
  }
}

interface Line {
  name: string
  script: string
  row: number
  column: number
}

/** "    at read (scull.ko:52:17)" */
function parse(line: string): Line | undefined {
  const parsed = /^\s+at (?:async )?(?:(.*) \()?([^()]+):(\d+):(\d+)\)?$/.exec(line)
  if (!parsed) return undefined
  const [, name = '', script = '', row = '0', column = '0'] = parsed
  return { name, script, row: +row, column: +column }
}

/** A source map that is none only costs the lines of the source. */
function readMap(json: string | undefined): SourceMap | undefined {
  try {
    return json ? new SourceMap(JSON.parse(json)) : undefined
  } catch {
    return undefined
  }
}

/** "Object.read [as x]" → "read"; a frame without a name is an anonymous function. */
function lastName(name: string): string {
  const plain = name.replace(/ \[as .*\]$/, '').replace(/^new /, '')
  return plain.split('.').at(-1)?.replace(/^#/, '') || '<anonymous>'
}

function frameOf(
  { map, module }: Origin,
  symbol: string,
  row: number,
  column: number,
): Frame | undefined {
  const entry = map?.findEntry(row - 1, column - 1)
  if (!entry || !('originalSource' in entry)) {
    return { symbol, module, at: `${module}.ko:${row}:${column}` }
  }
  const { originalSource, originalLine, originalColumn } = entry
  if (HEADERS.test(originalSource)) return undefined
  const at = `${originalSource}:${originalLine + 1}:${originalColumn + 1}`
  return { symbol: namedByAuthor(symbol, map), module, at }
}

/** Bundling gives one of two functions of the same name a number. */
function namedByAuthor(symbol: string, map: SourceMap | undefined): string {
  const plain = symbol.replace(/\d+$/, '')
  const names = map?.payload.names ?? []
  return names.includes(plain) && !names.includes(symbol) ? plain : symbol
}
