// How a name is declared, as text that changes when its type changes: a symbol's CRC is made of it.
// Linux: scripts/genksyms

/**
 * The declaration of `name` in `code` (which has no comments) up to its body or value, with the
 * interfaces and types of this file that it names, and those that they name. Blanks are evened
 * out. `name` alone if it is not declared here.
 */
export function signatureOf(code: string, name: string): string {
  const start = declarationOf(code, name, 'function\\*?|const|let|var|class')
  if (start === undefined) return name

  const seen = new Set([name])
  const parts = [declaration(code, start)]
  for (let i = 0; i < parts.length; i++) {
    for (const [word] of (parts[i] ?? '').matchAll(/[A-Za-z_$][\w$]*/g)) {
      if (seen.has(word)) continue
      seen.add(word)
      const at = declarationOf(code, word, 'interface|type')
      if (at !== undefined) parts.push(typeDeclaration(code, at))
    }
  }
  return parts.map(evenedOut).join('; ')
}

/** Layout counts for nothing: neither blanks nor the comma after a last parameter. */
function evenedOut(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/ ?([(){}[\]<>,;:|&=]) ?/g, '$1')
    .replace(/[,;]([)\]}])/g, '$1')
    .replace(/[,;]$/, '')
    .trim()
}

function declarationOf(code: string, name: string, kinds: string): number | undefined {
  const escaped = name.replaceAll('$', '\\$')
  const pattern = new RegExp(
    `(?<=^|[;}\\n])[ \\t]*(?:export\\s+)?(?:default\\s+)?((?:async\\s+)?(?:${kinds})\\s+${escaped})(?![\\w$])`,
    'd',
  )
  return pattern.exec(code)?.indices?.[1]?.[0]
}

/** A function up to its body; a variable with its type, or the head of the arrow function it is. */
function declaration(code: string, start: number): string {
  const end = endOfType(code, start)
  const head = code.slice(start, end)
  const value = code.slice(end).replace(/^=/, '')
  if (!code.startsWith('=', end) || !/^\s*(async\s*)?[(<]/.test(value)) return head

  const arrow = endOfType(code, end + 1, true)
  return code.startsWith('=>', arrow) ? head + code.slice(end, arrow) : head
}

function typeDeclaration(code: string, start: number): string {
  const equals = /^type\s[^={]*=/.exec(code.slice(start))
  if (equals) return code.slice(start, endOfType(code, start + equals[0].length))

  const brace = code.indexOf('{', start)
  return code.slice(start, brace < 0 ? start : endOfBraces(code, brace))
}

/**
 * Where what is declared at `from` has its body, its value or its end. Braces that follow a colon
 * or an operator are a type.
 */
function endOfType(code: string, from: number, stopAtArrow = false): number {
  let depth = 0
  for (let at = from; at < code.length; at++) {
    const c = code.charAt(at)
    if (c === '=' && code.charAt(at + 1) === '>') {
      if (stopAtArrow && depth === 0) return at
      at++
    } else if ('([<'.includes(c)) depth++
    else if (')]>'.includes(c)) depth--
    else if (c === '{') {
      if (depth === 0 && !/(?:^|[:|&<,=>])\s*$/.test(code.slice(from, at))) return at
      at = endOfBraces(code, at) - 1
    } else if (depth === 0 && endsDeclaration(code, from, at)) return at
  }
  return code.length
}

function endsDeclaration(code: string, from: number, at: number): boolean {
  const c = code.charAt(at)
  if (c === '=' || c === ';') return true
  if (c !== '\n') return false
  const before = code.slice(from, at)
  return !/[,:|&=>]\s*$/.test(before) && !/^\s*[,:|&=.[(<{]/.test(code.slice(at))
}

function endOfBraces(code: string, open: number): number {
  let depth = 0
  for (let at = open; at < code.length; at++) {
    if (code.charAt(at) === '{') depth++
    if (code.charAt(at) === '}' && --depth === 0) return at + 1
  }
  return code.length
}
