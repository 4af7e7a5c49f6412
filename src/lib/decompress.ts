// Files that gzip, xz and zstd have made, by their first bytes.

import { createRequire } from 'node:module'
import { gunzipSync } from 'node:zlib'
import type * as xz from 'xz-decompress'

// A CommonJS package whose exports import() does not see alike under every loader of TypeScript.
const requireModule = createRequire(import.meta.url)

/** As many bytes say how a file is compressed. */
export const MAGIC_MAX = 6

export interface Compression {
  readonly name: 'gzip' | 'xz' | 'zstd'
  readonly magic: string
  /** What the file held. Rejects with an Error if it is damaged. */
  readonly unpack: (file: Uint8Array) => Promise<Uint8Array>
}

/** The decompressors are loaded when they are needed. */
const COMPRESSIONS: readonly Compression[] = [
  { name: 'gzip', magic: '1f8b', unpack: async file => gunzipSync(file) },
  { name: 'xz', magic: 'fd377a585a00', unpack: unxz },
  { name: 'zstd', magic: '28b52ffd', unpack: unzstd },
]

/** How `file` is compressed; undefined if it is not. */
export function compressionOf(file: Uint8Array): Compression | undefined {
  const start = Buffer.from(file.subarray(0, MAGIC_MAX)).toString('hex')
  return COMPRESSIONS.find(({ magic }) => start.startsWith(magic))
}

async function unzstd(file: Uint8Array): Promise<Uint8Array> {
  const { decompress } = await import('fzstd')
  return decompress(file)
}

async function unxz(file: Uint8Array): Promise<Uint8Array> {
  const { XzReadableStream } = requireModule('xz-decompress') as typeof xz
  const compressed = new Blob([new Uint8Array(file)]).stream()
  const plain = new Response(new XzReadableStream(compressed))
  return new Uint8Array(await plain.arrayBuffer())
}
