// Counters of references, and what is freed when nobody reads any more.
import t from 'tap'
import { stage } from '../harness/scenarios.ts'

t.test(
  'what goes wrong with a reference is said once, and the counter stays as it is',
  async t => {
    const { play } = await stage(
      t,
      `import * as refs from '#linux/refcount'`,
      `
    fine() { const r = new refs.refcount_t(1); refs.refcount_inc(r); return refs.refcount_dec_and_test(r) ? 9 : refs.refcount_dec_and_test(r) ? 1 : 0 },
    after() { const r = new refs.refcount_t(0); refs.refcount_inc(r); return refs.refcount_read(r) === 0xc0000000 ? 1 : 0 },
    under() { const r = new refs.refcount_t(0); return refs.refcount_dec_and_test(r) ? 1 : 0 },
    leak() { const r = new refs.refcount_t(1); refs.refcount_dec(r); return 0 },
    over() { const r = new refs.refcount_t(0x7fffffff); refs.refcount_inc(r); return refs.refcount_inc_not_zero(r) ? 1 : 0 },
    not_one() { const r = new refs.refcount_t(2); return refs.refcount_dec_not_one(r) && !refs.refcount_dec_not_one(r) && refs.refcount_dec_if_one(r) ? 1 : 0 },
  `,
    )
    t.strictSame(await play('fine'), { answer: 1, said: [] })
    t.strictSame(await play('not_one'), { answer: 1, said: [] })
    for (const [scene, answer, words] of [
      ['after', 1, 'refcount_t: addition on 0; use-after-free.'],
      ['under', 0, 'refcount_t: underflow; use-after-free.'],
      ['leak', 0, 'refcount_t: decrement hit 0; leaking memory.'],
      ['over', 1, 'refcount_t: saturated; leaking memory.'],
    ] as const) {
      const first = await play(scene)
      t.equal(first.answer, answer, scene)
      t.ok(first.said.includes(`<4>${words}`), words)
    }
    t.strictSame((await play('under')).said, [])
  },
)

t.test('kref_put() releases with the last reference', async t => {
  const { play } = await stage(
    t,
    `import { kref, kref_get, kref_get_unless_zero, kref_init, kref_put } from '#linux/kref'`,
    `
    last() {
      const refs = new kref()
      let released = 0
      kref_init(refs)
      kref_get(refs)
      const first = kref_put(refs, () => released++)
      const second = kref_put(refs, () => released++)
      return first * 100 + second * 10 + released + (kref_get_unless_zero(refs) ? 1000 : 0)
    },
  `,
  )
  t.strictSame(await play('last'), { answer: 11, said: [] })
})

t.test('call_rcu() calls later, from a softirq, in order', async t => {
  const { play } = await stage(
    t,
    `import { call_rcu, kfree_rcu, rcu_assign_pointer, rcu_barrier, rcu_dereference, rcu_head, rcu_read_lock, rcu_read_unlock, synchronize_rcu } from '#linux/rcupdate'
     import { in_serving_softirq } from '#linux/preempt'
     import { GFP_KERNEL, kmalloc } from '#linux/slab'
     import { ref } from '#linux/types'`,
    `
    async later() {
      let heard = ''
      call_rcu(new rcu_head(), () => { heard += in_serving_softirq() ? 'a' : '?' })
      call_rcu(new rcu_head(), () => { heard += 'b' })
      if (heard) return 0
      await rcu_barrier()
      return heard === 'ab' ? 1 : 2
    },
    async reader() {
      const config = ref<{ n: number }>({ n: 1 })
      rcu_read_lock()
      const seen = rcu_dereference(config)
      rcu_read_unlock()
      rcu_assign_pointer(config, { n: 2 })
      await synchronize_rcu()
      return seen.n * 10 + rcu_dereference(config).n
    },
    async freed() { const p = kmalloc(8, GFP_KERNEL); kfree_rcu(p, 'rcu'); await rcu_barrier(); return 0 },
  `,
  )
  t.strictSame(await play('later'), { answer: 1, said: [] })
  t.strictSame(await play('reader'), { answer: 12, said: [] })
  t.strictSame(await play('freed'), { answer: 0, said: [] })
})
