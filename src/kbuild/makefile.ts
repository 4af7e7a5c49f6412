// Reads the part of make's language that Kbuild files and stock module Makefiles use:
// assignments, $(VAR), continuation lines, comments and conditionals. Rules are skipped.
import { KbuildError } from './errors.ts'

/** Variables of a file, with what `$(…)` in their values stood for where it could be told. */
export class Makefile {
  readonly file: string
  readonly #values = new Map<string, { value: string; line: number }>()

  /** `file` is its name for people. `defines` are there from the start. */
  constructor(text: string, file: string, defines: Record<string, string> = {}) {
    this.file = file
    for (const [name, value] of Object.entries(defines)) {
      this.#values.set(name, { value, line: 0 })
    }
    this.#read(text)
  }

  /** Names of all variables that were assigned. */
  names(): string[] {
    return [...this.#values.keys()]
  }

  /** The words of a variable; none if it was never assigned. */
  words(name: string): string[] {
    const variable = this.#values.get(name)
    if (!variable) return []

    const value = this.#expand(variable.value)
    if (value.includes('$(')) {
      throw new KbuildError(
        `${this.file}:${variable.line}: error: Cannot expand "${value}": ` +
          'only plain variables can be used here',
      )
    }
    return value.split(/\s+/).filter(word => word !== '')
  }

  /** Where a variable was assigned last: `Kbuild:3`. */
  place(name: string): string {
    return `${this.file}:${this.#values.get(name)?.line ?? 1}`
  }

  #read(text: string): void {
    const active: boolean[] = []
    for (const { line, number } of logicalLines(text)) {
      const word = /^\s*(\w+)/.exec(line)?.[1] ?? ''
      if (CONDITIONALS.has(word)) this.#conditional(word, line, number, active)
      else if (active.every(Boolean) && !line.startsWith('\t')) this.#assign(line, number)
    }
    if (active.length > 0) throw this.#error(text.split('\n').length, "missing 'endif'")
  }

  #conditional(word: string, line: string, number: number, active: boolean[]): void {
    if (word === 'else' || word === 'endif') {
      const before = active.pop()
      if (before === undefined) throw this.#error(number, `extraneous '${word}'`)
      if (word === 'else') active.push(!before)
      return
    }
    const rest = line.replace(/^\s*\w+\s*/, '')
    active.push(this.#test(word, rest, number))
  }

  #test(word: string, rest: string, number: number): boolean {
    if (word === 'ifdef') return this.#values.has(rest.trim())
    if (word === 'ifndef') return !this.#values.has(rest.trim())

    const match =
      /^\(([^,]*),(.*)\)\s*$/.exec(rest) ?? /^["'](.*)["']\s+["'](.*)["']\s*$/.exec(rest)
    if (!match) throw this.#error(number, `invalid syntax in conditional`)
    const [left = '', right = ''] = match.slice(1).map(side => this.#expand(side).trim())
    return (left === right) === (word === 'ifeq')
  }

  #assign(line: string, number: number): void {
    const match = /^\s*([^\s:=+?#]+)\s*(:{0,3}=|\+=|\?=)\s*(.*)$/.exec(line)
    if (!match) return // a rule, or nothing

    const [, left = '', operator = '', value = ''] = match
    const name = this.#expand(left)
    const old = this.#values.get(name)
    if (operator === '?=' && old) return
    const joined = operator === '+=' && old ? `${old.value} ${value}` : value
    this.#values.set(name, {
      // `=` is expanded when used, all others on the spot, so that a variable may name itself.
      value: operator === '=' ? joined : this.#expand(joined),
      line: number,
    })
  }

  /** Unknown variables are empty; calls of make's functions stay as they are. */
  #expand(text: string, depth = 0): string {
    if (depth > 20) return ''
    return text.replace(/\$\(([\w.-]+)\)|\$\{([\w.-]+)\}/g, (_, a?: string, b?: string) =>
      this.#expand(this.#values.get(a ?? b ?? '')?.value ?? '', depth + 1),
    )
  }

  #error(line: number, text: string): KbuildError {
    return new KbuildError(`${this.file}:${line}: error: ${text}`)
  }
}

const CONDITIONALS = new Set(['ifeq', 'ifneq', 'ifdef', 'ifndef', 'else', 'endif'])

/** Lines without comments, those that end in a backslash joined with the next. */
function logicalLines(text: string): { line: string; number: number }[] {
  const lines: { line: string; number: number }[] = []
  let open: { line: string; number: number } | undefined
  for (const [i, raw] of text.split('\n').entries()) {
    const continued = raw.endsWith('\\')
    const content = continued ? raw.slice(0, -1) : raw
    if (open) open.line += ' ' + content.trim()
    else open = { line: content, number: i + 1 }
    if (continued) continue

    lines.push({ ...open, line: open.line.replace(/(^|\s)#.*$/, '') })
    open = undefined
  }
  return open ? [...lines, open] : lines
}
