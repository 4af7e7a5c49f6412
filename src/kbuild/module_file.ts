// Lays a compiled module out as the sections and symbols of a .ko. What each section holds is
// described in elf/module_layout.ts.
import { createHash } from 'node:crypto'
import { encodeModinfo } from '../elf/modinfo.ts'
import type { ModinfoEntry } from '../elf/modinfo.ts'
import {
  encodeExports,
  encodeParams,
  encodeThisModule,
  encodeVersions,
  SECTION,
} from '../elf/module_layout.ts'
import type { ExportedSymbol } from '../elf/module_layout.ts'
import { StringTable } from '../elf/symtab.ts'
import type { ElfSymbolSpec } from '../elf/symtab.ts'
import { writeElf } from '../elf/writer.ts'
import type { ElfSectionSpec } from '../elf/writer.ts'
import {
  NT_GNU_BUILD_ID,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_WRITE,
  SHT_NOTE,
} from '../include/uapi/elf.ts'
import { ByteWriter } from '../lib/bytes.ts'
import type { ModuleFacts } from './evaluate.ts'
import { functionsIn } from './script_symbols.ts'
import type { ScriptFunction } from './script_symbols.ts'

export interface ModuleSpec {
  name: string
  script: string
  sourceMap: string
  modinfo: readonly ModinfoEntry[]
  versions: ReadonlyMap<string, number>
  undefined: readonly string[]
  exports: readonly ExportedSymbol[]
  facts: ModuleFacts
  machine: number
}

/** The bytes of the .ko. The same module gives the same bytes. */
export function moduleFile(spec: ModuleSpec): Uint8Array {
  const functions = functionsIn(spec.script)
  const exported = exportSections(spec, functions)
  const params = paramSections(spec)
  const sections: ElfSectionSpec[] = [
    {
      name: SECTION.script,
      data: text(spec.script),
      flags: SHF_ALLOC | SHF_EXECINSTR,
      align: 16,
    },
    ...exported.sections,
    ...params.sections,
    { name: SECTION.modinfo, data: encodeModinfo(spec.modinfo), flags: SHF_ALLOC },
    {
      name: SECTION.versions,
      data: encodeVersions(spec.versions),
      flags: SHF_ALLOC,
      align: 32,
    },
    {
      name: SECTION.thisModule,
      data: encodeThisModule(spec.name),
      flags: SHF_ALLOC | SHF_WRITE,
      align: 64,
    },
    { name: SECTION.sourceMap, data: text(spec.sourceMap) },
  ]
  return writeElf({
    machine: spec.machine,
    sections: [buildId(sections), ...sections],
    symbols: [
      ...functionSymbols(spec, functions),
      ...params.symbols,
      ...exported.symbols,
      ...spec.undefined.map(name => ({ name, section: 'undefined' as const })),
    ],
  })
}

/** Entry points, exported functions, and the rest as local symbols. */
function functionSymbols(
  { facts, exports }: ModuleSpec,
  functions: ReadonlyMap<string, ScriptFunction>,
): ElfSymbolSpec[] {
  const symbols: ElfSymbolSpec[] = [
    {
      name: '__this_module',
      section: { name: SECTION.thisModule },
      type: 'object',
      size: encodeThisModule('').length,
    },
  ]
  const inScript = (name: string, of: string): ElfSymbolSpec => ({
    name,
    section: { name: SECTION.script },
    type: functions.has(of) ? 'func' : 'object',
    ...functions.get(of),
  })
  const globals = new Set(['init_module', 'cleanup_module', ...exports.map(e => e.name)])
  if (facts.init !== undefined) {
    symbols.push({ ...inScript('init_module', facts.init), type: 'func' })
  }
  if (facts.exit !== undefined) {
    symbols.push({ ...inScript('cleanup_module', facts.exit), type: 'func' })
  }
  for (const { name } of exports) symbols.push(inScript(name, name))
  for (const name of functions.keys()) {
    if (!globals.has(name)) symbols.push({ ...inScript(name, name), bind: 'local' })
  }
  return symbols
}

interface Part {
  sections: ElfSectionSpec[]
  symbols: ElfSymbolSpec[]
}

function exportSections(
  { exports }: ModuleSpec,
  functions: ReadonlyMap<string, ScriptFunction>,
): Part {
  const part: Part = { sections: [], symbols: [] }
  if (exports.length === 0) return part

  const strings = new StringTable()
  for (const gpl of [false, true]) {
    const some = exports.filter(symbol => symbol.gpl === gpl)
    if (some.length > 0) addExports(part, some, gpl, functions, strings)
  }
  for (const { name, namespace } of exports) {
    const section = { name: SECTION.ksymtabStrings }
    part.symbols.push(
      local(`__kstrtab_${name}`, section, strings.add(name)),
      local(`__kstrtabns_${name}`, section, strings.add(namespace)),
    )
  }
  part.sections.push({
    name: SECTION.ksymtabStrings,
    data: strings.bytes(),
    flags: SHF_ALLOC,
  })
  return part
}

function addExports(
  part: Part,
  exports: readonly ExportedSymbol[],
  gpl: boolean,
  functions: ReadonlyMap<string, ScriptFunction>,
  strings: StringTable,
): void {
  const ksymtab = { name: gpl ? SECTION.ksymtabGpl : SECTION.ksymtab }
  const kcrctab = { name: gpl ? SECTION.kcrctabGpl : SECTION.kcrctab }
  const tables = encodeExports(
    exports,
    name => functions.get(name)?.value ?? 0,
    text => strings.add(text),
  )
  part.sections.push(
    { ...ksymtab, data: tables.ksymtab, flags: SHF_ALLOC, align: 4 },
    { ...kcrctab, data: tables.kcrctab, flags: SHF_ALLOC, align: 4 },
  )
  const entrySize = tables.ksymtab.length / exports.length
  for (const [i, { name }] of exports.entries()) {
    part.symbols.push(
      local(`__ksymtab_${name}`, ksymtab, i * entrySize),
      local(`__crc_${name}`, kcrctab, i * 4),
    )
  }
}

function paramSections({ facts }: ModuleSpec): Part {
  const part: Part = { sections: [], symbols: [] }
  if (facts.params.length === 0) return part

  const strings = new StringTable()
  const table = encodeParams(facts.params, text => strings.add(text))
  part.sections.push(
    { name: SECTION.rodata, data: strings.bytes(), flags: SHF_ALLOC },
    { name: SECTION.param, data: table, flags: SHF_ALLOC, align: 8 },
  )
  const entrySize = table.length / facts.params.length
  for (const [i, { name }] of facts.params.entries()) {
    part.symbols.push(
      local(`__param_${name}`, { name: SECTION.param }, i * entrySize),
      local(`__param_str_${name}`, { name: SECTION.rodata }, strings.add(name)),
    )
  }
  return part
}

function local(name: string, section: { name: string }, value: number): ElfSymbolSpec {
  return { name, section, value, bind: 'local', type: 'object' }
}

/** A note with a hash of everything else, which tells builds apart. */
function buildId(sections: readonly ElfSectionSpec[]): ElfSectionSpec {
  const hash = createHash('sha1')
  for (const { name, data } of sections)
    hash.update(`${name}\0${data.length}\0`).update(data)
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

function text(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
