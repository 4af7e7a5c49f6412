// What the kernel's formats print for %p, and which letters behind it mean what.
// Linux: lib/vsprintf.c, pointer(); Documentation/core-api/printk-formats.rst.
//
// JavaScript has no addresses. What has one here is a number, a bigint, or a user_ptr;
// a function has the one that /proc/kallsyms shows; any other object has only an identity.

import * as errno from '../include/linux/errno.ts'
import { bitmap, escaped, fourcc, hexString, macAddress, uuid } from './vsprintf_bytes.ts'
import { ipAddress } from './vsprintf_net.ts'
import {
  POINTER_DIGITS,
  errorString,
  formatNumber,
  formatString,
} from './vsprintf_parts.ts'
import type { FormatSpec } from './vsprintf_parts.ts'
import {
  addressValue,
  dentryName,
  fileName,
  flagNames,
  fwnodeName,
  netdevFeatures,
  ownName,
  resource,
  timeAndDate,
} from './vsprintf_structs.ts'

/** Where in the kernel's code something is: `name+offset/size [module]`. */
export interface SymbolPlace {
  name: string
  /** Bytes. */
  offset: bigint | number
  size: bigint | number
  /** The module it is in; undefined for the kernel itself. */
  module?: string
  /** Of that module, in hex. */
  buildId?: string
}

/** What the formats have to ask the machine. */
export interface PrintfContext {
  /** A number for a pointer that says nothing about its address; undefined: not yet. */
  hash(pointer: unknown): number | undefined
  /** Show addresses as they are: `no_hash_pointers` was said at boot. */
  readonly no_hash_pointers: boolean
  /** What %pK does: 0 as %p; 1 the address, for the privileged; 2 nothing. */
  readonly kptr_restrict: number
  /** May the caller see addresses when kptr_restrict is 1? */
  mayReadPointers(): boolean
  /** The address of what is not a number, if it has one. */
  address(pointer: unknown): bigint | undefined
  /** What is at that address. */
  symbol(pointer: unknown): SymbolPlace | undefined
  /** There is a conversion in a format that the kernel does not know. */
  unsupported(letter: string): void
}

type Context = PrintfContext | undefined
type Extension = (
  spec: FormatSpec,
  arg: unknown,
  letters: string,
  context: Context,
) => string

/** By the letter behind the p. A letter that is not here prints as plain %p, as on Linux. */
const EXTENSIONS: Record<string, Extension> = {
  4: fourcc,
  a: addressValue,
  A: spec => errorString(spec, '(%pA?)'),
  b: bitmap,
  B: symbolName,
  C: ownName,
  d: dentryName,
  D: fileName,
  e: errorName,
  E: escaped,
  f: fwnodeName,
  g: ownName,
  G: flagNames,
  h: hexString,
  I: ipAddress,
  i: ipAddress,
  k: stringPointer,
  K: restrictedPointer,
  M: macAddress,
  m: macAddress,
  N: netdevFeatures,
  O: spec => errorString(spec, '(%pOF?)'),
  r: resource,
  R: resource,
  s: symbolName,
  S: symbolName,
  t: timeAndDate,
  u: stringPointer,
  U: uuid,
  x: rawAddress,
}

const MAX_ERRNO = 4095n
const NO_HASH = '(____ptrval____)'

/** The name of each error number; of two names for one, the first. */
const ERRNO_NAMES = new Map(
  Object.entries(errno)
    .toReversed()
    .map(([name, value]) => [value, name]),
)

export function formatPointer(spec: FormatSpec, arg: unknown, context: Context): string {
  const letters = spec.conversion.slice(1)
  const extension = EXTENSIONS[letters.charAt(0)]
  return extension
    ? extension(spec, arg, letters, context)
    : plainPointer(spec, arg, context)
}

/** %p: a hash instead of the address. NULL and error pointers are no secret. */
function plainPointer(spec: FormatSpec, arg: unknown, context: Context): string {
  const address = addressOf(arg)
  if (address !== undefined && (address === 0n || isError(address))) {
    return hexAddress(spec, address)
  }
  if (context?.no_hash_pointers) return rawAddress(spec, arg, '', context)
  const hash = context?.hash(address ?? arg)
  if (hash !== undefined) return hexAddress(spec, BigInt(hash))
  return errorString({ ...spec, width: POINTER_DIGITS }, NO_HASH)
}

/** %px. What has no address gets its hash. */
function rawAddress(
  spec: FormatSpec,
  arg: unknown,
  _letters: string,
  context: Context,
): string {
  const address = addressOf(arg) ?? context?.address(arg)
  if (address !== undefined) return hexAddress(spec, address)
  const hash = context?.hash(arg)
  return hash === undefined
    ? errorString({ ...spec, width: POINTER_DIGITS }, NO_HASH)
    : hexAddress(spec, BigInt(hash))
}

/** %pK */
function restrictedPointer(
  spec: FormatSpec,
  arg: unknown,
  _letters: string,
  context: Context,
): string {
  if (!context || context.kptr_restrict === 0) return plainPointer(spec, arg, context)
  const may = context.kptr_restrict === 1 && context.mayReadPointers()
  return rawAddress(spec, may ? arg : null, '', context)
}

function hexAddress(spec: FormatSpec, address: bigint): string {
  const prefix = spec.special ? 2 : 0
  const sized =
    spec.width < 0 ? { width: POINTER_DIGITS + prefix, zeropad: true } : undefined
  const value = BigInt.asUintN(64, address)
  return formatNumber({ ...spec, ...sized, conversion: 'x' }, value, false)
}

/** %pe: the name of an error, "-EINVAL" for -22; the number if it has none. */
function errorName(
  spec: FormatSpec,
  arg: unknown,
  _letters: string,
  context: Context,
): string {
  const address = addressOf(arg)
  if (address === undefined || !isError(address)) return plainPointer(spec, arg, context)

  const error = BigInt.asIntN(64, address)
  const name = ERRNO_NAMES.get(Number(-error))
  return name ? formatString(spec, `-${name}`) : String(error)
}

/**
 * %pS name, offset and size; %ps the name only; %pB as %pS, for a return address. A `b` behind
 * it adds the module's build id.
 */
function symbolName(
  spec: FormatSpec,
  arg: unknown,
  letters: string,
  context: Context,
): string {
  const place = context?.symbol(arg)
  if (!place) {
    const address = addressOf(arg) ?? context?.address(arg)
    const text = address === undefined ? NO_HASH : `0x${address.toString(16)}`
    return formatString(spec, text)
  }
  const { name, offset, size, module, buildId } = place
  const where = letters.startsWith('s')
    ? ''
    : `+0x${offset.toString(16)}/0x${size.toString(16)}`
  const id = letters.includes('b') && buildId ? ` ${buildId}` : ''
  return formatString(spec, `${name}${where}${module ? ` [${module}${id}]` : ''}`)
}

/** %pks and %pus: a string in the kernel's or in user memory. */
function stringPointer(spec: FormatSpec, arg: unknown, letters: string): string {
  return letters.charAt(1) === 's'
    ? formatString(spec, arg)
    : errorString(spec, '(einval)')
}

/** The address `arg` is or holds; undefined for objects, which have none. */
function addressOf(arg: unknown): bigint | undefined {
  if (arg === null || arg === undefined) return 0n
  if (typeof arg === 'bigint') return BigInt.asUintN(64, arg)
  if (typeof arg === 'number' && Number.isInteger(arg)) {
    return BigInt.asUintN(64, BigInt(arg))
  }
  if (typeof arg === 'object' && 'memory' in arg && 'value' in arg) {
    return addressOf(arg.value)
  }
  return undefined
}

function isError(address: bigint): boolean {
  return address >= (1n << 64n) - MAX_ERRNO
}
