// What the sources of a module give: the sections and symbols of its .o. What each section holds
// is described in elf/module_layout.ts.
import { encodeModinfo } from '../elf/modinfo.ts'
import { encodeExports, KSYMTAB_ENTRY_SIZE, SECTION } from '../elf/module_layout.ts'
import type { ExportedSymbol } from '../elf/module_layout.ts'
import { StringTable } from '../elf/symtab.ts'
import type { ElfSymbolSpec } from '../elf/symtab.ts'
import type { ElfSectionSpec } from '../elf/writer.ts'
import { SHF_ALLOC, SHF_EXECINSTR, SHF_MERGE, SHF_STRINGS } from '../include/uapi/elf.ts'
import { addEntryPointers, addParams, addVariables } from './data_part.ts'
import type { ModuleFacts } from './evaluate.ts'
import { emptyPart, localSymbol } from './part.ts'
import type { Part } from './part.ts'
import { isFunctionText, outlineOf } from './script_outline.ts'
import type { Extent, ScriptOutline } from './script_outline.ts'
import { placeIn, placeOf, scriptSections } from './script_sections.ts'
import type { ScriptSections } from './script_sections.ts'

export interface SourceSpec {
  /** Of the compiled script. */
  outline: ScriptOutline
  sourceMap: string
  undefined: readonly string[]
  facts: ModuleFacts
}

/** The same sources give the same part. */
export function sourcePart(spec: SourceSpec): Part {
  const { facts, outline } = spec
  const part = emptyPart()
  const split = scriptSections(outline, facts)
  for (const [name, data] of split.sections) {
    part.sections.push({ name, data, ...(name === SECTION.strings ? STRINGS : CODE) })
  }
  const functions = functionsOf(spec)
  const symbols = functionSymbols(facts, functions, split)
  const data = emptyPart()
  const variables = [...outline.variables.keys()].filter(name => !functions.has(name))
  addVariables(data, variables, outline, facts)
  symbols.push(...data.symbols.splice(0))
  addParams(data, facts)
  addExports(data, facts.exports, symbols)
  data.symbols.push(...symbols)
  addEntryPointers(data, facts)
  part.sections.push(...data.sections, ...descriptions(spec, split))
  part.symbols.push(...data.symbols)
  part.relocations.push(...data.relocations)
  addUndefined(part, spec, split)
  return part
}

/** What is not loaded. */
function descriptions(
  { facts, sourceMap }: SourceSpec,
  { table }: ScriptSections,
): ElfSectionSpec[] {
  // The newest first, as gcc leaves them.
  const modinfo = encodeModinfo(facts.modinfo.toReversed())
  return [
    { name: SECTION.modinfo, data: modinfo, flags: SHF_ALLOC },
    { name: SECTION.script, data: table, align: 4 },
    { name: SECTION.sourceMap, data: text(sourceMap) },
  ]
}

const CODE = { flags: SHF_ALLOC | SHF_EXECINSTR, align: 16 }
const STRINGS = { flags: SHF_ALLOC | SHF_MERGE | SHF_STRINGS, align: 1, entsize: 1 }

/** One file of a module of several: its script before it was joined with the others. */
export function filePart(script: string): Part {
  const part = emptyPart()
  part.sections.push({ name: SECTION.text, data: text(script), ...CODE })
  for (const [name, { start, end }] of outlineOf(script).functions) {
    part.symbols.push({
      ...localSymbol(name, SECTION.text, start),
      size: end - start,
      type: 'func',
    })
  }
  return part
}

/** The driver's functions, however they are written. */
function functionsOf({ outline, facts }: SourceSpec): Map<string, Extent> {
  const functions = new Map(outline.functions)
  for (const [name, extent] of outline.variables) {
    const isFunction = facts.variables.get(name)?.isFunction ?? false
    if (isFunction && isFunctionText(outline, extent)) functions.set(name, extent)
  }
  return functions
}

/** Entry points, exported functions, and the rest as local symbols. */
function functionSymbols(
  { init, exit, exports, variables }: ModuleFacts,
  functions: ReadonlyMap<string, Extent>,
  split: ScriptSections,
): ElfSymbolSpec[] {
  const inScript = (name: string, extent: Extent = NOWHERE): ElfSymbolSpec => {
    const { section, ...place } = placeOf(split, extent)
    return { name, section: { name: section }, ...place, type: 'func' }
  }
  const symbols: ElfSymbolSpec[] = []
  if (exit !== undefined) symbols.push(inScript('cleanup_module', split.exit))
  if (init !== undefined) symbols.push(inScript('init_module', split.init))
  const exported = new Set(exports.map(({ name }) => name))
  for (const name of exported) {
    if (functions.has(name) || !variables.has(name)) {
      symbols.push(inScript(name, functions.get(name)))
    }
  }
  for (const [name, extent] of functions) {
    if (!exported.has(name)) symbols.push({ ...inScript(name, extent), bind: 'local' })
  }
  return symbols
}

/** Of a function that a header or an expression gives. */
const NOWHERE: Extent = { start: 0, end: 0 }

/** Symbols from elsewhere. Each place that asks for one refers to it, so strip(1) lets it be. */
function addUndefined(
  part: Part,
  { outline, undefined: names }: SourceSpec,
  split: ScriptSections,
): void {
  part.symbols.push(...names.map(name => ({ name, section: 'undefined' as const })))
  const known = new Set(names)
  for (const match of outline.code.matchAll(/require\("vmlinux:([\w$]+)"\)/g)) {
    const [whole, symbol = ''] = match
    if (!known.has(symbol)) continue
    const asked = match.index + whole.length - symbol.length - 2
    const { section, value: offset } = placeIn(split, asked)
    part.relocations.push({ section, offset, symbol, kind: 'none' })
  }
}

/** Functions that other modules may use: __ksymtab, but not the CRCs, which modpost adds. */
function addExports(
  part: Part,
  exports: ModuleFacts['exports'],
  symbols: readonly ElfSymbolSpec[],
): void {
  if (exports.length === 0) return
  const strings = new StringTable()
  for (const gpl of [false, true]) {
    const some = exports.filter(symbol => symbol.gpl === gpl)
    if (some.length > 0) addKsymtab(part, some, gpl, symbols, strings)
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
  symbols: readonly ElfSymbolSpec[],
  strings: StringTable,
): void {
  const name = gpl ? SECTION.ksymtabGpl : SECTION.ksymtab
  const withoutCrc = exports.map((symbol): ExportedSymbol => ({ ...symbol, crc: 0 }))
  const { ksymtab } = encodeExports(
    withoutCrc,
    symbol => symbols.find(({ name }) => name === symbol)?.value ?? 0,
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

function text(string: string): Uint8Array {
  return new TextEncoder().encode(string)
}
