// What kbuild throws, and how a mistake at a place in a file is shown: as gcc shows it.

/** A mistake in a source file. Lines and columns count from 1. */
export interface Diagnostic {
  /** As people should see it. */
  file: string
  line?: number
  column?: number
  severity: 'error' | 'fatal error' | 'warning'
  text: string
  /** The source line, to show under the message. */
  lineText?: string
  /** How many characters the mistake spans. */
  length?: number
  note?: string
}

/** A build that failed. `message` is all there is to say, ready to print. */
export class KbuildError extends Error {
  override readonly name = 'KbuildError'
  /** Empty where no file is to blame, as for modpost's errors. */
  readonly diagnostics: readonly Diagnostic[]

  constructor(message: string, diagnostics: readonly Diagnostic[] = []) {
    super(message)
    this.diagnostics = diagnostics
  }

  static at(diagnostics: readonly Diagnostic[]): KbuildError {
    return new KbuildError(diagnostics.map(formatDiagnostic).join('\n'), diagnostics)
  }
}

/** `hello.ts:5:14: error: text`, then the line with a mark under the mistake. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, text, note } = diagnostic
  const place = [file, line, column].filter(part => part !== undefined).join(':')
  const lines = [`${place}: ${severity}: ${text}`, ...excerpt(diagnostic)]
  if (note !== undefined) lines.push(`${place}: note: ${note}`)
  return lines.join('\n')
}

function excerpt({ line, column, lineText, length = 1 }: Diagnostic): string[] {
  if (line === undefined || column === undefined || lineText === undefined) return []

  const tabs = lineText.slice(0, column - 1).replace(/[^\t]/g, ' ')
  const mark = '^' + '~'.repeat(Math.max(0, Math.min(length, lineText.length) - 1))
  return [`${String(line).padStart(5)} | ${lineText}`, `      | ${tabs}${mark}`]
}
