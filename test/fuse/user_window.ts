import t from 'tap'
import {
  clear_user,
  copy_from_user,
  copy_to_user,
  UserWindow,
  window_ptr,
} from '../../src/lib/usercopy.ts'

/** A window of 100 bytes, 16 into a buffer full of what others left. */
function lent(): { window: UserWindow; buf: window_ptr; shared: Uint8Array } {
  const shared = new Uint8Array(256).fill(0xee)
  const window = new UserWindow(shared, 16, 100)
  return { window, buf: new window_ptr(window), shared }
}

const ones = (n: number): Uint8Array => new Uint8Array(n).fill(1)

/** What the program would get if the driver answered `n`. */
function answer(window: UserWindow, n: number): number[] {
  window.complete(n)
  return [...window.bytes.subarray(window.start, window.start + n)]
}

t.test('copies end where the window does', async t => {
  for (const n of [1, 32, 33, 100]) {
    const { window, buf } = lent()
    t.equal(copy_to_user(buf, ones(n), n), 0)
    t.same(answer(window, n), [...ones(n)])
  }
  const { window, buf, shared } = lent()
  t.equal(copy_to_user(buf.plus(90), ones(20), 20), 10, 'ten bytes are left over')
  t.equal(copy_to_user(buf.plus(101), ones(1), 1), 1)
  t.equal(copy_to_user(buf.plus(-1), ones(1), 1), 1)
  t.equal(shared[16 + 100], 0xee, 'nothing was written behind it')
  t.equal(window.filled, 100)
})

t.test("a count beyond the driver's own buffer is a BUG", async t => {
  const { buf } = lent()
  const refused = (copy: () => number): unknown => {
    try {
      return copy()
    } catch (bug) {
      return (bug as { complaint?: string }).complaint
    }
  }
  t.match(
    refused(() => copy_to_user(buf, ones(3), 5)),
    /exposure attempt detected/,
  )
  t.match(
    refused(() => copy_from_user(new Uint8Array(3), buf, 5)),
    /overwrite attempt detected/,
  )
})

t.test('bytes that were skipped are zeros', async t => {
  const { window, buf } = lent()
  copy_to_user(buf.plus(2), ones(1), 1)
  t.same(answer(window, 5), [0, 0, 1, 0, 0])
})

t.test('clear_user() writes zeros', async t => {
  const { window, buf } = lent()
  copy_to_user(buf, ones(4), 4)
  t.equal(clear_user(buf.plus(1), 2), 0)
  t.equal(clear_user(buf.plus(98), 4), 2)
  t.same(answer(window, 4), [1, 0, 0, 1])
})

t.test('detach() leaves the shared buffer and keeps what was written', async t => {
  const { window, buf, shared } = lent()
  copy_to_user(buf, ones(2), 2)
  window.detach()
  shared.fill(0xdd)
  copy_to_user(buf.plus(2), ones(40), 40)
  t.same(answer(window, 42), [...ones(42)])
  t.equal(shared[16], 0xdd)
})

t.test('a detached window needs room only for what is written', async t => {
  const shared = new Uint8Array(1 << 17)
  const window = new UserWindow(shared, 16, 1 << 16)
  window.detach()
  t.equal(window.bytes.length, 0)
  const buf = new window_ptr(window)
  t.equal(copy_to_user(buf, ones(1), 1), 0)
  t.ok(window.bytes.length < 64)
  for (let at = 1; at < 1 << 16; at++) copy_to_user(buf.plus(at), ones(1), 1)
  t.equal(window.bytes.length, 16 + (1 << 16))
  t.ok(answer(window, 1 << 16).every(byte => byte === 1))
})

t.test('keep() takes a payload along, even out of a Buffer', async t => {
  const shared = Buffer.alloc(64, 7)
  const window = new UserWindow(shared, 8, 40)
  window.keep()
  shared.fill(9)
  const to = new Uint8Array(41)
  t.equal(copy_from_user(to, new window_ptr(window), 41), 1)
  t.same([...to], [...new Uint8Array(40).fill(7), 0])
})

t.test('after end() a pointer leads nowhere', async t => {
  const { window, buf, shared } = lent()
  window.end()
  t.equal(copy_to_user(buf, ones(1), 1), 1)
  t.equal(clear_user(buf, 1), 1)
  t.equal(copy_from_user(new Uint8Array(1), buf, 1), 1)
  t.equal(shared[16], 0xee)
})
