// Doubly linked lists whose links are embedded in what they link. Linux: include/linux/list.h.
//
// `class item { readonly list = new list_head(this) }` can be in a list; the list itself is a
// list_head of its own: `const items = new list_head<item>()`.
import { container_of, embedded } from './container_of.ts'

export * from './hlist.ts'

/** `struct list_head`, empty. */
export class list_head<T = unknown> extends embedded<T> {
  next: list_head<T> = this
  prev: list_head<T> = this
}

/** `static LIST_HEAD(items)` is `const items = LIST_HEAD<item>()`. */
export const LIST_HEAD = <T>(): list_head<T> => new list_head<T>()

export function INIT_LIST_HEAD(list: list_head): void {
  list.next = list
  list.prev = list
}

function link<T>(prev: list_head<T>, next: list_head<T>): void {
  next.prev = prev
  prev.next = next
}

function insert<T>(entry: list_head<T>, prev: list_head<T>, next: list_head<T>): void {
  link(entry, next)
  link(prev, entry)
}

/** Behind the head: as the first. */
export const list_add = <T>(entry: list_head<T>, head: list_head<T>): void =>
  insert(entry, head, head.next)
/** Before the head: as the last. */
export const list_add_tail = <T>(entry: list_head<T>, head: list_head<T>): void =>
  insert(entry, head.prev, head)

/** Take it out. Its links lead nowhere then: following them, or list_del() again, is an oops. */
export function list_del(entry: list_head): void {
  link(entry.prev, entry.next)
  const poisoned = entry as { next: unknown; prev: unknown }
  poisoned.next = undefined
  poisoned.prev = undefined
}

/** Take it out, and leave it as an empty list. */
export function list_del_init(entry: list_head): void {
  link(entry.prev, entry.next)
  INIT_LIST_HEAD(entry)
}

/** Put `entry` where `old` is. */
export function list_replace<T>(old: list_head<T>, entry: list_head<T>): void {
  link(entry, old.next)
  link(old.prev, entry)
}

export function list_replace_init<T>(old: list_head<T>, entry: list_head<T>): void {
  list_replace(old, entry)
  INIT_LIST_HEAD(old)
}

/** Out of the list it is in, to the start of another. */
export function list_move<T>(entry: list_head<T>, head: list_head<T>): void {
  link(entry.prev, entry.next)
  list_add(entry, head)
}

/** As list_move(), to the end. */
export function list_move_tail<T>(entry: list_head<T>, head: list_head<T>): void {
  link(entry.prev, entry.next)
  list_add_tail(entry, head)
}

export const list_empty = (head: list_head): boolean => head.next === head
export const list_empty_careful = (head: list_head): boolean =>
  head.next === head && head.prev === head
export const list_is_singular = (head: list_head): boolean =>
  !list_empty(head) && head.next === head.prev
export const list_is_first = (entry: list_head, head: list_head): boolean =>
  entry.prev === head
export const list_is_last = (entry: list_head, head: list_head): boolean =>
  entry.next === head
export const list_is_head = (entry: list_head, head: list_head): boolean => entry === head

/** The first becomes the last. */
export function list_rotate_left(head: list_head): void {
  if (!list_empty(head)) list_move_tail(head.next, head)
}

function splice<T>(list: list_head<T>, prev: list_head<T>, next: list_head<T>): void {
  if (list_empty(list)) return
  const { next: first, prev: last } = list
  link(prev, first)
  link(last, next)
}

/** All of `list` to the start of `head`; `list` is to be initialised before it is used again. */
export const list_splice = <T>(list: list_head<T>, head: list_head<T>): void =>
  splice(list, head, head.next)
export const list_splice_tail = <T>(list: list_head<T>, head: list_head<T>): void =>
  splice(list, head.prev, head)

/** As list_splice(), and `list` is empty then. */
export function list_splice_init<T>(list: list_head<T>, head: list_head<T>): void {
  list_splice(list, head)
  INIT_LIST_HEAD(list)
}

/** As list_splice_tail(), and `list` is empty then. */
export function list_splice_tail_init<T>(list: list_head<T>, head: list_head<T>): void {
  list_splice_tail(list, head)
  INIT_LIST_HEAD(list)
}

/** What the link is embedded in: `list_entry(ptr, struct item, list)` is `list_entry(ptr)`. */
export const list_entry: <T>(entry: list_head<T>) => T = container_of
/** The list must not be empty. */
export const list_first_entry = <T>(head: list_head<T>): T => list_entry(head.next)
/** The list must not be empty. */
export const list_last_entry = <T>(head: list_head<T>): T => list_entry(head.prev)
/** Null if the list is empty. */
export const list_first_entry_or_null = <T>(head: list_head<T>): T | null =>
  list_empty(head) ? null : list_first_entry(head)

/** `list_for_each(pos, head)` is `for (const pos of list_for_each(head))`. Do not take `pos` out. */
export function* list_for_each<T>(head: list_head<T>): Generator<list_head<T>, void> {
  for (let pos = head.next; pos !== head; pos = pos.next) yield pos
}

/** As list_for_each(); `pos` may be taken out. */
export function* list_for_each_safe<T>(
  head: list_head<T>,
): Generator<list_head<T>, void> {
  for (let pos = head.next, next = pos.next; pos !== head; pos = next, next = pos.next)
    yield pos
}

/** From the last to the first. */
export function* list_for_each_prev<T>(
  head: list_head<T>,
): Generator<list_head<T>, void> {
  for (let pos = head.prev; pos !== head; pos = pos.prev) yield pos
}

/** `list_for_each_entry(pos, head, list)` is `for (const pos of list_for_each_entry(head))`. */
export function* list_for_each_entry<T>(head: list_head<T>): Generator<T, void> {
  for (const pos of list_for_each(head)) yield list_entry(pos)
}

/** As list_for_each_entry(); `pos` may be taken out. */
export function* list_for_each_entry_safe<T>(head: list_head<T>): Generator<T, void> {
  for (const pos of list_for_each_safe(head)) yield list_entry(pos)
}

/** As list_for_each_entry(), from the last to the first. */
export function* list_for_each_entry_reverse<T>(head: list_head<T>): Generator<T, void> {
  for (const pos of list_for_each_prev(head)) yield list_entry(pos)
}
