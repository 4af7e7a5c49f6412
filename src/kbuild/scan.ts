// Looks at the top level of a TypeScript file without parsing it: which names are declared
// without a body, which symbols are exported to other modules.
import { signatureOf } from './signature.ts'

/** What kbuild needs to know of a file before esbuild sees it. */
export interface SourceFacts {
  /** Top-level `export declare const|let|function NAME`: C's extern in a header. */
  exportedExterns: string[]
  /** Top-level `declare const|let|function NAME`: C's extern in a .c file. */
  ownExterns: string[]
  /** EXPORT_SYMBOL(NAME), EXPORT_SYMBOL_GPL(NAME) and EXPORT_SYMBOL_NS*(NAME, "…"). */
  exportSymbols: ExportSymbolCall[]
}

export interface ExportSymbolCall {
  name: string
  /** Offset in the source of the parenthesis that ends the call. */
  end: number
  /** EXPORT_SYMBOL_NS() and its like, which name a namespace. */
  inNamespace: boolean
  /** How NAME is declared in this file, blanks evened out; NAME alone if it is not. */
  signature: string
}

export function scanSource(source: string): SourceFacts {
  const top = topLevel(maskSource(source))
  const code = withoutComments(source)
  const externs = [...top.matchAll(EXTERN)]
  return {
    exportedExterns: namesOf(
      top,
      externs.filter(([, exported]) => exported),
    ),
    ownExterns: namesOf(
      top,
      externs.filter(([, exported]) => !exported),
    ),
    exportSymbols: [...top.matchAll(EXPORT_SYMBOL)].map(match => {
      const [call, kind = '', name = ''] = match
      return {
        name,
        inNamespace: kind.startsWith('_NS'),
        end: match.index + call.length - 1,
        signature: signatureOf(code, name),
      }
    }),
  }
}

const EXTERN =
  /(?<=^|[;}\n])[ \t]*(export\s+)?declare\s+(const|let|var|function)\s+([\w$]+)/g
const EXPORT_SYMBOL =
  /(?<=^|[;}\n])[ \t]*EXPORT_SYMBOL((?:_NS)?(?:_GPL)?)\(\s*([\w$]+)\s*(?:,\s*(?:""|''|``|[\w$]+)?[^()]*)?\)/g

/** The names each declaration has: `declare const a: number, b: string` has two. */
function namesOf(top: string, declarations: readonly RegExpExecArray[]): string[] {
  const names = declarations.flatMap(match => {
    const [whole, , keyword, name = ''] = match
    if (keyword === 'function') return [name]
    return [name, ...furtherNames(top, match.index + whole.length)]
  })
  return [...new Set(names)]
}

/** Names after a comma that is not within brackets, up to where the declaration ends. */
function furtherNames(top: string, from: number): string[] {
  const names: string[] = []
  let depth = 0
  for (let at = from; at < top.length; at++) {
    const c = top.charAt(at)
    if ('([{<'.includes(c)) depth++
    else if (')]}'.includes(c) || (c === '>' && top.charAt(at - 1) !== '=')) depth--
    else if (depth > 0) continue
    else if (c === ';') break
    else if (c === '\n' && endsHere(top.slice(from, at), top.slice(at))) break
    else if (c === ',') names.push(/^,\s*([\w$]+)/.exec(top.slice(at))?.[1] ?? '')
  }
  return names.filter(name => name !== '')
}

/** Without a semicolon a declaration ends with its line, unless the next one carries on. */
function endsHere(before: string, after: string): boolean {
  if (/[,:|&=>]\s*$/.test(before)) return false
  return !/^\s*[,:|&=.[(<]/.test(after)
}

/** Blank out what lies within braces, keeping offsets and line ends. */
function topLevel(masked: string): string {
  let depth = 0
  let out = ''
  for (let at = 0; at < masked.length; at++) {
    const c = masked.charAt(at)
    if (c === '}') depth--
    out += depth > 0 && c !== '\n' ? ' ' : c
    if (c === '{') depth++
  }
  return out
}

/**
 * Blank out comments, strings, templates and regular expressions, keeping offsets and line
 * ends, so that words and brackets left over are code.
 */
export function maskSource(source: string): string {
  return masked(source, blank)
}

/** Strings stay. */
function withoutComments(source: string): string {
  return masked(source, token => (/^\/[/*]/.test(token) ? blank(token) : token))
}

function masked(source: string, replace: (token: string) => string): string {
  let out = ''
  let at = 0
  while (at < source.length) {
    const end = tokenEnd(source, at, out)
    const token = source.slice(at, end)
    out += token.length > 1 ? replace(token) : token
    at = end
  }
  return out
}

/** Quotes stay, so that a string still looks like a value. */
function blank(token: string): string {
  const spaces = token.replace(/[^\n]/g, ' ')
  const quote = /^["'`]/.exec(token)?.[0]
  return quote === undefined ? spaces : spaces.replace(/^.|.$/g, quote)
}

/** Where what begins at `at` ends; one character on unless it is to be blanked out. */
function tokenEnd(source: string, at: number, before: string): number {
  const two = source.slice(at, at + 2)
  if (two === '//') return endOf(source, '\n', at, 0)
  if (two === '/*') return endOf(source, '*/', at + 2, 2)

  const c = source.charAt(at)
  if (c === '"' || c === "'") return endOfQuoted(source, at + 1, c)
  if (c === '`') return endOfTemplate(source, at + 1)
  if (c === '/' && beginsRegExp(before)) return endOfRegExp(source, at + 1)
  return at + 1
}

function endOf(source: string, what: string, from: number, length: number): number {
  const found = source.indexOf(what, from)
  return found < 0 ? source.length : found + length
}

function endOfQuoted(source: string, from: number, quote: string): number {
  for (let at = from; at < source.length; at++) {
    const c = source.charAt(at)
    if (c === '\\') at++
    else if (c === quote || c === '\n') return at + 1
  }
  return source.length
}

/** A template with all its `${…}`, which may hold templates again. */
function endOfTemplate(source: string, from: number): number {
  let at = from
  while (at < source.length) {
    const c = source.charAt(at)
    if (c === '`') return at + 1
    if (c === '\\') at += 2
    else if (c === '$' && source.charAt(at + 1) === '{') at = endOfHole(source, at + 2)
    else at++
  }
  return source.length
}

function endOfHole(source: string, from: number): number {
  let depth = 1
  let at = from
  while (at < source.length) {
    const c = source.charAt(at)
    if (c === '{') depth++
    if (c === '}' && --depth === 0) return at + 1
    at = tokenEnd(source, at, source.slice(from, at))
  }
  return source.length
}

/** A slash divides after a value, and begins a regular expression anywhere else. */
function beginsRegExp(before: string): boolean {
  const code = before.trimEnd()
  if (code === '') return true
  const word = /[\w$]+$/.exec(code)?.[0]
  if (word !== undefined)
    return /^(return|typeof|case|in|of|do|else|void|delete)$/.test(word)
  return !/[)\]}"'`]$/.test(code)
}

function endOfRegExp(source: string, from: number): number {
  let inClass = false
  for (let at = from; at < source.length; at++) {
    const c = source.charAt(at)
    if (c === '\n') return from // a division after all
    if (c === '\\') at++
    else if (c === '[') inClass = true
    else if (c === ']') inClass = false
    else if (c === '/' && !inClass) return at + 1
  }
  return from
}
