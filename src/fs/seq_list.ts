// Going through an array with the operations of a seq_file. Linux: fs/seq_file.c, seq_list_start().

import type { ref } from '../include/linux/types.ts'

export function seq_list_start<T>(head: readonly T[], pos: number): T | null {
  return head[pos] ?? null
}

export function seq_list_start_head<T>(
  head: readonly T[],
  pos: number,
): readonly T[] | T | null {
  return pos === 0 ? head : seq_list_start(head, pos - 1)
}

/** As on Linux, it follows the record and not the position: the list may have changed meanwhile. */
export function seq_list_next<T>(
  v: unknown,
  head: readonly T[],
  ppos: ref<number>,
): T | null {
  const pos = ppos.value++
  if (v === head) return head[0] ?? null
  return head[indexNear(head, v, pos) + 1] ?? null
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
