// The bytes of a .ko: what the sources give and what modpost adds, joined, with a build id.
import { createHash } from 'node:crypto'
import { SECTION } from '../elf/module_layout.ts'
import type { ElfSectionSpec } from '../elf/writer.ts'
import { NT_GNU_BUILD_ID, SHF_ALLOC, SHT_NOTE } from '../include/uapi/elf.ts'
import { ByteWriter } from '../lib/bytes.ts'
import { joined, partFile } from './part.ts'
import type { Part } from './part.ts'

/** The same parts give the same bytes. */
export function moduleFile(source: Part, modpost: Part, machine: number): Uint8Array {
  const part = joined(source, modpost)
  return partFile({ ...part, sections: [buildId(part), ...part.sections] }, machine)
}

/** A note with a hash of everything else, which tells builds apart. */
function buildId({ sections }: Part): ElfSectionSpec {
  const hash = createHash('sha1')
  for (const { name, data, size = data.length } of sections)
    hash.update(`${name}\0${size}\0`).update(data)
  const id = hash.digest()
  const note = new ByteWriter()
    .u32(4) // length of the name
    .u32(id.length)
    .u32(NT_GNU_BUILD_ID)
    .cstring('GNU')
    .put(id)
  return {
    name: SECTION.buildId,
    data: note.done(),
    type: SHT_NOTE,
    flags: SHF_ALLOC,
    align: 4,
  }
}
