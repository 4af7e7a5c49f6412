// Bytes as tests write them: rows of hex digits, a comment behind each.

/** The bytes of `rows`; blanks are for the reader. */
export function bytesOf(...rows: string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(rows.join('').replaceAll(' ', ''), 'hex'))
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
