// A line of people from which each can go at any time.
import t from 'tap'
import { wait_line } from '../../src/include/linux/wait_line.ts'
import { wait_queue_entry } from '../../src/include/linux/wait_queue.ts'

t.test('wait_line keeps the order of coming, whoever goes', async t => {
  const line = new wait_line<wait_queue_entry>()
  const [a, b, c] = [
    new wait_queue_entry(),
    new wait_queue_entry(),
    new wait_queue_entry(),
  ]
  for (const one of [a, b, c]) line.add(one)
  t.strictSame([line.all().length, line.first, line.last, line.size], [3, a, c, 3])
  line.delete(b)
  line.delete(b)
  t.ok(line.all().every((one, i) => one === [a, c][i]))
  t.equal(b.line, undefined)
  line.delete(a)
  line.add(b)
  t.ok(line.all().every((one, i) => one === [c, b][i]))
  line.delete(b)
  t.equal(line.last, c)
  line.clear()
  t.strictSame(
    [line.first, line.last, line.size, c.line],
    [undefined, undefined, 0, undefined],
  )
})

t.test('who gets in line elsewhere leaves the line he was in', async t => {
  const [one, other] = [
    new wait_line<wait_queue_entry>(),
    new wait_line<wait_queue_entry>(),
  ]
  const a = new wait_queue_entry()
  one.add(a)
  other.add(a)
  t.equal(one.size, 0)
  t.equal(other.first, a)
  one.delete(a)
  t.equal(other.size, 1, 'one cannot be sent away from a line one is not in')
})
