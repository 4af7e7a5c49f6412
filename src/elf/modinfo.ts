// .modinfo: what a module says about itself, as NUL-terminated `tag=value` in order.
import { ByteReader, ByteWriter } from '../lib/bytes.ts'

export type ModinfoEntry = [tag: string, value: string]

export function encodeModinfo(entries: readonly ModinfoEntry[]): Uint8Array {
  const section = new ByteWriter()
  for (const [tag, value] of entries) section.cstring(`${tag}=${value}`)
  return section.done()
}

/** Entries in order. Empty strings are padding; one without `=` is a tag without value. */
export function decodeModinfo(section: Uint8Array): ModinfoEntry[] {
  const reader = new ByteReader(section)
  const entries: ModinfoEntry[] = []
  while (reader.remaining > 0) {
    const text = nextString(reader)
    if (text !== '') entries.push(split(text))
  }
  return entries
}

/** The value of the first `tag`. */
export function modinfoValue(
  entries: readonly ModinfoEntry[],
  tag: string,
): string | undefined {
  return entries.find(([name]) => name === tag)?.[1]
}

/** The last string may lack its NUL. */
function nextString(reader: ByteReader): string {
  const terminated = reader.bytes.indexOf(0, reader.offset) >= 0
  return terminated ? reader.cstring() : reader.fixed(reader.remaining)
}

function split(text: string): ModinfoEntry {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
