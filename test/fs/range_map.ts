import t from 'tap'
import { RangeMap } from '../../src/fs/range_map.ts'

t.test('the shortest range wins, and of equal ones the last', async t => {
  const map = new RangeMap<string>()
  map.add(100, 256, 'wide')
  map.add(110, 4, 'narrow')
  map.add(112, 4, 'beside')
  map.add(111, 1, 'one')
  t.strictSame(
    [99, 100, 110, 111, 112, 115, 116, 355, 356].map(n => map.find(n)),
    [undefined, 'wide', 'narrow', 'one', 'beside', 'beside', 'wide', 'wide', undefined],
  )
  map.add(110, 4, 'again')
  t.equal(map.find(112), 'again')
  map.remove(110, 4, 'again')
  t.equal(map.find(110), 'narrow')
})

t.test('what was removed is not found, and removing it again does no harm', async t => {
  const map = new RangeMap<string>()
  map.add(7, 3, 'a')
  map.remove(7, 3, 'a')
  map.remove(7, 3, 'a')
  t.equal(map.find(8), undefined)
})

t.test('it agrees with looking at every range', async t => {
  const map = new RangeMap<number>()
  const ranges: { first: number; count: number; id: number }[] = []
  let seed = 1
  const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n
  for (let id = 0; id < 400; id++) {
    const range = { first: random(500), count: 1 + random(9), id }
    if (random(4) > 0) {
      ranges.push(range)
      map.add(range.first, range.count, id)
    } else {
      const [gone] = ranges.splice(random(ranges.length), 1)
      if (gone) map.remove(gone.first, gone.count, gone.id)
    }
  }
  for (let n = 0; n < 520; n++) {
    const [best] = ranges
      .filter(({ first, count }) => n >= first && n < first + count)
      .toSorted((a, b) => a.count - b.count || b.id - a.id)
    t.equal(map.find(n), best?.id, String(n))
  }
})
