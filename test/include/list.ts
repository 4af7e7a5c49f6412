import t from 'tap'
import { circ_buf, CIRC_CNT, CIRC_SPACE } from '../../src/include/linux/circ_buf.ts'
import { hash_32, hash_64 } from '../../src/include/linux/hash.ts'
import * as table from '../../src/include/linux/hashtable.ts'
import * as list from '../../src/include/linux/list.ts'
import { seq_list_next, seq_list_start } from '../../src/fs/seq_list.ts'

class item {
  readonly list = new list.list_head(this)
  readonly node = new list.hlist_node(this)
  readonly id: number

  constructor(id: number) {
    this.id = id
  }
}

function listOf(...ids: number[]) {
  const head = list.LIST_HEAD<item>()
  const items = ids.map(id => new item(id))
  for (const one of items) list.list_add_tail(one.list, head)
  return { head, items, at: (i: number) => items[i] as item }
}

const ids = (head: list.list_head<item>) =>
  Array.from(list.list_for_each_entry(head), ({ id }) => id)

t.test('items are put in at either end, moved, and taken out', async t => {
  const { head, at } = listOf(1, 2, 3)
  list.list_add(new item(0).list, head)
  t.strictSame(ids(head), [0, 1, 2, 3])
  list.list_move(at(2).list, head)
  list.list_move_tail(at(0).list, head)
  t.strictSame(ids(head), [3, 0, 2, 1])
  list.list_del_init(at(1).list)
  t.ok(list.list_empty(at(1).list))
  list.list_replace_init(at(2).list, new item(9).list)
  list.list_rotate_left(head)
  t.strictSame(ids(head), [0, 1, 9])
  t.equal(list.list_first_entry(head).id, 0)
  t.equal(list.list_last_entry(head).id, 9)
  const backwards = Array.from(list.list_for_each_entry_reverse(head), ({ id }) => id)
  t.strictSame(backwards, [9, 1, 0])
})

t.test('lists are joined', async t => {
  const one = listOf(1, 2)
  const other = listOf(3, 4)
  list.list_splice_init(other.head, one.head)
  t.strictSame(ids(one.head), [3, 4, 1, 2])
  t.ok(list.list_empty(other.head))
  list.list_splice_tail_init(other.head, one.head)
  list.list_splice_tail_init(one.head, other.head)
  t.strictSame(ids(other.head), [3, 4, 1, 2])
  t.equal(list.list_first_entry_or_null(one.head), null)
})

t.test('only the _safe loops let the item be taken out', async t => {
  const { head, at } = listOf(1, 2, 3)
  for (const one of list.list_for_each_entry_safe(head)) list.list_del(one.list)
  t.ok(list.list_empty(head))
  t.throws(() => list.list_del(at(0).list), TypeError, 'it is out already')

  const other = listOf(1, 2)
  t.throws(() => {
    for (const one of list.list_for_each_entry(other.head)) list.list_del(one.list)
  }, TypeError)
})

t.test('a link in no container has none', async t => {
  const head = list.LIST_HEAD<item>()
  t.throws(() => list.list_first_entry(head), /container_of\(\) of a list_head/)
})

t.test('a list is gone through by a seq_file', async t => {
  const { head, at } = listOf(1, 2)
  t.equal(seq_list_start(head, 0), at(0).list)
  t.equal(seq_list_start(head, 1), at(1).list)
  t.equal(seq_list_start(head, 2), null)
  const pos = { value: 0 }
  t.equal(seq_list_next(at(0).list, head, pos), at(1).list)
  t.equal(seq_list_next(at(1).list, head, pos), null)
  t.equal(pos.value, 2)
})

t.test('hash tables find items by their keys', async t => {
  const numbers = table.DEFINE_HASHTABLE<item>(3)
  const items = Array.from({ length: 40 }, (_, id) => new item(id * 1001))
  t.ok(table.hash_empty(numbers))
  for (const one of items) table.hash_add(numbers, one.node, one.id)
  const find = (key: number) =>
    [...table.hash_for_each_possible(numbers, key)].find(({ id }) => id === key)
  t.equal(find(7007), items[7])
  for (const one of table.hash_for_each_safe(numbers)) {
    if (one.id % 2) table.hash_del(one.node)
  }
  t.equal(find(7007), undefined)
  t.equal(table.hash_hashed((items[7] as item).node), false)
  t.equal([...table.hash_for_each(numbers)].length, 20)
})

t.test('hashes are those of Linux', async t => {
  t.equal(hash_32(1, 32), 0x61c88647)
  t.equal(hash_32(1, 8), 0x61)
  t.equal(hash_64(1, 16), 0x61c8)
})

t.test('a circ_buf has room for one less than its size', async t => {
  const ring = new circ_buf()
  t.strictSame([CIRC_CNT(ring.head, ring.tail, 8), CIRC_SPACE(0, 0, 8)], [0, 7])
  t.strictSame([CIRC_CNT(2, 7, 8), CIRC_SPACE(2, 7, 8)], [3, 4])
})
