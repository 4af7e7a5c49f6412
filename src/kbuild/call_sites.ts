// Gives macros that need it the place they are used at: what the C preprocessor knows of it, as one
// more argument at the end. include/linux/call_site.ts has what it is.
//
// What is added goes behind the arguments and behind the last line, so that the places of errors
// and of stack traces stay.
import { enclosingFunctions } from './enclosing.ts'
import { maskSource } from './scan.ts'

/** Text to put in at an offset. */
export interface Insertion {
  at: number
  text: string
}

export interface CallSites {
  /** In order. */
  insertions: Insertion[]
  /** To add at the end; "" if there are no call sites. */
  footer: string
}

/** Macros with variables or switches of their own at each place where they are used. */
const WITH_SITE =
  /^(?:pr_debug|pr_devel|dev_dbg|print_hex_dump_debug|print_hex_dump_bytes|printk_ratelimit|__ratelimit|WARN_ON_ONCE|WARN_ONCE|printk_once|printk_ratelimited|(?:pr|dev)_\w+_(?:once|ratelimited))$/
/** Functions that lock debugging wants to know the callers of. */
const LOCKING =
  /^(?:mutex_|spin_|raw_spin_|read_|write_|down|up_|wait_event|wait_on_bit|wait_var_event|io_wait_event|might_|cond_resched|(?:__)?init_rwsem|rwlock_init|seqlock_init|atomic_dec_and_mutex_lock$)/
/** Locks, whose constructors lock debugging takes for their kinds. */
const LOCKS = /^(?:mutex|spinlock|raw_spinlock|rwlock|rw_semaphore|seqlock)$/
/** Macros that the file's pr_fmt changes. */
const WITH_PR_FMT = /^pr_(?:emerg|alert|crit|err|warn|notice|info)$/
const PR_FMT = /^(?:export\s+)?(?:const|let|function)\s+pr_fmt\b/m
const IMPORT = /^[ \t]*import\s*\{([^}]*)\}\s*from\s*['"]#linux\/[\w/-]+['"]/gm

/** A constant text: strings only, joined by +. */
const CONSTANT = /^(?:['"`]\s*['"`]|['"`]|[\s+])+$/

/** `file` is what __FILE__ is to be; `debug`: the file is compiled with -DDEBUG. */
export function findCallSites(source: string, file: string, debug: boolean): CallSites {
  const masked = maskSource(source)
  const hasPrFmt = PR_FMT.test(masked)
  const calls = callsOf(source, masked, hasPrFmt)
  if (calls.length === 0) return { insertions: [], footer: '' }

  const funcs = enclosingFunctions(
    masked,
    calls.map(({ start }) => start),
  )
  const sites = calls.map((call, i) => {
    const place = [file, lineAt(source, call.start), funcs[i] ?? '', call.name]
    const format = formatOf(source, masked, call, hasPrFmt)
    const pr_fmt = hasPrFmt ? 'pr_fmt' : 'undefined'
    return `new call_site$(${JSON.stringify(place)}, ${format}, ${pr_fmt}, ${debug})`
  })
  return {
    insertions: calls
      .map((call, i) => insertion(masked, call, i))
      .toSorted((a, b) => a.at - b.at),
    footer: [
      'import { call_site as call_site$, define_call_sites as define_call_sites$ } from "#linux/call_site";',
      `const call_sites$ = define_call_sites$([${sites.join(', ')}]);`,
    ].join('\n'),
  }
}

interface Call {
  name: string
  /** Offset of the name. */
  start: number
  /** Offset behind the parenthesis that opens. */
  args: number
  /** Offset of the one that closes. */
  end: number
}

function callsOf(source: string, masked: string, hasPrFmt: boolean): Call[] {
  const names = importedNames(source).filter(
    name =>
      WITH_SITE.test(name) ||
      LOCKING.test(name) ||
      LOCKS.test(name) ||
      (hasPrFmt && WITH_PR_FMT.test(name)),
  )
  if (names.length === 0) return []
  const pattern = new RegExp(`(?<![\\w$.]|function )(${names.join('|')})\\s*\\(`, 'g')
  return Array.from(masked.matchAll(pattern), ({ 0: text, 1: name = '', index }) => {
    const args = index + text.length
    return { name, start: index, args, end: closing(masked, args) }
  }).filter(call => isCall(masked, call))
}

/** `name(…) {` begins a method, and a lock is only made by `new`. */
function isCall(masked: string, { name, start, end }: Call): boolean {
  if (/^\s*(?::\s*[\w$<>[\]|.]+\s*)?\{/.test(masked.slice(end + 1, end + 200)))
    return false
  return (
    !LOCKS.test(name) || /\bnew\s+$/.test(masked.slice(Math.max(0, start - 20), start))
  )
}

function importedNames(source: string): string[] {
  return [...source.matchAll(IMPORT)].flatMap(([, names = '']) =>
    names
      .split(',')
      .map(name => name.trim())
      .filter(name => /^\w+$/.test(name)),
  )
}

/** Where the bracket that was opened before `from` is closed. */
function closing(masked: string, from: number): number {
  let depth = 1
  let at = from
  for (; at < masked.length && depth > 0; at++) {
    const char = masked.charAt(at)
    if ('([{'.includes(char)) depth++
    if (')]}'.includes(char)) depth--
  }
  return at - 1
}

function insertion(masked: string, { name, args, end }: Call, i: number): Insertion {
  const given = masked.slice(args, end).trimEnd()
  const comma = given.trim() === '' || given.endsWith(',') ? '' : ', '
  // A lock is often made at file scope, before the call sites are.
  const site = LOCKS.test(name) ? `() => call_sites$[${i}]` : `call_sites$[${i}]`
  return { at: end, text: `${comma}${site}` }
}

/** Which argument is the format. */
function formatIndex(name: string): number {
  return name.startsWith('dev_') ? 1 : 0
}

/** A function that gives the format; dynamic debug shows it. */
function formatOf(source: string, masked: string, call: Call, hasPrFmt: boolean): string {
  if (LOCKS.test(call.name)) return `() => ${JSON.stringify(assignedName(masked, call))}`
  const [from, to] = argumentAt(masked, call, formatIndex(call.name))
  const isConstant = CONSTANT.test(masked.slice(from, to)) && from < to
  // Of a dump it is the prefix.
  if (call.name.startsWith('print_hex_dump'))
    return `() => ${isConstant ? source.slice(from, to) : '"hexdump"'}`
  const text = isConstant
    ? source.slice(from, to)
    : JSON.stringify(source.slice(from, to))
  const formatted = hasPrFmt && call.name.startsWith('pr_') ? `pr_fmt(${text})` : text
  return `() => ${formatted}`
}

/** `const lock = new mutex(`, `lock: new mutex(`: the name; "" if it has none. */
function assignedName(masked: string, { start }: Call): string {
  const before = /([\w$]+)\s*(?::[^=;\n]*)?[=:]\s*(?:new\s+)?$/.exec(
    masked.slice(0, start),
  )
  return before?.[1] ?? ''
}

/** From where to where argument number `index` goes. */
function argumentAt(
  masked: string,
  { args, end }: Call,
  index: number,
): [number, number] {
  let depth = 0
  let from = args
  let seen = 0
  for (let at = args; at < end; at++) {
    const char = masked.charAt(at)
    if ('([{'.includes(char)) depth++
    if (')]}'.includes(char)) depth--
    if (char !== ',' || depth > 0) continue
    if (seen === index) return [from, at]
    seen++
    from = at + 1
  }
  return seen === index ? [from, end] : [end, end]
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length
}
