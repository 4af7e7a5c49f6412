// What stands at the top level of a compiled script: the driver's own functions and variables, and
// where each begins and ends.
//
// esbuild heads the part of each file with a comment that names it, begins each statement of the
// top level in the first column and indents all others, and makes `var` of const and let. A line
// of a template may begin there, too; it is masked, but for the quote at its end. What came in
// from headers is a macro to C, and no symbol.
import { maskSource } from './scan.ts'

/** Offsets in the script, in bytes; `end` is the first one behind. */
export interface Extent {
  start: number
  end: number
}

export interface ScriptOutline {
  /** The script, one character for each byte. */
  code: string
  /** The same without what is in comments, strings and templates. */
  masked: string
  /** The driver's own statements. */
  statements: Extent[]
  functions: Map<string, Extent>
  /** Variables, with the extent of what they start as; imported symbols are none. */
  variables: Map<string, Extent>
}

export function outlineOf(script: string): ScriptOutline {
  const code = Buffer.from(script).toString('latin1')
  const masked = maskSource(code)
  const statements = ownStatements(code, masked)
  const functions = new Map<string, Extent>()
  const variables = new Map<string, Extent>()
  for (const statement of statements) {
    const text = masked.slice(statement.start, statement.end)
    const name = FUNCTION.exec(text)?.[1]
    if (name !== undefined) functions.set(name, statement)
    if (!text.startsWith('var ')) continue
    for (const [variable, extent] of declarators(masked, statement)) {
      if (!masked.startsWith('require(', extent.start)) variables.set(variable, extent)
    }
  }
  return { code, masked, statements, functions, variables }
}

const FUNCTION = /^(?:async )?function\*? ([\w$]+)\(/
const HEADING_OR_STATEMENT = /^(?:\/\/ (.+\.ts)$|[^\s})\]/`])/gm

function ownStatements(code: string, masked: string): Extent[] {
  const found = [...code.matchAll(HEADING_OR_STATEMENT)].filter(
    ({ 1: file, index }) => file !== undefined || masked[index] === code[index],
  )
  // What is before the first file is esbuild's own; a file that was not bundled has no heading.
  let own = !found.some(([, file]) => file !== undefined)
  const statements: Extent[] = []
  for (const [i, { 1: file, index: start }] of found.entries()) {
    if (file !== undefined) own = !file.startsWith('include/')
    else if (own) {
      const text = masked.slice(start, found[i + 1]?.index)
      statements.push({ start, end: start + text.trimEnd().length })
    }
  }
  return statements
}

/** `var a = 1, b;` has two. What is taken out of an object or an array has no name to show. */
function* declarators(
  masked: string,
  { start, end }: Extent,
): Generator<[string, Extent]> {
  let from = start + 'var '.length
  while (from < end) {
    const to = endOfExpression(masked, from, end)
    const match = /^\s*([\w$]+)(?: = )?/.exec(masked.slice(from, to))
    if (match) yield [match[1] ?? '', { start: from + match[0].length, end: to }]
    from = to + 1
  }
}

/** Where the expression at `from` ends: at a comma, a semicolon or a bracket that is not its own. */
export function endOfExpression(masked: string, from: number, end: number): number {
  let depth = 0
  for (let at = from; at < end; at++) {
    const c = masked.charAt(at)
    if ('([{'.includes(c)) depth++
    else if (depth === 0 && ',;)]}'.includes(c)) return at
    else if (')]}'.includes(c)) depth--
  }
  return end
}

/** Is it an expression that makes a function or a class? */
export function isFunctionText(
  { masked }: ScriptOutline,
  { start, end }: Extent,
): boolean {
  return /^(?:class|(?:async )?(?:function|\(|[\w$]+ =>))/.test(masked.slice(start, end))
}
