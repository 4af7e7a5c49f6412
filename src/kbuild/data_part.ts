// The data of a module's .o: its variables, parameters and the pointers to its entry points.
import { encodeParams, SECTION } from '../elf/module_layout.ts'
import { StringTable } from '../elf/symtab.ts'
import type { ElfSectionSpec } from '../elf/writer.ts'
import { SHF_ALLOC, SHF_WRITE, SHT_NOBITS } from '../include/uapi/elf.ts'
import { ByteWriter } from '../lib/bytes.ts'
import type { ModuleFacts } from './evaluate.ts'
import { localSymbol } from './part.ts'
import type { Part } from './part.ts'
import type { ScriptOutline } from './script_outline.ts'
import { sectionOf } from './variables.ts'

const POINTER_SIZE = 8
const ALIGN = 8
const WRITABLE = { flags: SHF_ALLOC | SHF_WRITE, align: ALIGN }

/** The variables called `names`, each in its section; exported ones are global. */
export function addVariables(
  part: Part,
  names: readonly string[],
  outline: ScriptOutline,
  { variables, exports }: ModuleFacts,
): void {
  const sections = new Map<string, ByteWriter>()
  for (const name of names) {
    const variable = variables.get(name)
    if (!variable) continue
    const isExported = exports.some(symbol => symbol.name === name)
    const section = sectionOf(outline, name, variable, isExported)
    const bytes = sections.get(section) ?? new ByteWriter()
    sections.set(section, bytes)
    part.symbols.push({
      ...localSymbol(name, section, bytes.align(ALIGN).length),
      size: variable.bytes.length,
      bind: isExported ? 'global' : 'local',
    })
    bytes.put(variable.bytes)
  }
  for (const [name, bytes] of sections)
    part.sections.push(dataSection(name, bytes.done()))
}

function dataSection(name: string, data: Uint8Array): ElfSectionSpec {
  if (name === SECTION.rodata) return { name, data, flags: SHF_ALLOC, align: ALIGN }
  if (name === SECTION.data) return { name, data, ...WRITABLE }
  const { length: size } = data
  return { name, data: new Uint8Array(0), size, type: SHT_NOBITS, ...WRITABLE }
}

/** __param, and the names of parameters behind the constants. */
export function addParams(part: Part, { params }: ModuleFacts): void {
  if (params.length === 0) return
  const constants = part.sections.find(({ name }) => name === SECTION.rodata)
  const base = constants?.data.length ?? 0
  const strings = new StringTable()
  const place = (string: string): number => base + strings.add(string)
  const table = encodeParams(params, place)
  const entrySize = table.length / params.length
  for (const [i, { name }] of params.entries()) {
    const string = `__param_str_${name}`
    part.symbols.push(
      localSymbol(`__param_${name}`, SECTION.param, i * entrySize),
      localSymbol(string, SECTION.rodata, place(name)),
    )
    part.relocations.push({
      section: SECTION.param,
      offset: i * entrySize,
      symbol: string,
      kind: 'abs64',
    })
  }
  const data = Buffer.concat([constants?.data ?? new Uint8Array(0), strings.bytes()])
  part.sections = part.sections.filter(section => section !== constants)
  part.sections.push(dataSection(SECTION.rodata, data))
  part.sections.push({ name: SECTION.param, data: table, flags: SHF_ALLOC, align: ALIGN })
}

/**
 * module_init() and module_exit() leave a pointer each, so that no linker takes a function for
 * unused. They are numbered as what a C compiler counts: after each MODULE_…() before them; and
 * the last comes first, as gcc leaves them.
 */
export function addEntryPointers(part: Part, { init, exit, modinfo }: ModuleFacts): void {
  const first = modinfo.length
  const pointers = [
    [exit, 'cleanup_module', SECTION.exitData, init === undefined ? first : first + 1],
    [init, 'init_module', SECTION.initData, first],
  ] as const
  for (const [of, symbol, section, count] of pointers) {
    if (of === undefined) continue
    const pointer = localSymbol(`__UNIQUE_ID___addressable_${symbol}${count}`, section, 0)
    part.sections.push({ name: section, data: new Uint8Array(POINTER_SIZE), ...WRITABLE })
    part.symbols.push({ ...pointer, size: POINTER_SIZE })
    part.relocations.push({ section, offset: 0, symbol, kind: 'abs64' })
  }
}
