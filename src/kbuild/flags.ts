// Compiler flags of a Kbuild file: of ccflags-y and the like, the macros count, and nothing else.

/** C's name of a macro, and what it stands for. */
export type Defines = Record<string, string>

/**
 * The macros that `-DNAME`, `-D NAME=value` and `-UNAME` leave. All other flags are for a compiler
 * that is not ours, and say nothing here.
 */
export function definesIn(flags: readonly string[]): Defines {
  const defines: Defines = {}
  for (const [i, flag] of flags.entries()) {
    const [, kind, rest = ''] = /^-([DU])(.*)$/.exec(flag) ?? []
    if (kind === undefined) continue

    const [, name = '', value] =
      /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(rest || (flags[i + 1] ?? '')) ?? []
    if (name === '') continue
    if (kind === 'U') delete defines[name]
    else defines[name] = value ?? '1'
  }
  return defines
}

/** The words of a line as the shell takes them: quotes keep blanks together and fall off. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs)].map(
    ([word]) => word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs, unquoted),
  )
}

function unquoted(_: string, single?: string, double?: string, escaped?: string): string {
  return single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? ''
}

/**
 * What a macro is in TypeScript: a number, a string, true or another name; a text where C would
 * have an expression.
 */
export function literal(value: string): string {
  if (/^(0[xX][\da-fA-F]+|\d+)[uUlL]*$/.test(value)) {
    return String(Number(value.replace(/[uUlL]+$/, '')))
  }
  if (/^-?\d+(\.\d+)?$/.test(value) || /^"([^"\\]|\\.)*"$/.test(value)) return value
  return /^[A-Za-z_$][\w$]*$/.test(value) ? value : JSON.stringify(value)
}
