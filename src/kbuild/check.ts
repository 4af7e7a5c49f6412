// Type checking with the `typescript` package, for those who ask for it. It takes a second or
// two, far longer than the build itself, so it is an option, as sparse is for C.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type * as TypeScript from 'typescript'
import { KbuildError } from './errors.ts'
import type { Diagnostic } from './errors.ts'
import type { Headers } from './headers.ts'

export interface CheckOptions {
  /** Absolute. */
  sources: readonly string[]
  headers: Headers
  /** How to name a file to people. */
  shown: (path: string) => string
}

/** Throws KbuildError with the mistakes in `sources` and in what they import but for headers. */
export async function checkTypes(options: CheckOptions): Promise<void> {
  const { default: ts } = await loadTypeScript()
  const program = ts.createProgram(
    [...options.sources],
    compilerOptions(ts, options.headers),
  )
  const errors = program
    .getSourceFiles()
    .filter(file => !isForeign(file.fileName, options.headers))
    .flatMap(file => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ])
    .map(diagnostic => toDiagnostic(ts, diagnostic, options))
  if (errors.length > 0) throw KbuildError.at(errors)
}

async function loadTypeScript(): Promise<{ default: typeof TypeScript }> {
  try {
    return (await import('typescript')) as unknown as { default: typeof TypeScript }
  } catch {
    throw new KbuildError('Cannot check types: the "typescript" package is not installed')
  }
}

function isForeign(file: string, headers: Headers): boolean {
  const kernel = dirname(headers.include)
  return file.includes('/node_modules/') || file.startsWith(`${kernel}/`)
}

function compilerOptions(
  ts: typeof TypeScript,
  headers: Headers,
): TypeScript.CompilerOptions {
  const nodeTypes = join(dirname(headers.include), '..', 'node_modules', '@types')
  return {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    // Drivers are bundled: whether a package.json nearby calls them modules is no matter.
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    paths: { '#linux/*': [join(headers.include, 'linux', '*.ts')] },
    // The kernel behind the headers is written for Node.
    ...(existsSync(nodeTypes)
      ? { typeRoots: [nodeTypes], types: ['node'] }
      : { types: [] }),
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
  }
}

function toDiagnostic(
  ts: typeof TypeScript,
  { file, start, length, messageText, code }: TypeScript.Diagnostic,
  options: CheckOptions,
): Diagnostic {
  const text = `${ts.flattenDiagnosticMessageText(messageText, '\n  ')} [TS${code}]`
  if (!file || start === undefined) return { file: 'kbuild', severity: 'error', text }

  const { line, character } = file.getLineAndCharacterOfPosition(start)
  const lineText = file.text.split('\n')[line]
  return {
    file: options.shown(file.fileName),
    line: line + 1,
    column: character + 1,
    severity: 'error',
    text,
    ...(length !== undefined && { length }),
    ...(lineText !== undefined && { lineText }),
  }
}
