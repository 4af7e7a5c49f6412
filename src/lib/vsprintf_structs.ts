// What the kernel's formats print for its structures: %pd names of files, %pR resources,
// %pt times, %pG flags, %pa addresses. Linux: lib/vsprintf.c.
//
// What C passes by pointer is here the object itself, or a ref() of the number.

import { badPointer, specialHexNumber } from './vsprintf_bytes.ts'
import { EINVAL_TEXT, errorString, formatString, toInteger } from './vsprintf_parts.ts'
import type { FormatSpec } from './vsprintf_parts.ts'
import { GFP_FLAGS, VM_FLAGS } from './vsprintf_flags.ts'
import type { FlagName } from './vsprintf_flags.ts'

/** Property `key` of `arg`, whatever that is. */
function field(arg: unknown, key: string): unknown {
  return typeof arg === 'object' && arg !== null
    ? (arg as Record<string, unknown>)[key]
    : undefined
}

/** The number that `arg`, or the `ref()` it is, holds. */
function pointedNumber(arg: unknown): bigint | undefined {
  return toInteger(typeof arg === 'object' ? field(arg, 'value') : arg)
}

/** %pad and %pap: the value of a dma_addr_t or phys_addr_t. */
export function addressValue(spec: FormatSpec, arg: unknown): string {
  const value = pointedNumber(arg)
  return value === undefined
    ? (badPointer(spec, arg) ?? EINVAL_TEXT)
    : specialHexNumber(spec, value, 8)
}

/** %pNF: features of a network device. */
export function netdevFeatures(spec: FormatSpec, arg: unknown, letters: string): string {
  if (letters.charAt(1) !== 'F') return errorString(spec, '(%pN?)')
  return addressValue(spec, arg)
}

/** %pC and %pg, a clock and a disk: the name that the object has. */
export function ownName(spec: FormatSpec, arg: unknown): string {
  const name = field(arg, 'name')
  return typeof name === 'string'
    ? formatString(spec, name)
    : (badPointer(spec, arg) ?? EINVAL_TEXT)
}

/** %pd, %pd2 … %pd4: the last names of a path. A dentry here is an inode: it has one name. */
export function dentryName(spec: FormatSpec, arg: unknown, letters: string): string {
  const bad = badPointer(spec, arg)
  if (bad !== undefined) return bad

  const depth = /^[2-4]/.test(letters.slice(1)) ? Number(letters.charAt(1)) : 1
  const names: string[] = []
  let node: unknown = arg
  while (names.length < depth) {
    const parent = parentOf(node)
    const isRoot = parent === undefined || parent === null || parent === node
    // A root has a name only where it is all there is to show.
    names.unshift(isRoot && names.length > 0 ? '' : nameOf(node) || '/')
    if (isRoot) break
    node = parent
  }
  return formatString(spec, names.join('/'))
}

/** %pD: the name of an open file. */
export function fileName(spec: FormatSpec, arg: unknown, letters: string): string {
  return badPointer(spec, arg) ?? dentryName(spec, field(arg, 'f_inode'), letters)
}

function parentOf(node: unknown): unknown {
  return field(node, 'd_parent') ?? field(node, 'parent')
}

function nameOf(node: unknown): string {
  const name = field(node, 'd_name') ?? field(node, 'name')
  return typeof name === 'string' ? name : ''
}

/** %pfw: the path of names from the root on; %pfwP: the last one. */
export function fwnodeName(spec: FormatSpec, arg: unknown, letters: string): string {
  if (letters.charAt(1) !== 'w') return errorString(spec, '(%pf?)')
  const bad = badPointer(spec, arg)
  if (bad !== undefined) return bad
  if (letters.charAt(2) === 'P') return formatString(spec, nameOf(arg))

  const names: string[] = []
  for (let node: unknown = arg; node; node = parentOf(node)) names.unshift(nameOf(node))
  return formatString(spec, names.join('/'))
}

/** What a resource is, by its bit in `flags`: name, radix, and digits with their prefix. */
const RESOURCES: [bit: number, name: string, radix: number, width: number][] = [
  [0x100, 'io  ', 16, 6],
  [0x200, 'mem ', 16, 10],
  [0x400, 'irq ', 10, 0],
  [0x800, 'dma ', 10, 0],
  [0x1000, 'bus ', 16, 2],
]
const RESOURCE_ATTRIBUTES: [bit: number, text: string][] = [
  [0x0010_0000, ' 64bit'],
  [0x2000, ' pref'],
  [0x0020_0000, ' window'],
  [0x1000_0000, ' disabled'],
]
const IORESOURCE_UNSET = 0x2000_0000

/** %pR: `[mem 0x60000000-0x6fffffff 64bit]`; %pr: with the flags as a number. */
export function resource(spec: FormatSpec, arg: unknown, letters: string): string {
  const start = toInteger(field(arg, 'start'))
  const end = toInteger(field(arg, 'end'))
  const flags = Number(toInteger(field(arg, 'flags')) ?? 0n)
  if (start === undefined || end === undefined)
    return badPointer(spec, arg) ?? EINVAL_TEXT

  const kind = RESOURCES.find(([bit]) => flags & bit)
  const named = letters.startsWith('R') && kind !== undefined
  const [, name, radix, width] = kind ?? [0, '??? ', 16, 10]
  const number = (n: bigint) => resourceNumber(n, radix, width)
  const extent =
    named && flags & IORESOURCE_UNSET
      ? `size ${number(end - start + 1n)}`
      : `${number(start)}${start === end ? '' : `-${number(end)}`}`
  const attributes = RESOURCE_ATTRIBUTES.filter(([bit]) => flags & bit)
  const rest = named
    ? attributes.map(([, text]) => text).join('')
    : ` flags 0x${flags.toString(16)}`
  return formatString(spec, `[${name}${extent}${rest}]`)
}

function resourceNumber(n: bigint, radix: number, width: number): string {
  if (radix === 10) return String(n)
  const prefix = width > 2 ? '0x' : ''
  return prefix + n.toString(16).padStart(width - prefix.length, '0')
}

/** %ptR: a struct rtc_time; %ptT: seconds since 1970. d: the date, t: the time; r: raw numbers. */
export function timeAndDate(spec: FormatSpec, arg: unknown, letters: string): string {
  const kind = letters.charAt(1)
  if (kind !== 'R' && kind !== 'T') return errorString(spec, '(%pt?)')
  const tm = kind === 'R' ? arg : brokenDown(pointedNumber(arg))
  if (field(tm, 'tm_sec') === undefined) return badPointer(spec, arg) ?? EINVAL_TEXT

  const [, part, options = ''] = /^..([dt]?)([rs]*)/.exec(letters) ?? []
  const raw = options.includes('r')
  const number = (name: string, add = 0, width = 2) =>
    String(Number(field(tm, name)) + add).padStart(width, '0')
  const year = number('tm_year', raw ? 0 : 1900, 4)
  const date = `${year}-${number('tm_mon', raw ? 0 : 1)}-${number('tm_mday')}`
  const time = `${number('tm_hour')}:${number('tm_min')}:${number('tm_sec')}`
  if (part) return part === 'd' ? date : time
  return `${date}${options.includes('s') ? ' ' : 'T'}${time}`
}

function brokenDown(seconds: bigint | undefined): object | undefined {
  if (seconds === undefined) return undefined
  const date = new Date(Number(seconds) * 1000)
  return {
    tm_year: date.getUTCFullYear() - 1900,
    tm_mon: date.getUTCMonth(),
    tm_mday: date.getUTCDate(),
    tm_hour: date.getUTCHours(),
    tm_min: date.getUTCMinutes(),
    tm_sec: date.getUTCSeconds(),
  }
}

/** %pGg: flags of kmalloc(); %pGv: flags of a mapping. There are no pages, so no %pGp. */
export function flagNames(spec: FormatSpec, arg: unknown, letters: string): string {
  const names = { g: GFP_FLAGS, v: VM_FLAGS }[letters.charAt(1)]
  if (!names) return errorString(spec, '(%pG?)')
  const flags = pointedNumber(arg)
  return flags === undefined
    ? (badPointer(spec, arg) ?? EINVAL_TEXT)
    : formatString(spec, describe(BigInt.asUintN(64, flags), names))
}

/** The names of what is in `flags`; what has no name stays a number. */
function describe(flags: bigint, names: readonly FlagName[]): string {
  const found: string[] = []
  let left = flags
  for (const [mask, name] of names) {
    const bits = BigInt(mask)
    if ((left & bits) !== bits) continue
    found.push(name)
    left &= ~bits
  }
  if (left !== 0n) found.push(`0x${left.toString(16)}`)
  return found.join('|')
}
