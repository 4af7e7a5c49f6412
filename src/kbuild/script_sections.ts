// Which section each stretch of a script goes to, as a compiler has it: what module_init() names
// to .init.text, what module_exit() names to .exit.text, the driver's strings to .rodata.str1.1.
import { SECTION } from '../elf/module_layout.ts'
import { literalOf, splitScript } from '../elf/script_pieces.ts'
import type { PieceSection, ScriptPiece, SplitScript } from '../elf/script_pieces.ts'
import type { ModuleFacts } from './evaluate.ts'
import { endOfExpression, isFunctionText } from './script_outline.ts'
import type { Extent, ScriptOutline } from './script_outline.ts'

export interface ScriptSections extends SplitScript {
  /** The functions that init_module and cleanup_module are; undefined if they are in no one place. */
  init: Extent | undefined
  exit: Extent | undefined
}

interface Stretch extends Extent {
  section: PieceSection
}

export function scriptSections(
  outline: ScriptOutline,
  { init, exit, exports }: Pick<ModuleFacts, 'init' | 'exit' | 'exports'>,
): ScriptSections {
  const entries = {
    init: entryPoint(outline, 'module_init', init),
    exit: entryPoint(outline, 'module_exit', exit),
  }
  const exported = new Set(exports.map(({ name }) => name))
  const stretches: Stretch[] = []
  const move = (
    name: string,
    extent: Extent | undefined,
    section: PieceSection,
  ): void => {
    // Others may call it after init, or it is there already.
    if (!extent || exported.has(name) || stretches.some(one => overlap(one, extent)))
      return
    stretches.push({ ...extent, section })
  }
  move(init ?? '', entries.init, SECTION.initText)
  move(exit ?? '', entries.exit, SECTION.exitText)
  const pieces = cut(outline.code.length, stretches, stringsIn(outline))
  const split = splitScript(Buffer.from(outline.code, 'latin1'), pieces)
  return { ...split, ...entries }
}

/** Where a byte of the script has gone. */
export function placeIn(
  { pieces }: SplitScript,
  offset: number,
): { section: PieceSection; value: number } {
  const piece = pieces.findLast(({ start }) => start <= offset)
  if (!piece) throw new RangeError(`Cannot place byte ${offset} of a script`)
  return { section: piece.section, value: piece.at + offset - piece.start }
}

/** Section, offset and size of what a symbol stands for. Its strings are elsewhere. */
export function placeOf(
  split: SplitScript,
  { start, end }: Extent,
): { section: PieceSection; value: number; size: number } {
  const { section, value } = placeIn(split, start)
  const last = split.pieces.findLast(
    piece => piece.start < end && piece.section === section,
  )
  const size = last ? last.at + Math.min(end, last.end) - last.start - value : 0
  return { section, value, size }
}

/** The function of that name, or the one that stands in the call itself. */
function entryPoint(
  outline: ScriptOutline,
  macro: string,
  name: string | undefined,
): Extent | undefined {
  if (name === undefined) return undefined
  const { masked, statements } = outline
  const call = statements.findLast(({ start }) => masked.startsWith(`${macro}(`, start))
  if (!call) return functionNamed(outline, name)

  const start = call.start + macro.length + 1
  const given = { start, end: endOfExpression(masked, start, call.end) }
  const named = functionNamed(outline, masked.slice(start, given.end))
  return named ?? (isFunctionText(outline, given) ? given : undefined)
}

function functionNamed(outline: ScriptOutline, name: string): Extent | undefined {
  const variable = outline.variables.get(name)
  const isFunction = variable && isFunctionText(outline, variable)
  return outline.functions.get(name) ?? (isFunction ? variable : undefined)
}

function overlap(a: Extent, b: Extent): boolean {
  return a.start < b.end && b.start < a.end
}

/** Macros whose strings are kept elsewhere: in .modinfo, in __ksymtab_strings, with __param. */
const WITHOUT_STRINGS =
  /^(?:(?:MODULE|EXPORT)_\w+|module_param\w*)\(|^var [\w$]+ = (?:module_param\w*|require)\(/

/** The strings of the driver that can be put back as they were. */
function stringsIn({ code, masked, statements }: ScriptOutline): Extent[] {
  return statements
    .filter(({ start, end }) => !WITHOUT_STRINGS.test(masked.slice(start, end)))
    .flatMap(({ start, end }) =>
      Array.from(masked.slice(start, end).matchAll(/" +"/g), ({ 0: text, index }) => ({
        start: start + index,
        end: start + index + text.length,
      })),
    )
    .filter(({ start, end }) => isKept(code.slice(start, end)))
}

function isKept(literal: string): boolean {
  try {
    const string: unknown = JSON.parse(literal)
    if (typeof string !== 'string') return false
    return isText(string) && literalOf(string) === literal
  } catch {
    return false
  }
}

/** What a byte each can hold, up to a NUL. */
function isText(string: string): boolean {
  return Buffer.byteLength(string) === string.length && !string.includes('\0')
}

function cut(
  length: number,
  stretches: readonly Stretch[],
  strings: readonly Extent[],
): ScriptPiece[] {
  const ends = new Map(strings.map(({ start, end }) => [start, end]))
  const inner = [...stretches, ...strings].flatMap(({ start, end }) => [start, end])
  const edges = [...new Set([0, ...inner, length])].toSorted((a, b) => a - b)
  return edges.slice(0, -1).map((start, i) => {
    const end = edges[i + 1] ?? length
    if (ends.get(start) === end) return { section: SECTION.strings, start, end }
    const stretch = stretches.find(one => one.start <= start && start < one.end)
    return { section: stretch?.section ?? SECTION.text, start, end }
  })
}
