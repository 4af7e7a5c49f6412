// Evaluates the script of a module: its file scope runs, in a vm context of its own. It sees the
// language and the symbols it asked for, nothing of Node. Linux has nothing to run here: file
// scope in C is data, which apply_relocations() completes.

import vm from 'node:vm'
import { ENOEXEC } from '../../include/linux/errno.ts'
import { KERN_ERR } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import type { LoadTrace } from '../../lib/load_step.ts'
import type { Printk } from '../printk.ts'
import { scriptName, type StackTraces, TRACE_DEPTH } from '../stack.ts'
import type { Resolved } from './link.ts'
import type { Module } from './module.ts'

/** How long file scope may take, in milliseconds. It is given as much at build. */
const TIMEOUT = 1000

/** The prefix under which kbuild leaves undefined symbols to be asked for. */
const SYMBOL_PREFIX = 'vmlinux:'

interface Needs {
  log: Printk
  stacks: StackTraces
}

/** What each vm context has of its own. */
type Own = Pick<Module, 'realm' | 'bytes' | 'promise'>

/**
 * Run the file scope: its macros leave what they define in `mod`. An exception there, a
 * second gone, or nonsense in place of init and exit: the module is none, -ENOEXEC.
 */
export function evaluate(
  { log, stacks }: Needs,
  mod: Module,
  resolved: Resolved,
  trace?: LoadTrace,
): errno_t {
  const { script, sourceMap } = mod.image
  const began = performance.now()
  stacks.register(scriptName(mod), mod.name, sourceMap)
  const error = run(mod, resolved, stacks)
  trace?.({
    step: 'evaluate',
    bytes: Buffer.byteLength(script),
    us: Math.round((performance.now() - began) * 1000),
    error: error ?? '',
  })
  if (error === undefined) return 0
  log.printk(`${KERN_ERR}%s: %s\n`, mod.name, error)
  return -ENOEXEC
}

/** What went wrong, in one line. */
function run(mod: Module, resolved: Resolved, stacks: StackTraces): string | undefined {
  try {
    runScript(mod, resolved)
  } catch (exception) {
    return describe(exception, stacks)
  }
  for (const entry of ['init', 'exit'] as const) {
    const value: unknown = mod[entry]
    if (value !== undefined && typeof value !== 'function') {
      return `module_${entry}() was given no function`
    }
  }
  return undefined
}

function runScript(mod: Module, resolved: Resolved): void {
  const context = vm.createContext({}, { name: mod.name })
  const fileScope = vm.compileFunction(
    mod.image.script,
    ['require', 'module', 'exports', '__this_module'],
    { filename: scriptName(mod), parsingContext: context },
  ) as (require: unknown, module: unknown, exports: unknown, self: Module) => void
  const exports = {}
  const start = () =>
    fileScope((id: string) => symbolView(mod, resolved, id), { exports }, exports, mod)
  // Only a script can be given a time limit: this one makes the call.
  const global = context as { start?: () => void }
  global.start = start
  // Each context has an Error of its own.
  const prepare = `Error.stackTraceLimit = ${TRACE_DEPTH};
    ({ realm: Object.prototype, bytes: Uint8Array, promise: Promise })`
  Object.assign(mod, vm.runInContext(prepare, context) as Own)
  new vm.Script('start()').runInContext(context, { timeout: TIMEOUT })
  delete global.start
}

/** What `require("vmlinux:printk")` gives: an object whose one property is the symbol's value now. */
function symbolView(mod: Module, resolved: Resolved, id: string): object {
  const name = String(id).slice(SYMBOL_PREFIX.length)
  const symbol = resolved.get(name)
  if (!symbol) throw new Error(`${id} is not in the symbol table of the module`)

  const value = symbol.getFor ? symbol.getFor(mod) : symbol.get()
  // A function of the kernel stays the same, so no getter slows its calls down.
  const constant = typeof value === 'function' && symbol.owner === undefined
  return Object.freeze(
    Object.defineProperty({}, name, constant ? { value } : { get: symbol.get }),
  )
}

function describe(exception: unknown, stacks: StackTraces): string {
  if (!isError(exception)) return `uncaught ${safeText(exception)} at file scope`
  if (exception.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
    return `file scope takes more than ${TIMEOUT / 1000} s`
  }
  const at = stacks.frames(exception).find(({ module }) => module !== undefined)?.at
  return `${safeText(exception.name)}: ${safeText(exception.message)}${at ? ` (${at})` : ''}`
}

/** An Error of the module's own context is no instance of ours. */
function isError(exception: unknown): exception is Error & { code?: unknown } {
  return typeof exception === 'object' && exception !== null && 'stack' in exception
}

/** What is thrown may refuse to be text. */
function safeText(value: unknown): string {
  try {
    return String(value)
  } catch {
    return typeof value
  }
}
