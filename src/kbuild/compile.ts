// TypeScript → one script, with the list of symbols it needs from elsewhere.
//
// The rule, as for `extern` in C: a name declared without a body is an undefined symbol. In
// the script it is `require("vmlinux:NAME").NAME`, read anew at each use, so that variables
// such as jiffies have their present value. Symbols that are imported but not used vanish.
import { build } from 'esbuild'
import type { BuildFailure, BuildResult, Message, Plugin } from 'esbuild'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Defines } from './flags.ts'
import { KbuildError } from './errors.ts'
import type { Diagnostic } from './errors.ts'
import { languageGlobals, localGlobals } from './globals.ts'
import type { Headers } from './headers.ts'
import { loadSourceFile, originalPlace } from './source_file.ts'
import type { SourceContext, SourceFile } from './source_file.ts'

export interface CompileOptions {
  /** The module's files, absolute; evaluated in this order. */
  sources: readonly string[]
  /** Files the module may import lie in this folder or below. */
  folder: string
  headers: Headers
  /** Macros of the build, -DNAME=value. */
  defines?: Defines
  /** How to name a file to people. */
  shown: (path: string) => string
}

export interface CompiledScript {
  /** The body of a function (require, module, exports, __this_module). */
  script: string
  /** JSON, version 3. Sources are named from the parent of the driver's folder on. */
  sourceMap: string
  /** The symbols it requires, in order. */
  undefined: string[]
  /** Every file that went in, absolute. */
  inputs: string[]
  /** For each EXPORT_SYMBOL: how the symbol is declared. */
  signatures: Map<string, string>
  warnings: Diagnostic[]
  /** JavaScript of each of `sources`, before they were joined. */
  files: Map<string, string>
}

/** Throws KbuildError with file:line:column. */
export async function compile(options: CompileOptions): Promise<CompiledScript> {
  const files = new Map<string, SourceFile>()
  const globals = languageGlobals()
  const { headers, shown, defines = {} } = options
  const context = { headers, shown, globals, defines }
  const result = await bundle(options, files, context)

  const errors = [...files.values()].flatMap(file => file.errors)
  if (errors.length > 0) throw KbuildError.at(errors)

  const [map, code] = result.outputFiles
  if (!map || !code) throw new Error('Cannot compile: esbuild gave no output')
  const banner = localGlobals(code.text, globals)
  return {
    script: `"use strict";${banner}\n${withShortNames(code.text, options)}`,
    sourceMap: shiftedMap(map.text, options),
    undefined: externalImports(result),
    inputs: [...files.keys()].toSorted(),
    signatures: signatures(files),
    warnings: result.warnings.map(message => diagnostic(message, files, options)),
    files: new Map([...files].map(([path, file]) => [path, withoutMap(file.code)])),
  }
}

function withoutMap(code: string): string {
  return code.replace(/^\/\/# sourceMappingURL=.*\n/m, '')
}

async function bundle(
  options: CompileOptions,
  files: Map<string, SourceFile>,
  context: SourceContext,
): Promise<BuildResult<{ write: false; metafile: true }>> {
  try {
    return await build({
      stdin: {
        contents: options.sources
          .map(path => `import ${JSON.stringify(path)};\n`)
          .join(''),
        resolveDir: options.folder,
      },
      absWorkingDir: options.folder,
      bundle: true,
      write: false,
      outfile: join(options.folder, 'module.js'),
      format: 'cjs',
      platform: 'neutral',
      target: 'es2023',
      sourcemap: 'external',
      sourcesContent: false,
      metafile: true,
      logLevel: 'silent',
      logOverride: { 'import-is-undefined': 'error', 'assign-to-import': 'error' },
      plugins: [linkagePlugin(options, files, context)],
    })
  } catch (error) {
    throw KbuildError.at(allErrors(error, files, options))
  }
}

/** Decides what an import may name, and gives esbuild each file as JavaScript. */
function linkagePlugin(
  options: CompileOptions,
  files: Map<string, SourceFile>,
  context: SourceContext,
): Plugin {
  return {
    name: 'linkage',
    setup(build) {
      build.onResolve({ filter: /^vmlinux:/ }, ({ path }) => ({
        path,
        external: true,
        sideEffects: false,
      }))
      build.onResolve({ filter: /^#linux\// }, ({ path }) => {
        const file = options.headers.resolve(path.slice('#linux/'.length))
        return file ? { path: file } : { errors: [{ text: `${path}: ${NO_SUCH_FILE}` }] }
      })
      build.onResolve({ filter: /^[^#]/ }, ({ path, importer }) => {
        if (importer === '<stdin>') return { path }
        if (mayImport(path, importer, options)) return undefined
        return { errors: [{ text: `Cannot import "${path}": ${ONLY_OWN_FILES}` }] }
      })
      build.onLoad({ filter: /./, namespace: 'file' }, async ({ path }) => {
        const file = await loadSourceFile(path, context)
        files.set(path, file)
        return { contents: file.code, loader: 'js' }
      })
    },
  }
}

const NO_SUCH_FILE = 'No such file or directory'
const ONLY_OWN_FILES = 'drivers can only import #linux/* and their own files'

function mayImport(path: string, importer: string, options: CompileOptions): boolean {
  if (!path.startsWith('./') && !path.startsWith('../')) return false

  const target = resolve(dirname(importer), path)
  if (options.headers.has(importer)) return options.headers.has(target)
  return target.startsWith(options.folder + sep)
}

function externalImports(result: BuildResult<{ metafile: true }>): string[] {
  return Object.values(result.metafile.outputs)
    .flatMap(output => output.imports)
    .filter(({ external, path }) => external && path.startsWith('vmlinux:'))
    .map(({ path }) => path.slice('vmlinux:'.length))
}

function signatures(files: ReadonlyMap<string, SourceFile>): Map<string, string> {
  return new Map(
    [...files.values()]
      .flatMap(file => file.facts.exportSymbols)
      .map(({ name, signature }) => [name, signature]),
  )
}

/** esbuild heads the part of each file with its path: show what the source map says. */
function withShortNames(code: string, options: CompileOptions): string {
  return code.replace(
    /^\/\/ (.+\.ts)$/gm,
    (_, path: string) => `// ${sourceName(path, options)}`,
  )
}

/** The map as it is with one line more at the start, and sources named for people. */
function shiftedMap(map: string, options: CompileOptions): string {
  const parsed = JSON.parse(map) as { sources: string[]; mappings: string }
  const sources = parsed.sources.map(source => sourceName(source, options))
  return JSON.stringify({ ...parsed, sources, mappings: `;${parsed.mappings}` })
}

/** A path as esbuild gives it (from the driver's folder on) without the builder's folders. */
function sourceName(path: string, options: CompileOptions): string {
  const file = resolve(options.folder, path)
  const base = options.headers.has(file) ? options.headers.include : options.folder
  return relative(dirname(base), file)
}

/** What we found and what esbuild found, file by file. After a syntax error the rest is noise. */
function allErrors(
  error: unknown,
  files: ReadonlyMap<string, SourceFile>,
  options: CompileOptions,
): Diagnostic[] {
  if (!(error instanceof Error && 'errors' in error)) throw error

  const own = [...files.values()].flatMap(file => file.errors)
  const broken = [...files.values()].some(file => file.code === '')
  if (broken && own.length > 0) return own

  const found = (error as BuildFailure).errors.map(message =>
    diagnostic(message, files, options),
  )
  return [...own, ...found].toSorted(
    (a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0),
  )
}

/** esbuild saw JavaScript: take the message back to the TypeScript it came from. */
function diagnostic(
  message: Message,
  files: ReadonlyMap<string, SourceFile>,
  options: CompileOptions,
): Diagnostic {
  const { location } = message
  const severity = message.text.endsWith(NO_SUCH_FILE) ? 'fatal error' : 'error'
  const path = location && resolve(options.folder, location.file)
  const file = path ? files.get(path) : undefined
  if (!location || !file) {
    return { file: options.shown(path ?? options.folder), severity, text: message.text }
  }
  const note = typeHint(message.text, files, options)
  return {
    ...originalPlace(file, location.line - 1, location.column, options),
    severity,
    text: shortPaths(message.text, files, options),
    length: location.length,
    ...(note !== undefined && { note }),
  }
}

/** esbuild quotes paths from the driver's folder on. */
function shortPaths(
  text: string,
  files: ReadonlyMap<string, SourceFile>,
  options: CompileOptions,
): string {
  return text.replace(/"([^"]+\.ts)"/g, (whole, name: string) => {
    const path = resolve(options.folder, name)
    return files.has(path) ? `"${options.shown(path)}"` : whole
  })
}

/** Importing a type as if it were a value is a frequent slip with a simple cure. */
function typeHint(
  text: string,
  files: ReadonlyMap<string, SourceFile>,
  options: CompileOptions,
): string | undefined {
  const match = /^No matching export in "(.+)" for import "(.+)"$/.exec(text)
  if (!match) return undefined

  const [, path = '', name = ''] = match
  const source = files.get(resolve(options.folder, path))?.source ?? ''
  const isType = new RegExp(`^export (?:interface|type) ${name}\\b`, 'm').test(source)
  return isType ? `'${name}' is a type: import it with \`import type\`` : undefined
}
