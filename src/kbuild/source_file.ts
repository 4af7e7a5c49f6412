// One TypeScript file on its way into a module: what `declare` and EXPORT_SYMBOL mean is put
// into code, types are taken out, and names that nobody declared are found.
import { transform } from 'esbuild'
import type { TransformFailure, TransformResult } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { basename, dirname } from 'node:path'
import { findCallSites } from './call_sites.ts'
import type { Diagnostic } from './errors.ts'
import { literal } from './flags.ts'
import type { Defines } from './flags.ts'
import type { Headers } from './headers.ts'
import { scanSource } from './scan.ts'
import type { SourceFacts } from './scan.ts'

export interface SourceFile {
  path: string
  source: string
  facts: SourceFacts
  /** JavaScript with its source map inline. */
  code: string
  /** From places in `code` back to the source; lines and columns count from 0. */
  map: SourceMap
  errors: Diagnostic[]
}

export interface SourceContext {
  headers: Headers
  /** Names a file may use without declaring them. */
  globals: ReadonlySet<string>
  /** Macros of the build; headers do not see them. */
  defines: Defines
  /** How to name a file to people. */
  shown: (path: string) => string
}

const UNDECLARED = '__undeclared$'

/** Read and transform a file. A syntax error is in `errors`, with no code. */
export async function loadSourceFile(
  path: string,
  context: SourceContext,
): Promise<SourceFile> {
  const source = await readFile(path, 'utf8')
  const facts = scanSource(source)
  const empty = { path, source, facts, code: '', map: new SourceMap(NO_MAP), errors: [] }
  try {
    const result = await removeTypes(
      withLinkage(source, facts, path, context),
      path,
      context,
    )
    const map = new SourceMap(
      JSON.parse(result.map) as ConstructorParameters<typeof SourceMap>[0],
    )
    const file = { ...empty, code: inlineMap(result), map }
    return { ...file, errors: undeclared(file, result.code, context) }
  } catch (error) {
    return { ...empty, errors: syntaxErrors(error, path, context) }
  }
}

const NO_MAP = {
  file: '',
  version: 3,
  sources: [],
  sourcesContent: [],
  names: [],
  mappings: '',
  sourceRoot: '',
}

/** __FILE__: the file with the folder it is in. */
function callSiteFile(path: string): string {
  return `${basename(dirname(path))}/${basename(path)}`
}

/**
 * Write the linkage out. A declared name without a body comes from "vmlinux:NAME"; an
 * EXPORT_SYMBOL gets the name and a getter. What is added goes behind the last line, or
 * into the line where it belongs, so that line numbers stay.
 */
function withLinkage(
  source: string,
  facts: SourceFacts,
  path: string,
  { defines, headers }: SourceContext,
): string {
  const { insertions, footer } = headers.has(path)
    ? { insertions: [], footer: '' }
    : findCallSites(source, callSiteFile(path), defines.DEBUG !== undefined)
  const namespace = defines.DEFAULT_SYMBOL_NAMESPACE
  for (const { name, end, inNamespace } of facts.exportSymbols) {
    const given =
      inNamespace || namespace === undefined ? '' : `, ${JSON.stringify(namespace)}`
    const comma = /,\s*$/.test(source.slice(0, end)) ? '' : ', '
    insertions.push({ at: end, text: `${comma}"${name}", () => ${name}${given}` })
  }
  let code = source
  for (const { at, text } of insertions.toSorted((a, b) => b.at - a.at))
    code = code.slice(0, at) + text + code.slice(at)
  const own = facts.ownExterns.filter(name => !(name in defines))
  const imports = [...facts.exportedExterns, ...own].map(
    name => `import { ${name} } from "vmlinux:${name}";`,
  )
  const exports = facts.exportedExterns.map(name => `export { ${name} };`)
  return [code, ...imports, ...exports, footer].join('\n')
}

function removeTypes(
  code: string,
  path: string,
  context: SourceContext,
): Promise<TransformResult<{ sourcemap: 'external' }>> {
  return transform(code, {
    loader: 'ts',
    target: 'es2023',
    sourcemap: 'external',
    sourcesContent: false,
    sourcefile: path,
    logLevel: 'silent',
    // Imports of values stay even when unused, so that wrong names in them are noticed.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    define: {
      ...undeclaredMarks(code, context.globals, context.headers.has(path)),
      ...(context.headers.has(path) ? {} : macros(context.defines)),
    },
  })
}

/**
 * Let esbuild find the names that nobody declared: a `define` replaces a name only where it
 * is bound to nothing, so define a mark for each word of the file.
 */
function undeclaredMarks(
  code: string,
  globals: ReadonlySet<string>,
  isHeader: boolean,
): Record<string, string> {
  const marks: Record<string, string> = {}
  for (const word of new Set(code.match(/[A-Za-z_$][\w$]*/g))) {
    if (globals.has(word) || RESERVED.has(word)) continue
    if (isHeader && word === '__this_module') continue
    marks[word] = UNDECLARED + word
  }
  return marks
}

function macros(defines: Defines): Record<string, string> {
  return Object.fromEntries(
    Object.entries(defines).map(([name, value]) => [name, literal(value)]),
  )
}

const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum ' +
    'export extends false finally for function if implements import in instanceof interface let ' +
    'new null package private protected public return static super switch this throw true try ' +
    'typeof var void while with yield'
  ).split(' '),
)

function inlineMap({ code, map }: TransformResult): string {
  const encoded = Buffer.from(map).toString('base64')
  return `${code}//# sourceMappingURL=data:application/json;base64,${encoded}\n`
}

/** `typeof NAME` may ask whether there is a macro NAME. */
const UNDECLARED_USE = /(?<!typeof )__undeclared\$([\w$]+)/g

/** One error for each undeclared name, where it is used first, as gcc does. */
function undeclared(
  file: SourceFile,
  code: string,
  context: SourceContext,
): Diagnostic[] {
  const errors = new Map<string, Diagnostic>()
  for (const [line, text] of code.split('\n').entries()) {
    for (const { 1: name = '', index } of text.matchAll(UNDECLARED_USE)) {
      if (errors.has(name)) continue
      const note = includeHint(name, context.headers)
      errors.set(name, {
        ...originalPlace(file, line, index, context),
        severity: 'error',
        text: `'${name}' undeclared`,
        length: name.length,
        ...(note !== undefined && { note }),
      })
    }
  }
  return [...errors.values()]
}

function includeHint(name: string, headers: Headers): string | undefined {
  const [header] = headers.declaring(name)
  if (header === undefined) return undefined
  return `'${name}' is declared in '${header}'; did you forget to import it?`
}

/** Where line and column (from 0) of the file's JavaScript come from. */
export function originalPlace(
  file: SourceFile,
  line: number,
  column: number,
  context: Pick<SourceContext, 'shown'>,
): Pick<Diagnostic, 'file' | 'line' | 'column' | 'lineText'> {
  const shown = { file: context.shown(file.path) }
  const entry = file.map.findEntry(line, column)
  if (!('originalLine' in entry)) return shown

  const lineText = file.source.split('\n')[entry.originalLine]
  return {
    ...shown,
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
    ...(lineText !== undefined && { lineText }),
  }
}

function syntaxErrors(
  error: unknown,
  path: string,
  context: SourceContext,
): Diagnostic[] {
  if (!isTransformFailure(error)) throw error
  return error.errors.map(({ text, location }) => ({
    file: context.shown(path),
    severity: 'error',
    text,
    ...(location && {
      line: location.line,
      column: location.column + 1,
      length: location.length,
      lineText: location.lineText,
    }),
  }))
}

function isTransformFailure(error: unknown): error is TransformFailure {
  return error instanceof Error && 'errors' in error
}
