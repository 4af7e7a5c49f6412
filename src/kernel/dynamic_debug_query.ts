// The language of the control file: "file foo.ts line 10-20 +p". Linux: lib/dynamic_debug.c.

import type { call_site } from '../include/linux/call_site.ts'
import {
  _DPRINTK_FLAGS_INCL_FUNCNAME,
  _DPRINTK_FLAGS_INCL_LINENO,
  _DPRINTK_FLAGS_INCL_MODNAME,
  _DPRINTK_FLAGS_INCL_TID,
  _DPRINTK_FLAGS_PRINT,
} from '../include/linux/dynamic_debug.ts'

/** Which calls are meant, and what becomes of their flags: `(flags & mask) | flags`. */
export interface DebugQuery {
  module?: string
  file?: string
  func?: string
  format?: string
  class?: string
  /** 0 for the first there is. */
  firstLine: number
  lastLine: number
  flags: number
  mask: number
}

/** A query with a mistake: what is to be logged about it. */
export class QueryError extends Error {
  readonly lines: readonly string[]

  constructor(...lines: string[]) {
    super(lines.join('; '))
    this.lines = lines
  }
}

/** In the order in which they are shown. */
const FLAGS: readonly (readonly [flag: number, letter: string])[] = [
  [_DPRINTK_FLAGS_PRINT, 'p'],
  [_DPRINTK_FLAGS_INCL_MODNAME, 'm'],
  [_DPRINTK_FLAGS_INCL_FUNCNAME, 'f'],
  [_DPRINTK_FLAGS_INCL_LINENO, 'l'],
  [_DPRINTK_FLAGS_INCL_TID, 't'],
  [0, '_'],
]

const MAX_WORDS = 9
const LINES_MAX = 2 ** 32 - 1

/** "pmflt", or "_" for none. */
export function describeFlags(flags: number): string {
  const letters = FLAGS.filter(([flag]) => flags & flag).map(([, letter]) => letter)
  return letters.join('') || '_'
}

/** `modname`: of the module whose parameter this is. Throws QueryError. */
export function parseQuery(text: string, modname: string | undefined): DebugQuery {
  const words = step('tokenize failed', () => tokenize(text))
  const flags = words.pop() ?? ''
  const change = step('flags parse failed', () => parseFlags(flags))
  const start = modname === undefined ? {} : { module: modname }
  const query: DebugQuery = { ...start, firstLine: 0, lastLine: 0, ...change }
  step('query parse failed', () => parsePairs(words, query))
  return query
}

/** What failed is said after why. */
function step<T>(failure: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof QueryError ? new QueryError(...error.lines, failure) : error
  }
}

function tokenize(text: string): string[] {
  const words: string[] = []
  let rest = text.trimStart()
  while (rest !== '' && !rest.startsWith('#')) {
    const quote = /^["']/.exec(rest)?.[0]
    const end = quote ? rest.indexOf(quote, 1) : rest.search(/\s|$/)
    if (end < 0) throw new QueryError(`unclosed quote: ${rest.slice(1)}`)
    if (words.length === MAX_WORDS)
      throw new QueryError(`too many words, legal max <=${MAX_WORDS}`)
    words.push(rest.slice(quote ? 1 : 0, end))
    rest = rest.slice(quote ? end + 1 : end).trimStart()
  }
  if (words.length === 0) throw new QueryError()
  return words
}

function parseFlags(text: string): { flags: number; mask: number } {
  const op = text.charAt(0)
  if (!'+-='.includes(op) || op === '')
    throw new QueryError(`bad flag-op ${op}, at start of ${text}`)
  let flags = 0
  for (const letter of text.slice(1)) {
    const known = FLAGS.find(([, candidate]) => candidate === letter)
    if (!known) throw new QueryError(`unknown flag '${letter}'`)
    flags |= known[0]
  }
  if (op === '=') return { flags, mask: 0 }
  return op === '+' ? { flags, mask: ~0 } : { flags: 0, mask: ~flags }
}

function parsePairs(words: readonly string[], query: DebugQuery): void {
  if (words.length % 2 !== 0)
    throw new QueryError('expecting pairs of match-spec <value>')
  for (let i = 0; i < words.length; i += 2)
    parsePair(words[i] ?? '', words[i + 1] ?? '', query)
}

function parsePair(keyword: string, value: string, query: DebugQuery): void {
  switch (keyword) {
    case 'func':
    case 'module':
    case 'class':
      return set(query, keyword, value)
    case 'format':
      return set(query, keyword, unescape(value))
    case 'file':
      return parseFile(value, query)
    case 'line':
      return parseLines(value, query)
    default:
      throw new QueryError(`unknown keyword "${keyword}"`)
  }
}

function set(
  query: DebugQuery,
  name: 'module' | 'file' | 'func' | 'format' | 'class',
  value: string,
): void {
  const before = query[name]
  if (before)
    throw new QueryError(`match-spec:${name} val:${before} overridden by ${value}`)
  query[name] = value
}

/** "inode.ts", "inode.ts:start_*", "inode.ts:10-100". */
function parseFile(value: string, query: DebugQuery): void {
  const colon = value.indexOf(':')
  set(query, 'file', colon < 0 ? value : value.slice(0, colon))
  if (colon < 0) return
  const rest = value.slice(colon + 1)
  if (/^[a-z*?]/i.test(rest)) set(query, 'func', rest)
  else parseLines(rest, query)
}

function parseLines(value: string, query: DebugQuery): void {
  if (query.firstLine || query.lastLine) throw new QueryError('match-spec: line used 2x')
  const dash = value.indexOf('-')
  query.firstLine = lineNumber(dash < 0 ? value : value.slice(0, dash))
  if (dash < 0) {
    query.lastLine = query.firstLine
    return
  }
  query.lastLine = lineNumber(value.slice(dash + 1)) || LINES_MAX
  if (query.lastLine < query.firstLine) {
    throw new QueryError(`last-line:${query.lastLine} < 1st-line:${query.firstLine}`)
  }
}

/** 0 for nothing. */
function lineNumber(text: string): number {
  if (text === '') return 0
  if (/^\+?\d+$/.test(text) && Number(text) <= LINES_MAX) return Number(text)
  throw new QueryError(`bad line-number: ${text}`)
}

const UNESCAPED: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  f: '\f',
  '"': '"',
  '\\': '\\',
  a: '\x07',
  e: '\x1b',
}

function unescape(text: string): string {
  return text.replace(/\\([nrtvf"\\ae]|[0-7]{1,3})/g, (whole, code: string) =>
    /^[0-7]/.test(code)
      ? String.fromCharCode(Number.parseInt(code, 8) & 0xff)
      : (UNESCAPED[code] ?? whole),
  )
}

/** Does `site` fit all that the query says, its module aside? */
export function siteMatches(query: DebugQuery, site: call_site): boolean {
  // No call here belongs to a class.
  if (query.class) return false
  if (query.file && !fileMatches(query.file, site.file)) return false
  if (query.func && !wildcard(query.func, site.func)) return false
  if (query.format && !formatMatches(query.format, site.format?.() ?? '')) return false
  if (query.firstLine && site.line < query.firstLine) return false
  return !query.lastLine || site.line <= query.lastLine
}

/** By the path or by the name alone. */
function fileMatches(pattern: string, file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1)
  return wildcard(pattern, file) || wildcard(pattern, name)
}

function formatMatches(wanted: string, format: string): boolean {
  return wanted.startsWith('^')
    ? format.startsWith(wanted.slice(1))
    : format.includes(wanted)
}

/** `*` and `?` stand for any characters, and any one. */
export function wildcard(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(text)
}
