import t from 'tap'
import { Heap } from '../../src/lib/heap.ts'

t.test('what comes first is at hand', async t => {
  const heap = new Heap<number>((a, b) => a < b)
  t.equal(heap.first(), undefined)
  const numbers = Array.from({ length: 500 }, (_, i) => (i * 7919) % 1000)
  for (const n of numbers) heap.add(n)
  heap.keep(n => n % 2 === 0)
  const expected = numbers.filter(n => n % 2 === 0).toSorted((a, b) => a - b)
  t.equal(heap.size, expected.length)
  t.strictSame(
    Array.from(expected, () => heap.shift()),
    expected,
  )
  t.equal(heap.shift(), undefined)
})
