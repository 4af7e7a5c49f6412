// How the script of a module lies in its sections, and how it is put together again.
//
// A compiler leaves code where it belongs: .init.text, which is given back after init, .exit.text,
// the strings of messages, and all the rest. The script is laid out in the same way. `.script` lists
// its pieces in order, so that what is put together is the script that was taken apart, byte for
// byte: stack traces and the source map count its lines.
//
// Each section is used up from its start to its end. So a file that nobody vouches for cannot
// make more of its bytes than there are.
import { ByteReader, ByteWriter, BytesError } from '../lib/bytes.ts'
import { SECTION } from './module_layout.ts'

const { text, initText, exitText, strings } = SECTION

/** Where a piece can be: `.script` has the index. */
const PIECE_SECTIONS = [text, initText, exitText, strings] as const
export type PieceSection = (typeof PIECE_SECTIONS)[number]

/** Offsets in the script, in bytes. */
export interface ScriptPiece {
  section: PieceSection
  start: number
  end: number
}

/** A piece that has its place. */
export interface PlacedPiece extends ScriptPiece {
  /** Offset in its section. */
  at: number
}

export interface SplitScript {
  /** `.script`: u32 index of the section, u32 bytes there, for each piece. */
  table: Uint8Array
  /** Those that hold something. */
  sections: Map<PieceSection, Uint8Array>
  pieces: PlacedPiece[]
}

/**
 * Take a script apart. The pieces cover it in order. One in `.rodata.str1.1` has to be a literal
 * as literalOf() writes it.
 */
export function splitScript(
  script: Uint8Array,
  pieces: readonly ScriptPiece[],
): SplitScript {
  const table = new ByteWriter(pieces.length * 8)
  const writers = new Map<PieceSection, ByteWriter>()
  const placed: PlacedPiece[] = []
  for (const piece of pieces) {
    const { section } = piece
    const writer = writers.get(section) ?? new ByteWriter()
    writers.set(section, writer)
    const at = writer.length
    const bytes = script.subarray(piece.start, piece.end)
    if (section === strings) writer.cstring(JSON.parse(latin1(bytes)) as string)
    else writer.put(bytes)
    table.u32(PIECE_SECTIONS.indexOf(section)).u32(writer.length - at)
    placed.push({ ...piece, at })
  }
  const sections = new Map<PieceSection, Uint8Array>()
  for (const name of PIECE_SECTIONS) {
    const writer = writers.get(name)
    if (writer) sections.set(name, writer.done())
  }
  return { table: table.done(), sections, pieces: placed }
}

/** Put a script together. Throws BytesError if `.script` does not fit the sections. */
export function joinScript(data: (section: string) => Uint8Array): string {
  const table = new ByteReader(data(SECTION.script))
  const readers = PIECE_SECTIONS.map(name => new ByteReader(data(name)))
  const pieces: Uint8Array[] = []
  while (table.remaining > 0) {
    const index = table.u32()
    const reader = readers[index]
    if (!reader) throw new BytesError(`${SECTION.script} names section ${index}`)
    const piece = reader.take(table.u32())
    pieces.push(PIECE_SECTIONS[index] === strings ? literalIn(piece) : piece)
  }
  for (const [index, { remaining }] of readers.entries()) {
    if (remaining === 0) continue
    const name = PIECE_SECTIONS[index]
    throw new BytesError(`${remaining} bytes of ${name} are in no piece of the script`)
  }
  return Buffer.concat(pieces).toString()
}

/** The one way in which a string that is kept apart is written in the script. */
export function literalOf(string: string): string {
  return JSON.stringify(string)
}

function literalIn(piece: Uint8Array): Uint8Array {
  const end = piece.indexOf(0)
  if (end < 0 || end !== piece.length - 1) {
    throw new BytesError(`${strings} has a string of ${piece.length} bytes without end`)
  }
  return Buffer.from(literalOf(latin1(piece.subarray(0, end))), 'latin1')
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
