// "name=value name": one word after the other, off a line of parameters. Linux: lib/cmdline.c.

/** What one word says; without an equals sign the value is null. */
export interface Arg {
  name: string
  value: string | null
}

const BLANK = /[\s\v]/

/**
 * The first word of `args`, which does not begin with a blank, and all that comes after it.
 * Blanks separate words, but not within double quotes. Quotes around a whole word or a whole
 * value are taken off; others stay, for whoever reads the value.
 */
export function next_arg(args: string): Arg & { rest: string } {
  const quoted = args.startsWith('"')
  const from = quoted ? 1 : 0
  let inQuotes = quoted
  let equals = -1
  let end = from
  for (; end < args.length && (inQuotes || !BLANK.test(args[end] ?? '')); end++) {
    if (args[end] === '"') inQuotes = !inQuotes
    // A word may begin with "=", which then is part of its name.
    else if (args[end] === '=' && equals < 0 && end > from) equals = end
  }
  const rest = skip_spaces(args.slice(end))
  const word = withoutQuote(args.slice(from, end), quoted)
  if (equals < 0) return { name: word, value: null, rest }
  const value = word.slice(equals - from + 1)
  const bare = value.startsWith('"') ? withoutQuote(value.slice(1), true) : value
  return { name: word.slice(0, equals - from), value: bare, rest }
}

export function skip_spaces(text: string): string {
  return text.replace(/^[\s\v]+/, '')
}

/** Are two names of parameters the same one? Dashes are underscores. */
export function parameq(a: string, b: string): boolean {
  return a.replaceAll('-', '_') === b.replaceAll('-', '_')
}

function withoutQuote(text: string, quoted: boolean): string {
  return quoted && text.endsWith('"') ? text.slice(0, -1) : text
}
