// What the sources of a module give: the sections and symbols of its .o. What each section holds
// is described in elf/module_layout.ts.
import { encodeModinfo } from '../elf/modinfo.ts'
import {
  encodeExports,
  encodeParams,
  KSYMTAB_ENTRY_SIZE,
  SECTION,
} from '../elf/module_layout.ts'
import type { ExportedSymbol } from '../elf/module_layout.ts'
import { StringTable } from '../elf/symtab.ts'
import type { ElfSymbolSpec } from '../elf/symtab.ts'
import { SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE } from '../include/uapi/elf.ts'
import type { ModuleFacts } from './evaluate.ts'
import { emptyPart, localSymbol } from './part.ts'
import type { Part } from './part.ts'
import { functionsIn } from './script_symbols.ts'
import type { ScriptFunction } from './script_symbols.ts'

export interface SourceSpec {
  script: string
  sourceMap: string
  undefined: readonly string[]
  facts: ModuleFacts
}

type Functions = ReadonlyMap<string, ScriptFunction>

/** The same sources give the same part. */
export function sourcePart(spec: SourceSpec): Part {
  const part = emptyPart()
  const functions = functionsIn(spec.script)
  part.sections.push({
    name: SECTION.script,
    data: text(spec.script),
    flags: SHF_ALLOC | SHF_EXECINSTR,
    align: 16,
  })
  addParams(part, spec.facts)
  addExports(part, spec.facts.exports, functions)
  part.symbols.push(...functionSymbols(spec.facts, functions))
  addEntryPointers(part, spec.facts)
  part.sections.push(
    // The newest first, as gcc leaves them.
    {
      name: SECTION.modinfo,
      data: encodeModinfo(spec.facts.modinfo.toReversed()),
      flags: SHF_ALLOC,
    },
    { name: SECTION.sourceMap, data: text(spec.sourceMap) },
  )
  addUndefined(part, spec)
  return part
}

/** One file of a module of several: its script before it was joined with the others. */
export function filePart(script: string): Part {
  const data = text(script)
  const part = emptyPart()
  part.sections.push({
    name: SECTION.script,
    data,
    flags: SHF_ALLOC | SHF_EXECINSTR,
    align: 16,
  })
  for (const [name, { value, size }] of functionsIn(script)) {
    part.symbols.push({ ...localSymbol(name, SECTION.script, value), size, type: 'func' })
  }
  return part
}

/** Entry points, exported functions, and the rest as local symbols. */
function functionSymbols(
  { init, exit, exports }: ModuleFacts,
  functions: Functions,
): ElfSymbolSpec[] {
  const inScript = (name: string, of: string): ElfSymbolSpec => ({
    name,
    section: { name: SECTION.script },
    type: functions.has(of) ? 'func' : 'object',
    ...functions.get(of),
  })
  const symbols: ElfSymbolSpec[] = []
  if (exit !== undefined) {
    symbols.push({ ...inScript('cleanup_module', exit), type: 'func' })
  }
  if (init !== undefined) {
    symbols.push({ ...inScript('init_module', init), type: 'func' })
  }
  symbols.push(...exports.map(({ name }) => inScript(name, name)))
  const globals = new Set(symbols.map(({ name }) => name))
  for (const name of functions.keys()) {
    if (!globals.has(name)) symbols.push({ ...inScript(name, name), bind: 'local' })
  }
  return symbols
}

/** As module_init() and module_exit() of Linux do, so that no linker takes a function for unused. */
function addEntryPointers(part: Part, { init, exit }: ModuleFacts): void {
  const pointers = [
    [exit, 'cleanup_module', SECTION.exitData],
    [init, 'init_module', SECTION.initData],
  ] as const
  for (const [n, [of, symbol, section]] of pointers.entries()) {
    if (of === undefined) continue
    const data = new Uint8Array(POINTER_SIZE)
    const pointer = localSymbol(`__UNIQUE_ID___addressable_${symbol}${n}`, section, 0)
    part.sections.push({ name: section, data, flags: SHF_ALLOC | SHF_WRITE, align: 8 })
    part.symbols.push({ ...pointer, size: data.length })
    part.relocations.push({ section, offset: 0, symbol, kind: 'abs64' })
  }
}

/** In bytes. */
const POINTER_SIZE = 8

/** Symbols from elsewhere. Each place that asks for one refers to it, so strip(1) lets it be. */
function addUndefined(part: Part, { script, undefined: names }: SourceSpec): void {
  part.symbols.push(...names.map(name => ({ name, section: 'undefined' as const })))
  const known = new Set(names)
  for (const match of script.matchAll(/require\("vmlinux:([\w$]+)"\)/g)) {
    const [whole, symbol = ''] = match
    if (!known.has(symbol)) continue
    const offset = match.index + whole.length - symbol.length - 2
    part.relocations.push({ section: SECTION.script, offset, symbol, kind: 'none' })
  }
}

/** Functions that other modules may use: __ksymtab, but not the CRCs, which modpost adds. */
function addExports(
  part: Part,
  exports: ModuleFacts['exports'],
  functions: Functions,
): void {
  if (exports.length === 0) return
  const strings = new StringTable()
  for (const gpl of [false, true]) {
    const some = exports.filter(symbol => symbol.gpl === gpl)
    if (some.length > 0) addKsymtab(part, some, gpl, functions, strings)
  }
  const counts = { plain: 0, gpl: 0 }
  for (const { name, namespace, gpl } of exports) {
    const ksymtab = gpl ? SECTION.ksymtabGpl : SECTION.ksymtab
    const at = counts[gpl ? 'gpl' : 'plain']++ * KSYMTAB_ENTRY_SIZE
    part.symbols.push(
      localSymbol(`__kstrtab_${name}`, SECTION.ksymtabStrings, strings.add(name)),
      localSymbol(`__kstrtabns_${name}`, SECTION.ksymtabStrings, strings.add(namespace)),
      localSymbol(`__ksymtab_${name}`, ksymtab, at),
    )
  }
  part.sections.push({
    name: SECTION.ksymtabStrings,
    data: strings.bytes(),
    flags: SHF_ALLOC,
  })
}

function addKsymtab(
  part: Part,
  exports: ModuleFacts['exports'],
  gpl: boolean,
  functions: Functions,
  strings: StringTable,
): void {
  const name = gpl ? SECTION.ksymtabGpl : SECTION.ksymtab
  const withoutCrc = exports.map((symbol): ExportedSymbol => ({ ...symbol, crc: 0 }))
  const { ksymtab } = encodeExports(
    withoutCrc,
    symbol => functions.get(symbol)?.value ?? 0,
    string => strings.add(string),
  )
  part.sections.push({ name, data: ksymtab, flags: SHF_ALLOC, align: 4 })
  for (const [i, { name: symbol }] of exports.entries()) {
    const at = i * KSYMTAB_ENTRY_SIZE
    const parts = [symbol, `__kstrtab_${symbol}`, `__kstrtabns_${symbol}`]
    part.relocations.push(
      ...parts.map((of, n) => ({
        section: name,
        offset: at + 4 * n,
        symbol: of,
        kind: 'prel32' as const,
      })),
    )
  }
}

function addParams(part: Part, { params }: ModuleFacts): void {
  if (params.length === 0) return
  const strings = new StringTable()
  const table = encodeParams(params, string => strings.add(string))
  part.sections.push(
    { name: SECTION.rodata, data: strings.bytes(), flags: SHF_ALLOC },
    { name: SECTION.param, data: table, flags: SHF_ALLOC, align: 8 },
  )
  const entrySize = table.length / params.length
  for (const [i, { name }] of params.entries()) {
    const string = `__param_str_${name}`
    part.symbols.push(
      localSymbol(`__param_${name}`, SECTION.param, i * entrySize),
      localSymbol(string, SECTION.rodata, strings.add(name)),
    )
    part.relocations.push({
      section: SECTION.param,
      offset: i * entrySize,
      symbol: string,
      kind: 'abs64',
    })
  }
}

function text(string: string): Uint8Array {
  return new TextEncoder().encode(string)
}
