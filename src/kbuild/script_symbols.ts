// Finds the top-level functions of a compiled script, for the symbol table.

/** Offset and size in bytes, as a symbol has them. */
export interface ScriptFunction {
  value: number
  size: number
}

/**
 * The driver's own functions by name; those that came in from headers are macros to C and no
 * symbols. esbuild heads the part of each file with a comment that names it, writes each
 * top-level function from the first column on, ends it with a brace in the first column, and
 * writes ASCII only, so offsets in text are bytes.
 */
export function functionsIn(script: string): Map<string, ScriptFunction> {
  const functions = new Map<string, ScriptFunction>()
  let inHeader = false
  for (const match of script.matchAll(FILE_OR_FUNCTION)) {
    const [, file, name] = match
    if (file !== undefined) inHeader = file.startsWith('include/')
    if (name === undefined || inHeader) continue

    const end = script.indexOf('\n}', match.index)
    const size = end < 0 ? 0 : end + 2 - match.index
    functions.set(name, { value: match.index, size })
  }
  return functions
}

const FILE_OR_FUNCTION = /^\/\/ (.+\.ts)$|^(?:async )?function\*? ([\w$]+)\(/gm
