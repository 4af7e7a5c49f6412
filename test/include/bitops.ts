import t from 'tap'
import * as bitmap from '../../src/include/linux/bitmap.ts'
import { ref } from '../../src/include/linux/types.ts'
import { vsnprintf } from '../../src/lib/vsprintf.ts'

t.test('bits of a variable and of a bitmap', async t => {
  for (const bits of [ref(0), bitmap.DECLARE_BITMAP(64)]) {
    bitmap.set_bit(40, bits)
    t.equal(bitmap.test_bit(40, bits), true)
    t.equal(bitmap.test_and_set_bit(3, bits), false)
    t.equal(bitmap.test_and_set_bit(3, bits), true)
    bitmap.change_bit(0, bits)
    t.equal(bitmap.test_and_change_bit(0, bits), true)
    t.equal(bitmap.find_first_bit(bits, 64), 3)
    t.equal(bitmap.find_next_bit(bits, 50, 4), 40)
    t.equal(bitmap.find_next_bit(bits, 50, 41), 50, 'none: the size')
    t.equal(bitmap.find_last_bit(bits, 50), 40)
    t.strictSame([...bitmap.for_each_set_bit(bits, 50)], [3, 40])
    t.equal(bitmap.test_and_clear_bit(3, bits), true)
    bitmap.clear_bit(40, bits)
    t.equal(bitmap.find_first_bit(bits, 50), 50)
    t.equal(bitmap.find_first_zero_bit(bits, 50), 0)
  }
})

t.test('a bit that is not there is no memory of anybody', async t => {
  t.throws(() => bitmap.set_bit(64, bitmap.DECLARE_BITMAP(64)), RangeError)
  t.throws(() => bitmap.set_bit(53, ref(0)), RangeError)
})

t.test('stretches of a bitmap', async t => {
  const map = bitmap.DECLARE_BITMAP(100)
  t.equal(map.length, 4, 'in words of 64 bits')
  bitmap.bitmap_set(map, 4, 30)
  t.equal(bitmap.bitmap_weight(map, 100), 30)
  t.equal(bitmap.bitmap_find_next_zero_area(map, 100, 0, 4, 0), 0)
  t.equal(bitmap.bitmap_find_next_zero_area(map, 100, 0, 5, 0), 34)
  t.equal(bitmap.bitmap_find_next_zero_area(map, 100, 0, 5, 7), 40, 'aligned to 8')
  t.ok(bitmap.bitmap_find_next_zero_area(map, 100, 0, 90, 0) > 100)
  t.equal(vsnprintf('%*pbl', [100, map]), '4-33')
  bitmap.bitmap_clear(map, 4, 30)
  t.equal(bitmap.bitmap_empty(map, 100), true)
  bitmap.bitmap_fill(map, 100)
  t.equal(bitmap.bitmap_full(map, 100), true)
  t.equal(bitmap.bitmap_full(map, 101), false)
})

t.test('arithmetic', async t => {
  t.equal(bitmap.BIT(40), 2 ** 40)
  t.equal(bitmap.GENMASK(7, 4), 0xf0)
  t.strictSame([0, 1, 0x80000000, 12].map(bitmap.ffs), [0, 1, 32, 3])
  t.strictSame([0, 1, 0x80000000, 12].map(bitmap.fls), [0, 1, 32, 4])
  t.equal(bitmap.hweight32(-1), 32)
  t.equal(bitmap.hweight8(0x1ff), 8)
})
