// Going through a list with the operations of a seq_file: an array, whose elements are the records, or
// a list_head, whose links are. Linux: fs/seq_file.c, seq_list_start().

import type { list_head } from '../include/linux/list.ts'
import type { ref } from '../include/linux/types.ts'

export function seq_list_start<T>(head: list_head<T>, pos: number): list_head<T> | null
export function seq_list_start<T>(head: readonly T[], pos: number): T | null
export function seq_list_start<T>(
  head: readonly T[] | list_head<T>,
  pos: number,
): T | list_head<T> | null {
  if (isArray(head)) return head[pos] ?? null
  let link = head.next
  for (let left = pos; left > 0 && link !== head; left--) link = link.next
  return link === head ? null : link
}

export function seq_list_start_head<T>(
  head: list_head<T>,
  pos: number,
): list_head<T> | null
export function seq_list_start_head<T>(
  head: readonly T[],
  pos: number,
): readonly T[] | T | null
export function seq_list_start_head<T>(
  head: readonly T[] | list_head<T>,
  pos: number,
): readonly T[] | list_head<T> | T | null {
  if (pos === 0) return head
  return isArray(head) ? seq_list_start(head, pos - 1) : seq_list_start(head, pos - 1)
}

/** As on Linux, it follows the record and not the position: the list may have changed meanwhile. */
export function seq_list_next<T>(
  v: unknown,
  head: list_head<T>,
  ppos: ref<number>,
): list_head<T> | null
export function seq_list_next<T>(
  v: unknown,
  head: readonly T[],
  ppos: ref<number>,
): T | null
export function seq_list_next<T>(
  v: unknown,
  head: readonly T[] | list_head<T>,
  ppos: ref<number>,
): T | list_head<T> | null {
  const pos = ppos.value++
  if (!isArray(head)) {
    const { next } = v as list_head<T>
    return next === head ? null : next
  }
  if (v === head) return head[0] ?? null
  return head[indexNear(head, v, pos) + 1] ?? null
}

/** An array of whichever realm. */
function isArray<T>(head: readonly T[] | list_head<T>): head is readonly T[] {
  return Array.isArray(head)
}

/** Where `v` is: at `pos`, or before it if the position counts a heading, or else anywhere. */
function indexNear<T>(head: readonly T[], v: unknown, pos: number): number {
  if (head[pos] === v) return pos
  if (head[pos - 1] === v) return pos - 1
  const at = (head as readonly unknown[]).indexOf(v)
  return at < 0 ? head.length : at
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = { seq_list_start, seq_list_start_head, seq_list_next }
