// modules.builtin.modinfo: what the modules that are part of the kernel say about themselves.

import type { ModinfoEntry } from '../elf/modinfo.ts'

/** "module.tag=value", each with a NUL behind it. Those of one module stand together. */
export function builtinModinfo(file: Uint8Array, module: string): ModinfoEntry[] {
  const entries = Buffer.from(file).toString().split('\0')
  const prefix = `${module}.`
  const first = entries.findIndex(entry => entry.startsWith(prefix))
  if (first < 0) return []
  const rest = entries.slice(first)
  const end = rest.findIndex(entry => !entry.startsWith(prefix))
  return rest.slice(0, end < 0 ? rest.length : end).map(entry => split(entry, prefix))
}

/** The file's contents. */
export function encodeBuiltinModinfo(
  modules: ReadonlyMap<string, readonly ModinfoEntry[]>,
): Uint8Array {
  const texts = [...modules].flatMap(([module, entries]) =>
    entries.map(([tag, value]) => `${module}.${tag}=${value}\0`),
  )
  return Buffer.from(texts.join(''))
}

function split(entry: string, prefix: string): ModinfoEntry {
  const text = entry.slice(prefix.length)
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
