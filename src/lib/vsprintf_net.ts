// What the kernel's formats print for internet addresses: %pI4, %pI6c, %pISpfsc.
// Linux: lib/vsprintf.c, ip_addr_string().

import { hexBytes, pointedBytes } from './vsprintf_bytes.ts'
import { errorString, formatString } from './vsprintf_parts.ts'
import type { FormatSpec } from './vsprintf_parts.ts'

const AF_INET = 2
const AF_INET6 = 10
const GROUPS = 8

/**
 * %pI4, %pI6, and %pIS for a sockaddr of either; with a small i digits keep their leading zeros
 * and IPv6 has no colons.
 */
export function ipAddress(spec: FormatSpec, arg: unknown, letters: string): string {
  const kind = letters.charAt(1)
  if (!'46S'.includes(kind) || kind === '')
    return errorString(spec, `(%p${letters.charAt(0)}?)`)
  const pointed = pointedBytes(spec, arg)
  if ('instead' in pointed) return pointed.instead

  const bytes = Buffer.from(pointed.bytes)
  const small = letters.startsWith('i')
  if (kind === 'S') return socketAddress(spec, bytes, small, letters.slice(2))
  if (kind === '4') return formatString(spec, ip4(bytes, small, letters.charAt(2)))
  return formatString(spec, ip6(bytes, small, letters.charAt(2) === 'c'))
}

/** `order`: h and l say that the bytes are little-endian. */
function ip4(bytes: Uint8Array, leadingZeros: boolean, order: string): string {
  const parts = Array.from(bytes.subarray(0, 4), byte =>
    String(byte).padStart(leadingZeros ? 3 : 1, '0'),
  )
  if (order === 'h' || order === 'l') parts.reverse()
  return parts.join('.')
}

function ip6(bytes: Uint8Array, small: boolean, compressed: boolean): string {
  if (compressed && !small) return compressedIp6(bytes)
  const hex = hexBytes(bytes.subarray(0, 16)).join('')
  const groups = hex.match(/.{4}/g) ?? []
  return groups.join(small ? '' : ':')
}

/** The longest run of zeros, if longer than one group, as "::"; an IPv4 address within as such. */
function compressedIp6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: GROUPS },
    (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0),
  )
  const holdsIp4 = isV4Mapped(groups) || isIsatap(groups)
  const shown = groups.slice(0, holdsIp4 ? GROUPS - 2 : GROUPS)
  const hole = longestZeros(shown)
  const hex = (part: number[]) => part.map(group => group.toString(16))
  const tail = holdsIp4 ? [ip4(bytes.subarray(12), false, '')] : []
  if (hole.length <= 1) return [...hex(shown), ...tail].join(':')
  const before = hex(shown.slice(0, hole.at))
  const after = hex(shown.slice(hole.at + hole.length))
  return `${before.join(':')}::${[...after, ...tail].join(':')}`
}

function isV4Mapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff
}

function isIsatap(groups: readonly number[]): boolean {
  return ((groups[4] ?? 0) | 0x0200) === 0x0200 && groups[5] === 0x5efe
}

function longestZeros(groups: readonly number[]): { at: number; length: number } {
  let longest = { at: 0, length: 0 }
  for (let at = 0; at < groups.length; at++) {
    const end = groups.findIndex((group, i) => i >= at && group !== 0)
    const length = (end < 0 ? groups.length : end) - at
    if (length > longest.length) longest = { at, length }
  }
  return longest
}

/** p: with the port; f: flow info; s: scope; c: compressed. */
function socketAddress(
  spec: FormatSpec,
  bytes: Buffer,
  small: boolean,
  letters: string,
): string {
  const family = bytes.length >= 2 ? bytes.readUInt16LE(0) : 0
  const has = (letter: string) => letters.includes(letter)
  if (family === AF_INET && bytes.length >= 8) {
    const address = ip4(bytes.subarray(4), small, /[hlnb]/.exec(letters)?.[0] ?? '')
    return formatString(spec, has('p') ? `${address}:${bytes.readUInt16BE(2)}` : address)
  }
  if (family !== AF_INET6 || bytes.length < 28) return errorString(spec, '(einval)')

  const address = ip6(bytes.subarray(8), small, has('c'))
  const text = has('p') || has('f') || has('s') ? `[${address}]` : address
  const port = has('p') ? `:${bytes.readUInt16BE(2)}` : ''
  const flow = has('f') ? `/${bytes.readUInt32BE(4) & 0x0fffffff}` : ''
  const scope = has('s') ? `%${bytes.readUInt32LE(24)}` : ''
  return formatString(spec, text + port + flow + scope)
}
