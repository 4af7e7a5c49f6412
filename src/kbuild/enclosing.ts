// The name of the function that a place in a file lies in: __func__ of C. Looks at brackets and at
// what stands before them; nothing is parsed.

/** An open bracket, and the text since the last statement or comma in it, without nested ones. */
interface Frame {
  text: string
  /** The function whose body this is; undefined for any other bracket. */
  func: string | undefined
}

/** For each of `offsets`, in order, its function in `masked` (see maskSource()); "" for none. */
export function enclosingFunctions(masked: string, offsets: readonly number[]): string[] {
  const frames: Frame[] = [{ text: '', func: undefined }]
  const names: string[] = []
  for (let at = 0; names.length < offsets.length && at <= masked.length; at++) {
    while (offsets[names.length] === at) names.push(nameAt(frames))
    step(frames, masked.charAt(at))
  }
  return names
}

const CLOSED: Record<string, string> = { ')': '()', ']': '[]', '}': '{}' }

function step(frames: Frame[], char: string): void {
  const top = frames.at(-1)
  if (!top) return
  if (char === '(' || char === '[' || char === '{') {
    frames.push({ text: '', func: char === '{' ? functionName(top.text) : undefined })
  } else if (char in CLOSED) {
    const closed = frames.length > 1 ? frames.pop() : undefined
    const outer = frames.at(-1)
    // A function's body ends whatever it was part of; other brackets are part of what goes on.
    if (outer) outer.text = closed?.func === undefined ? outer.text + CLOSED[char] : ''
  } else if (char === ';' || char === ',') {
    top.text = ''
  } else {
    top.text += char
  }
}

/** The innermost function with a name; V8's word for those without. */
function nameAt(frames: readonly Frame[]): string {
  for (const { text, func } of frames.toReversed()) {
    const name = arrowName(text) ?? func
    if (name !== undefined) return name
  }
  return frames.length > 1 ? '<anonymous>' : ''
}

/** `text` stands before a brace: whose body begins there? */
function functionName(text: string): string | undefined {
  if (/[<:|&=]\s*$/.test(text)) return undefined // a type, or a value
  const declared = /\bfunction\s*\*?\s*([\w$]+)\s*(?:<[^{}]*>)?\s*\(\)[^]*$/.exec(text)
  if (declared) return declared[1]
  const assigned = /([\w$]+)\s*[:=]\s*(?:async\s+)?function\s*\*?\s*\(\)[^]*$/.exec(text)
  if (assigned) return assigned[1]
  if (/=>\s*$/.test(text)) return arrowName(text)
  const [, method] = /(#?[\w$]+)\s*(?:<[^{}]*>)?\(\)\s*(?::[^=]*)?$/.exec(text) ?? []
  return method === undefined || KEYWORDS.has(method) ? undefined : method
}

const KEYWORDS = new Set('if for while switch catch with function return'.split(' '))

/**
 * `const name = () => …`, `name: () => …`: the name. A body that is an expression is taken to end
 * with its line.
 */
function arrowName(text: string): string | undefined {
  const head = /^([^]*)=>\s*[^\n]*$/.exec(text)?.[1]
  if (head === undefined) return undefined
  const constant = /[^]*\b(?:const|let|var)\s+([\w$]+)/.exec(head)
  return constant?.[1] ?? /([\w$]+)\s*[:=]\s*(?:async\s*)?(?:\(\)|[\w$]+)/.exec(head)?.[1]
}
