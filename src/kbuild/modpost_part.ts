// What modpost adds to a module's .o to make it loadable: the sections and symbols of its .mod.o.
import { encodeModinfo } from '../elf/modinfo.ts'
import type { ModinfoEntry } from '../elf/modinfo.ts'
import {
  encodeExports,
  encodeThisModule,
  encodeVersions,
  SECTION,
  THIS_MODULE_EXIT_OFFSET,
  THIS_MODULE_INIT_OFFSET,
} from '../elf/module_layout.ts'
import type { ExportedSymbol } from '../elf/module_layout.ts'
import {
  LINUX_ELFNOTE_BUILD_SALT,
  LINUX_ELFNOTE_LTO_INFO,
  SHF_ALLOC,
  SHF_WRITE,
  SHT_NOTE,
} from '../include/uapi/elf.ts'
import { ByteWriter } from '../lib/bytes.ts'
import type { ModuleFacts } from './evaluate.ts'
import { emptyPart, localSymbol } from './part.ts'
import type { Part } from './part.ts'

export interface ModpostSpec {
  /** KBUILD_MODNAME. */
  name: string
  /** The kernel's. */
  release: string
  modinfo: readonly ModinfoEntry[]
  versions: ReadonlyMap<string, number>
  exports: readonly ExportedSymbol[]
  facts: Pick<ModuleFacts, 'init' | 'exit'>
}

/** The same module and kernel give the same part. */
export function modpostPart(spec: ModpostSpec): Part {
  const part = emptyPart()
  part.sections.push(
    note(spec.release),
    { name: SECTION.modinfo, data: encodeModinfo(spec.modinfo), flags: SHF_ALLOC },
    {
      name: SECTION.versions,
      data: encodeVersions(spec.versions),
      flags: SHF_ALLOC,
      align: 32,
    },
  )
  addCrcs(part, spec.exports)
  part.symbols.push(
    localSymbol('_note_10', SECTION.noteLinux, 0),
    localSymbol('_note_9', SECTION.noteLinux, LTO_NOTE_SIZE),
  )
  addThisModule(part, spec)
  return part
}

/** In bytes. */
const LTO_NOTE_SIZE = 24

/** Notes as Linux has them: that nothing was optimised at link, and the release as salt. */
function note(release: string): Part['sections'][number] {
  const salt = new ByteWriter().cstring(release).align(4).done()
  const notes = new ByteWriter()
  for (const [type, size, description] of [
    [LINUX_ELFNOTE_LTO_INFO, 4, new Uint8Array(4)],
    [LINUX_ELFNOTE_BUILD_SALT, Buffer.byteLength(release) + 1, salt],
  ] as const) {
    notes.u32(6).u32(size).u32(type).cstring('Linux').align(4).put(description)
  }
  return {
    name: SECTION.noteLinux,
    data: notes.done(),
    type: SHT_NOTE,
    flags: SHF_ALLOC,
    align: 4,
  }
}

function addCrcs(part: Part, exports: readonly ExportedSymbol[]): void {
  for (const gpl of [false, true]) {
    const some = exports.filter(symbol => symbol.gpl === gpl)
    if (some.length === 0) continue

    const name = gpl ? SECTION.kcrctabGpl : SECTION.kcrctab
    const { kcrctab } = encodeExports(
      some,
      () => 0,
      () => 0,
    )
    part.sections.push({ name, data: kcrctab, flags: SHF_ALLOC, align: 4 })
  }
  const counts = { plain: 0, gpl: 0 }
  for (const { name, gpl } of exports) {
    const section = gpl ? SECTION.kcrctabGpl : SECTION.kcrctab
    const at = counts[gpl ? 'gpl' : 'plain']++ * 4
    part.symbols.push(localSymbol(`__crc_${name}`, section, at))
  }
}

function addThisModule(part: Part, { name, facts }: ModpostSpec): void {
  const section = SECTION.thisModule
  const data = encodeThisModule(name)
  part.sections.push({
    name: section,
    data,
    flags: SHF_ALLOC | SHF_WRITE,
    align: 64,
  })
  part.symbols.push({
    name: '__this_module',
    section: { name: section },
    type: 'object',
    size: data.length,
  })
  const pointers = [
    [facts.init, 'init_module', THIS_MODULE_INIT_OFFSET],
    [facts.exit, 'cleanup_module', THIS_MODULE_EXIT_OFFSET],
  ] as const
  for (const [there, symbol, offset] of pointers) {
    if (there === undefined) continue
    part.symbols.push({ name: symbol, section: 'undefined' })
    part.relocations.push({ section, offset, symbol, kind: 'abs64' })
  }
}
