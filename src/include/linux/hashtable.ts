// Hash tables of a fixed size. Linux: include/linux/hashtable.h.
import { hash_32, hash_64 } from './hash.ts'
import {
  hlist_add_head,
  hlist_del_init,
  hlist_empty,
  hlist_for_each_entry,
  hlist_for_each_entry_safe,
  hlist_head,
  type hlist_node,
  hlist_unhashed,
  INIT_HLIST_HEAD,
} from './hlist.ts'

export type hashtable<T = unknown> = readonly hlist_head<T>[]
type key = number | bigint

/** `DEFINE_HASHTABLE(table, bits)` is `const table = DEFINE_HASHTABLE<item>(bits)`: 2^bits lists. */
export const DEFINE_HASHTABLE = <T>(bits: number): hashtable<T> =>
  Array.from({ length: 2 ** bits }, () => new hlist_head<T>())
export const DECLARE_HASHTABLE = DEFINE_HASHTABLE

export const HASH_SIZE = (table: hashtable): number => table.length
export const HASH_BITS = (table: hashtable): number => 31 - Math.clz32(table.length)
/** A key of 32 bits is hashed as such. */
export const hash_min = (val: key, bits: number): number =>
  typeof val === 'number' && val === val >>> 0 ? hash_32(val, bits) : hash_64(val, bits)

const listOf = <T>(table: hashtable<T>, key: key): hlist_head<T> =>
  table[hash_min(key, HASH_BITS(table))] as hlist_head<T>

export const hash_init = (table: hashtable): void => table.forEach(INIT_HLIST_HEAD)
export const hash_empty = (table: hashtable): boolean => table.every(hlist_empty)
export const hash_add = <T>(table: hashtable<T>, node: hlist_node<T>, key: key): void =>
  hlist_add_head(node, listOf(table, key))
export const hash_del = (node: hlist_node): void => hlist_del_init(node)
export const hash_hashed = (node: hlist_node): boolean => !hlist_unhashed(node)

/** `hash_for_each(table, bkt, obj, node)` is `for (const obj of hash_for_each(table))`. */
export function* hash_for_each<T>(table: hashtable<T>): Generator<T, void> {
  for (const head of table) yield* hlist_for_each_entry(head)
}

/** As hash_for_each(); `obj` may be taken out. */
export function* hash_for_each_safe<T>(table: hashtable<T>): Generator<T, void> {
  for (const head of table) yield* hlist_for_each_entry_safe(head)
}

/** All that are where `key` would be; compare their keys. */
export const hash_for_each_possible = <T>(
  table: hashtable<T>,
  key: key,
): Generator<T, void> => hlist_for_each_entry(listOf(table, key))

/** As hash_for_each_possible(); `obj` may be taken out. */
export const hash_for_each_possible_safe = <T>(
  table: hashtable<T>,
  key: key,
): Generator<T, void> => hlist_for_each_entry_safe(listOf(table, key))
