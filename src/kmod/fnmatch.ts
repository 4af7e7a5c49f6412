// fnmatch(3) without flags: `*`, `?`, `[a-z]`, `[!a-z]`, and a backslash before what is meant as is.

/** Does all of `text` fit `pattern`? */
export function fnmatch(pattern: string, text: string): boolean {
  const pieces = parse(pattern)
  // Where to go on if what follows the last star does not fit: one character later.
  let star = -1
  let retry = 0
  let piece = 0
  let at = 0
  while (at < text.length) {
    const wanted = pieces[piece]
    if (wanted === '*') {
      star = piece++
      retry = at
    } else if (wanted?.(text[at] ?? '')) {
      piece++
      at++
    } else if (star >= 0) {
      piece = star + 1
      at = ++retry
    } else return false
  }
  return pieces.slice(piece).every(rest => rest === '*')
}

/** Fits one character, or is the star. */
type Piece = '*' | ((char: string) => boolean)

function parse(pattern: string): Piece[] {
  const pieces: Piece[] = []
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? ''
    const end = char === '[' ? bracketEnd(pattern, at) : -1
    if (char === '*') pieces.push('*')
    else if (char === '?') pieces.push(() => true)
    else if (end > 0) {
      pieces.push(bracket(pattern.slice(at + 1, end)))
      at = end
    } else if (char === '\\' && at + 1 < pattern.length) {
      pieces.push(exactly(pattern[++at] ?? ''))
    } else pieces.push(exactly(char))
  }
  return pieces
}

function exactly(wanted: string): Piece {
  return char => char === wanted
}

/** Where the bracket that opens at `at` is closed; -1 if it is not, and so means itself. */
function bracketEnd(pattern: string, at: number): number {
  const first = /[!^]/.test(pattern[at + 1] ?? '') ? at + 2 : at + 1
  return pattern.indexOf(']', first + 1) // a ] that comes first is one of the characters
}

function bracket(set: string): Piece {
  const negated = /^[!^]/.test(set)
  const ranges = (negated ? set.slice(1) : set).match(/.-.|./gs) ?? []
  return char =>
    negated !==
    ranges.some(range => (range[0] ?? '') <= char && char <= (range.at(-1) ?? ''))
}
