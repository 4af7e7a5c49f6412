import t from 'tap'
import * as atomic from '../../src/include/linux/atomic.ts'

t.test('counters of 32 bits wrap around as in C', async t => {
  const v = new atomic.atomic_t(0x7fffffff)
  t.equal(atomic.atomic_inc_return(v), -0x80000000)
  t.equal(atomic.atomic_dec_return(v), 0x7fffffff)
  atomic.atomic_set(v, 0xffffffff)
  t.equal(atomic.atomic_read(v), -1)
  t.equal(atomic.ATOMIC_INIT(2 ** 32 + 5).counter, 5)
})

t.test('what comes back is the old value, the new one, or whether it is 0', async t => {
  const v = new atomic.atomic_t(2)
  t.equal(atomic.atomic_fetch_add(3, v), 2)
  t.equal(atomic.atomic_add_return(1, v), 6)
  t.equal(atomic.atomic_fetch_sub(4, v), 6)
  t.equal(atomic.atomic_sub_return(1, v), 1)
  t.equal(atomic.atomic_dec_and_test(v), true)
  t.equal(atomic.atomic_inc_and_test(v), false)
  t.equal(atomic.atomic_sub_and_test(1, v), true)
  t.equal(atomic.atomic_add_negative(-1, v), true)
  t.equal(atomic.atomic_xchg(v, 7), -1)
  t.equal(atomic.atomic_fetch_or(8, v), 7)
  t.equal(atomic.atomic_fetch_and(12, v), 15)
  t.equal(atomic.atomic_fetch_xor(5, v), 12)
  t.equal(atomic.atomic_fetch_andnot(1, v), 9)
  t.equal(atomic.atomic_read(v), 8)
})

t.test('what happens only under a condition', async t => {
  const v = new atomic.atomic_t(1)
  t.equal(atomic.atomic_cmpxchg(v, 2, 9), 1, 'it was not 2')
  t.equal(atomic.atomic_cmpxchg(v, 1, 9), 1)
  const old = { value: 1 }
  t.equal(atomic.atomic_try_cmpxchg(v, old, 3), false)
  t.equal(old.value, 9)
  t.equal(atomic.atomic_try_cmpxchg(v, old, 0), true)
  t.equal(atomic.atomic_inc_not_zero(v), false)
  t.equal(atomic.atomic_add_unless(v, 1, 5), true)
  t.equal(atomic.atomic_dec_if_positive(v), 0)
  t.equal(atomic.atomic_dec_if_positive(v), -1)
  t.equal(atomic.atomic_read(v), 0)
  t.equal(atomic.atomic_dec_unless_positive(v), true)
  t.equal(atomic.atomic_inc_unless_negative(v), false)
  t.equal(atomic.atomic_read(v), -1)
})

t.test('counters of 64 bits are bigints, and so are those of long', async t => {
  const v = new atomic.atomic64_t(2n ** 63n - 1n)
  t.equal(atomic.atomic64_inc_return(v), -(2n ** 63n))
  const n = new atomic.atomic_long_t(1n)
  t.equal(atomic.atomic_long_dec_and_test(n), true)
  atomic.atomic_long_add(2n ** 40n, n)
  t.equal(atomic.atomic_long_read(n), 2n ** 40n)
})
