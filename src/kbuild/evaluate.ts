// Evaluates a driver's file scope once, at build, to learn what it says of itself:
// MODULE_LICENSE and friends, parameters, exported symbols, init and exit.
//
// As in C, what stands at file scope must be constant. The address of a kernel symbol is a
// constant (`llseek: no_llseek`), so it may be named there; calling or reading it is an error.
import { SourceMap } from 'node:module'
import { isNativeError } from 'node:util/types'
import { createContext, runInContext, Script } from 'node:vm'
import type { ModinfoEntry } from '../elf/modinfo.ts'
import type { exported_symbol, this_module } from '../include/linux/module.ts'
import type { param_definition } from '../include/linux/moduleparam.ts'
import { KbuildError } from './errors.ts'
import type { Diagnostic } from './errors.ts'
import { deviceAliases } from './file2alias.ts'
import { variableOf } from './variables.ts'
import type { Variable } from './variables.ts'

/** How long file scope may take, in milliseconds. */
const TIMEOUT = 1000

export interface EvaluateOptions {
  /** KBUILD_MODNAME. */
  name: string
  script: string
  /** JSON, version 3. */
  sourceMap: string
  /** For a source as the map names it: how people know it, and its lines; undefined for a header. */
  source(name: string): { file: string; lines: string[] } | undefined
  /** Named where no place in a file is known. */
  file: string
  /** Names of its variables. */
  variables: Iterable<string>
}

/** What file scope said, in the order in which it said it. */
export interface ModuleFacts {
  modinfo: ModinfoEntry[]
  params: { name: string; type: string; perm: number }[]
  exports: { name: string; gpl: boolean; namespace: string }[]
  /** What MODULE_DEVICE_TABLE() says in the words of modules.alias. */
  aliases: string[]
  /** The variables asked for, as they are when file scope is done. */
  variables: Map<string, Variable>
  /** Names of the functions given to module_init() and module_exit(); "" for one without. */
  init?: string
  exit?: string
}

/** Throws KbuildError: an exception, a symbol used, or more than a second. */
export function evaluate(options: EvaluateOptions): ModuleFacts {
  const facts = noFacts()
  const parameters = new Set<unknown>()
  const module = recordingModule(options.name, facts, parameters)
  const context = createContext({ kbuild: { require: requireSymbol, module } })
  runInContext(NO_CHANCE, context)
  const wrapped =
    `(function (require, module, exports, __this_module) {${options.script}\n${returning(options.variables)}})` +
    '(kbuild.require, { exports: {} }, {}, kbuild.module)'
  try {
    const script = new Script(wrapped, { filename: SCRIPT })
    const values = script.runInContext(context, { timeout: TIMEOUT }) as object
    for (const [name, value] of Object.entries(values)) {
      facts.variables.set(name, parameters.has(value) ? setBy(value) : variableOf(value))
    }
  } catch (error) {
    throw KbuildError.at([evaluationError(error, options)])
  }
  if (module.init) facts.init = module.init.name
  if (module.exit) facts.exit = module.exit.name
  return facts
}

const SCRIPT = 'kbuild:file-scope'

/** The same sources have to give the same file: while it is built, time stands still. */
const NO_CHANCE = `
  Math.random = () => 0;
  Date.now = () => 0;
  globalThis.Date = new Proxy(Date, {
    construct: (Date, given, type) =>
      Reflect.construct(Date, given.length > 0 ? given : [0], type),
    apply: () => String(new Date(0)),
  });
`

function noFacts(): ModuleFacts {
  return { modinfo: [], params: [], exports: [], aliases: [], variables: new Map() }
}

/** What makes a function of the script give its variables. */
function returning(names: Iterable<string>): string {
  const entries = Array.from(
    names,
    name => `${name}: typeof ${name} === 'undefined' ? undefined : ${name}`,
  )
  return `return { ${entries.join(', ')} };`
}

/** A parameter stands for the variable that it sets. */
function setBy(arg: unknown): Variable {
  return { ...variableOf((arg as { value?: unknown }).value), isPrimitive: false }
}

function recordingModule(
  name: string,
  facts: ModuleFacts,
  parameters: Set<unknown>,
): this_module {
  return {
    name,
    modinfo: (tag, value) => {
      facts.modinfo.push([tag, String(value)])
    },
    param: ({ name, type, perm, arg }: param_definition) => {
      if (typeof arg === 'object' && arg !== null) parameters.add(arg)
      facts.params.push({ name, type, perm })
    },
    export_symbol: ({ name, gpl_only, namespace }: exported_symbol) => {
      facts.exports.push({ name, gpl: gpl_only, namespace })
    },
    device_table: (type, table) => {
      facts.aliases.push(...deviceAliases(type, table))
    },
  }
}

function requireSymbol(path: string): Record<string, unknown> {
  const name = path.slice('vmlinux:'.length)
  return { [name]: addressOf(name) }
}

class NotConstant extends Error {}

/** Something that can be stored, and nothing else. */
function addressOf(name: string): unknown {
  const refuse = (): never => {
    throw new NotConstant(`initializer element is not constant (${name})`)
  }
  return new Proxy(function () {}, {
    apply: refuse,
    construct: refuse,
    get: refuse,
    set: refuse,
    has: refuse,
    ownKeys: refuse,
    getOwnPropertyDescriptor: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  })
}

function evaluationError(error: unknown, options: EvaluateOptions): Diagnostic {
  const place = isNativeError(error) ? placeOf(error.stack ?? '', options) : undefined
  return {
    file: options.file,
    ...place,
    severity: 'error',
    text: describe(error),
  }
}

function describe(error: unknown): string {
  if (error instanceof NotConstant) return error.message
  if (!isNativeError(error)) return `uncaught ${String(error)} at file scope`
  if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
    return `file scope takes more than ${TIMEOUT / 1000} s`
  }
  return `${error.name}: ${error.message}`
}

/** The innermost place in the driver's own files; a header only calls what it was told to. */
function placeOf(
  stack: string,
  options: EvaluateOptions,
): Pick<Diagnostic, 'file' | 'line' | 'column' | 'lineText'> | undefined {
  const map = new SourceMap(
    JSON.parse(options.sourceMap) as ConstructorParameters<typeof SourceMap>[0],
  )
  for (const [, line, column] of stack.matchAll(/kbuild:file-scope:(\d+):(\d+)/g)) {
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1)
    if (!('originalSource' in entry)) continue

    const source = options.source(entry.originalSource)
    const lineText = source?.lines[entry.originalLine]
    if (!source || lineText === undefined) continue
    return {
      file: source.file,
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
      lineText,
    }
  }
  return undefined
}
