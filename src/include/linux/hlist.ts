// Lists with a head of one pointer, for hash tables. Drivers import list.ts. Linux: include/linux/list.h.
import { container_of, embedded } from './container_of.ts'

/** What can be in such a list: `readonly node = new hlist_node(this)`. */
export class hlist_node<T = unknown> extends embedded<T> {
  next: hlist_node<T> | null = null
  /** @internal what is before it: another, or the head */
  before: hlist_node<T> | hlist_head<T> | null = null
}

/** The list. */
export class hlist_head<T = unknown> {
  first: hlist_node<T> | null = null
}

export const HLIST_HEAD = <T>(): hlist_head<T> => new hlist_head<T>()

export function INIT_HLIST_HEAD(head: hlist_head): void {
  head.first = null
}

export function INIT_HLIST_NODE(node: hlist_node): void {
  node.next = null
  node.before = null
}

export const hlist_empty = (head: hlist_head): boolean => head.first === null
/** Is it in no list? */
export const hlist_unhashed = (node: hlist_node): boolean => node.before === null

/** As the first. */
export function hlist_add_head<T>(node: hlist_node<T>, head: hlist_head<T>): void {
  const { first } = head
  node.next = first
  if (first) first.before = node
  head.first = node
  node.before = head
}

/** Take it out, and leave it as one that is in no list. */
export function hlist_del_init(node: hlist_node): void {
  const { before, next } = node
  if (!before) return
  if (before instanceof hlist_head) before.first = next
  else before.next = next
  if (next) next.before = before
  INIT_HLIST_NODE(node)
}

/** The same here. */
export const hlist_del = hlist_del_init

export const hlist_entry: <T>(node: hlist_node<T>) => T = container_of

/** `hlist_for_each_entry(pos, head, node)` is `for (const pos of hlist_for_each_entry(head))`. */
export function* hlist_for_each_entry<T>(head: hlist_head<T>): Generator<T, void> {
  for (let node = head.first; node; node = node.next) yield hlist_entry(node)
}

/** As hlist_for_each_entry(); `pos` may be taken out. */
export function* hlist_for_each_entry_safe<T>(head: hlist_head<T>): Generator<T, void> {
  for (let node = head.first, next; node; node = next) {
    next = node.next
    yield hlist_entry(node)
  }
}
