// Strings in the memory of a calling program. Linux: lib/strncpy_from_user.c, lib/strnlen_user.c.

import { EFAULT } from '../include/uapi/errno.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { TASK_SIZE_MAX, window_ptr } from './usercopy.ts'

const PAGE = 4096
/** Linux looks at whole words, which never lie in two pages. */
const WORD = 8n

/** How much of `count` bytes lies below the end of user space. */
function belowTop({ value }: user_ptr, count: number): number {
  const room = TASK_SIZE_MAX - value
  return room < BigInt(count) ? Math.max(Number(room), 0) : count
}

/**
 * Hand on what is at `str`, page by page, until a NUL, `count` bytes, or memory that is not there.
 * Returns where the NUL is, or -1, and how many bytes were seen.
 */
function scan(
  str: user_ptr,
  count: number,
  use: (bytes: Uint8Array, at: number) => void,
): { nul: number; seen: number } {
  const page = new Uint8Array(Math.min(count, PAGE))
  for (let seen = 0; seen < count;) {
    const at = str.value + BigInt(seen)
    const want = Math.min(count - seen, page.length, PAGE - Number(at % BigInt(PAGE)))
    const n = str.memory.read(at, page.subarray(0, want))
    const nul = page.subarray(0, n).indexOf(0)
    use(page.subarray(0, nul < 0 ? n : nul + 1), seen)
    if (nul >= 0) return { nul: seen + nul, seen: seen + n }
    seen += n
    if (n < want) return { nul: -1, seen }
  }
  return { nul: -1, seen: count }
}

/** `to` receives the string with its NUL, if that fits into `count` bytes, and nothing behind it. */
export function strncpy_from_user(to: Uint8Array, from: user_ptr, count: number): number {
  if (count <= 0) return 0
  const room = Math.min(belowTop(from, count), to.length)
  const { nul, seen } = scan(from, room, (bytes, at) => to.set(bytes, at))
  if (nul >= 0) return nul
  return seen < Math.min(count, to.length) ? -EFAULT : seen
}

/** A NUL that lies behind `count` bytes, but in the last word of them, is found, as on Linux. */
export function strnlen_user(str: user_ptr, count: number): number {
  if (count <= 0) return 0
  const end = str.value + BigInt(count)
  const toWord = str instanceof window_ptr ? 0 : Number((WORD - (end % WORD)) % WORD)
  const { nul, seen } = scan(str, belowTop(str, count + toWord), () => {})
  if (nul >= 0) return nul + 1
  return seen < count ? 0 : count + 1
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = { strncpy_from_user, strnlen_user }
