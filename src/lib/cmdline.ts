// Numbers in an option: "3,5,7-9". Linux: lib/cmdline.c.

import type { ref } from '../include/linux/types.ts'

const NUMBER = /^(?:0x[\da-f]+|\d+)/i

/** As simple_strtoul() with base 0: the number at the start of `text`, and how long it is. */
function leadingNumber(text: string): { value: number; length: number } {
  const [digits = ''] = NUMBER.exec(text) ?? []
  const isOctal = /^0\d/.test(digits)
  const octal = isOctal ? (/^[0-7]+/.exec(digits)?.[0] ?? '') : ''
  const used = isOctal ? octal : digits
  const value = Number(isOctal ? `0o${octal}` : used)
  return { value: value | 0, length: used.length }
}

/**
 * Take one int off the front of `str`, into `pint`: 0 if there is none, 1 if nothing of the list
 * comes after it, 2 if a comma did, which is gone, too, 3 if a dash comes.
 */
export function get_option(str: ref<string>, pint: ref<number> | null): number {
  const negative = str.value.startsWith('-')
  const text = negative ? str.value.slice(1) : str.value
  const { value, length } = leadingNumber(text)
  if (pint && str.value) pint.value = negative ? -value : value
  str.value = text.slice(length)
  if (length === 0) return 0
  if (str.value.startsWith('-')) return 3
  if (!str.value.startsWith(',')) return 1
  str.value = str.value.slice(1)
  return 2
}

/**
 * Fill `ints` with the numbers of a list, from place 1 on and as far as `nints` goes; place 0 gets
 * their count. `nints` of 0 only counts. What is left of `str`.
 */
export function get_options(str: string, nints: number, ints: number[]): string {
  const rest = { value: str }
  const found: number[] = []
  const room = nints === 0 ? Infinity : nints - 1
  while (found.length < room) {
    const pint = { value: 0 }
    const res = get_option(rest, pint)
    if (res === 0) break
    found.push(pint.value)
    if (res === 3 && !addRange(rest, pint.value, room, found)) break
    if (res === 1) break
  }
  ints[0] = found.length
  if (nints !== 0) for (const [i, value] of found.entries()) ints[i + 1] = value
  return rest.value
}

/** After "7-": all below the upper end, which stays to be read. False if it is below the lower. */
function addRange(
  rest: ref<string>,
  from: number,
  room: number,
  found: number[],
): boolean {
  rest.value = rest.value.slice(1)
  const { value: upper } = leadingNumber(rest.value)
  if (upper < from) {
    found.pop()
    return false
  }
  found.pop()
  for (let x = from; x < upper && found.length < room; x++) found.push(x)
  return true
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = { get_option, get_options }
