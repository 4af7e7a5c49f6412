import t from 'tap'
import { plain, sizeof, struct } from '../../src/include/linux/struct.ts'
import { E2BIG, EFAULT } from '../../src/include/uapi/errno.ts'
import { bytesOf, type void_ptr } from '../../src/include/linux/void_ptr.ts'
import { ref } from '../../src/include/linux/types.ts'
import type { user_type } from '../../src/include/linux/uaccess.ts'
import {
  access_ok,
  clear_user,
  copy_from_user,
  copy_to_user,
  process_ptr,
  type user_memory,
  UserWindow,
  window_ptr,
} from '../../src/lib/usercopy.ts'
import { check_zeroed_user, copy_struct_from_user } from '../../src/lib/user_struct.ts'
import { strncpy_from_user, strnlen_user } from '../../src/lib/user_string.ts'
import { get_user, put_user } from '../../src/lib/user_value.ts'

/** A program whose memory is `bytes`, mapped at 0x1000. */
function program(bytes: Uint8Array): user_memory {
  const part = (address: bigint | number, length: number) => {
    const at = Number(address) - 0x1000
    return at < 0 ? bytes.subarray(0, 0) : bytes.subarray(at, at + length)
  }
  return {
    read(address, to) {
      const from = part(address, to.length)
      to.set(from)
      return from.length
    },
    write(address, from) {
      const to = part(address, from.length)
      to.set(from.subarray(0, to.length))
      return to.length
    },
  }
}

const pointer = (bytes: Uint8Array, offset = 0) =>
  new process_ptr(program(bytes), 0x1000n + BigInt(offset))
const nowhere = () => new process_ptr(program(new Uint8Array()), 8n)

t.test('copies tell how much was left, and do what they can', async t => {
  const memory = Uint8Array.of(1, 2, 3, 4)
  t.equal(copy_to_user(pointer(memory, 2), Uint8Array.of(7, 8, 9), 3), 1)
  t.strictSame([...memory], [1, 2, 7, 8])
  t.equal(copy_to_user(nowhere(), Uint8Array.of(1), 1), 1)
  t.equal(copy_to_user(nowhere(), Uint8Array.of(1), 0), 0, 'nothing goes anywhere')

  const to = Uint8Array.of(9, 9, 9, 9)
  t.equal(copy_from_user(to, pointer(memory, 2), 3), 1)
  t.strictSame([...to], [7, 8, 0, 9], 'what could not be read is zero')
  t.equal(clear_user(pointer(memory), 3), 0)
  t.strictSame([...memory], [0, 0, 0, 8])
})

t.test('a window is as large as read(2) was told', async t => {
  const buffer = new Uint8Array(8).fill(0xee)
  const window = new UserWindow(buffer, 2, 4)
  const at = new window_ptr(window)
  t.equal(copy_to_user(at.plus(1), Uint8Array.of(1, 2), 2), 0)
  t.strictSame(
    [...buffer],
    [0xee, 0xee, 0, 1, 2, 0xee, 0xee, 0xee],
    'no old byte is left before',
  )
  t.equal(copy_to_user(at.plus(3), Uint8Array.of(5, 6), 2), 1)
  t.equal(clear_user(at.plus(3), 5), 4)
  t.equal(copy_to_user(at.plus(-1), Uint8Array.of(5), 1), 1)
  t.equal(at.plus(3).int, 3)
  t.equal(at.plus(3).value, 3n)
  window.end()
  t.equal(copy_to_user(at, Uint8Array.of(1), 1), 1, 'afterwards it leads nowhere')
})

t.test('a driver that sleeps keeps bytes of its own', async t => {
  const buffer = Uint8Array.of(0xee, 1, 2, 3, 0xee)
  const written = new UserWindow(buffer, 1, 3)
  written.keep()
  buffer.fill(0)
  const to = new Uint8Array(3)
  t.equal(copy_from_user(to, new window_ptr(written), 3), 0)
  t.strictSame([...to], [1, 2, 3])

  const read = new UserWindow(new Uint8Array(100), 16, 84)
  copy_to_user(new window_ptr(read), Uint8Array.of(7), 1)
  read.detach()
  t.equal(copy_to_user(new window_ptr(read, 2), Uint8Array.of(9), 1), 0)
  read.complete(5)
  t.strictSame([...read.bytes.subarray(16, 21)], [7, 0, 9, 0, 0])
})

t.test('get_user() and put_user() know the sizes and signs of C', async t => {
  const rows: [type: user_type, value: number, hex: string, back: number][] = [
    ['char', -1, 'ff', -1],
    ['unsigned char', -1, 'ff', 255],
    ['short', 0x18000, '0080', -32768],
    ['unsigned short', 65535, 'ffff', 65535],
    ['int', -2, 'feffffff', -2],
    ['unsigned int', -2, 'feffffff', 4294967294],
    ['long', -2, 'feffffffffffffff', -2],
    ['unsigned long', 258, '0201000000000000', 258],
    ['pointer', 4096, '0010000000000000', 4096],
  ]
  for (const [type, value, hex, back] of rows) {
    const memory = new Uint8Array(hex.length / 2)
    t.equal(put_user(value, pointer(memory), type), 0, type)
    t.equal(Buffer.from(memory).toString('hex'), hex)
    const x = ref(0)
    t.equal(get_user(x, pointer(memory), type), 0)
    t.equal(x.value, back)
    t.equal(get_user(x, pointer(memory, 1), type), -EFAULT, 'half of it is not there')
    t.equal(x.value, 0, 'and then it is 0')
  }
})

t.test('64 bits that are no exact number come as a bigint', async t => {
  const memory = new Uint8Array(8)
  put_user(2n ** 63n + 1n, pointer(memory), 'unsigned long long')
  const x = ref<number | bigint>(0)
  get_user(x, pointer(memory), 'unsigned long long')
  t.equal(x.value, 2n ** 63n + 1n)
  put_user(5, pointer(memory), 'long')
  const wide = ref(0n)
  get_user(wide, pointer(memory), 'long')
  t.equal(wide.value, 5n)
})

t.test('strings end at their NUL, their limit, or in EFAULT', async t => {
  const memory = Buffer.from('hello\0world')
  const to = new Uint8Array(16)
  t.equal(strncpy_from_user(to, pointer(memory), 16), 5)
  t.equal(Buffer.from(to).toString('latin1', 0, 6), 'hello\0')
  t.equal(to[6], 0, 'what is behind it stays away')
  t.equal(strncpy_from_user(to, pointer(memory), 3), 3)
  t.equal(strncpy_from_user(to, pointer(memory), 0), 0)
  t.equal(strncpy_from_user(to, pointer(memory, 6), 16), -EFAULT)
  t.equal(strncpy_from_user(to, nowhere(), 4), -EFAULT)
  t.equal(strnlen_user(pointer(memory), 99), 6)
  t.equal(strnlen_user(pointer(memory), 5), 6, 'the NUL is one further than asked for')
  t.equal(strnlen_user(pointer(Buffer.from('a long string\0')), 3), 4, 'too long')
  t.equal(strnlen_user(pointer(memory), 0), 0)
  t.equal(strnlen_user(pointer(memory, 6), 99), 0)
})

t.test('the argument of an ioctl is a pointer, an int, or 64 bits', async t => {
  const arg = new process_ptr(program(new Uint8Array()), -1n)
  t.equal(arg.value, 0xffff_ffff_ffff_ffffn)
  t.equal(arg.int, -1)
  t.equal(arg.plus(1).value, 0n)
  t.equal(access_ok(arg, -1), false)
  t.equal(
    access_ok(new process_ptr(program(new Uint8Array()), 0x7fff_ffff_e000n), 0x1000),
    true,
  )
  t.equal(
    access_ok(new process_ptr(program(new Uint8Array()), 0x7fff_ffff_f000n), 1),
    false,
  )
})

t.test('what is no memory of a program is not touched at all', async t => {
  const all: user_memory = {
    read: (_address, to) => to.fill(7).length,
    write: (_address, from) => from.length,
  }
  const top = new process_ptr(all, 0x7fff_ffff_effcn)
  const kernel = new process_ptr(all, 0xffff_ffff_8100_0000n)
  const to = new Uint8Array(8).fill(9)
  t.equal(copy_from_user(to, top, 4), 0)
  t.equal(copy_from_user(to, top, 8), 8, 'also where only the end is too high')
  t.same([...to], [0, 0, 0, 0, 0, 0, 0, 0])
  t.equal(copy_to_user(kernel, to, 8), 8)
  t.equal(clear_user(kernel, 8), 8)
  t.equal(put_user(1, kernel, 'char'), -EFAULT)
  t.equal(get_user(ref(0), kernel, 'char'), -EFAULT)
  t.equal(strnlen_user(kernel, 8), 0)
  t.equal(strnlen_user(top, 8), 0, 'no NUL up to the end of user space')
  t.equal(strncpy_from_user(to, kernel, 8), -EFAULT)
  t.equal(strncpy_from_user(to, top, 8), -EFAULT)
})

t.test('memory of the kernel may be an array of anything', async t => {
  const memory = new Uint8Array(8)
  const to_user = (from: void_ptr, n: number) =>
    copy_to_user(pointer(memory), bytesOf(from), n)
  const from_user = (to: void_ptr, offset: number, n: number) =>
    copy_from_user(bytesOf(to), pointer(memory, offset), n)

  t.equal(to_user(Int32Array.of(-2, 3), 8), 0)
  t.equal(Buffer.from(memory).toString('hex'), 'feffffff03000000')
  const numbers = new Uint16Array(4)
  t.equal(from_user(numbers, 4, 8), 4)
  t.same([...numbers], [3, 0, 0, 0])
  const view = new DataView(new ArrayBuffer(4))
  t.equal(from_user(view, 0, 4), 0)
  t.equal(view.getInt32(0, true), -2)
  const point = struct({ x: 'int', y: 'int' })
  const one = new point()
  t.equal(from_user(one, 0, sizeof(point)), 0)
  t.same(plain(one), { x: -2, y: 3 })
  one.y = 5
  t.equal(to_user(one, sizeof(one)), 0)
  t.equal(memory[4], 5)
  t.throws(() => to_user({}, 1), TypeError)
})

t.test('put_user() stores all of a value or nothing, also between two pages', async t => {
  const page = new Uint8Array(0x1000)
  const at = new process_ptr(program(page), 0x1ffcn)
  t.equal(put_user(-1, at, 'long'), -EFAULT)
  t.ok(
    page.every(byte => byte === 0),
    'the second page is missing',
  )
  t.equal(put_user(-1, at, 'int'), 0)

  const stored: [at: bigint, n: number][] = []
  const readOnlyFirst: user_memory = {
    read: (_address, to) => to.fill(3).length,
    write(address, from) {
      stored.push([BigInt(address), from[0] ?? 0])
      return BigInt(address) < 0x2000n ? 0 : from.length
    },
  }
  t.equal(put_user(-1, new process_ptr(readOnlyFirst, 0x1ffcn), 'long'), -EFAULT)
  t.same(
    stored,
    [
      [0x2000n, 255],
      [0x1ffcn, 255],
      [0x2000n, 3],
    ],
    'what was stored is put back',
  )
})

t.test('copy_struct_from_user() takes older and newer structs', async t => {
  const memory = Uint8Array.of(1, 2, 3, 4, 0, 0, 0, 9)
  const dst = new Uint8Array(6).fill(0xee)
  t.equal(copy_struct_from_user(dst, 6, pointer(memory), 4), 0)
  t.same([...dst], [1, 2, 3, 4, 0, 0], 'what an older program does not know is zero')
  t.equal(copy_struct_from_user(dst, 4, pointer(memory), 7), 0, 'zeros too many')
  t.equal(copy_struct_from_user(dst, 4, pointer(memory), 8), -E2BIG)
  t.equal(copy_struct_from_user(dst, 4, pointer(memory), 9), -E2BIG, 'before the end')
  t.equal(copy_struct_from_user(dst, 2, pointer(memory, 4), 5), -E2BIG)
  t.equal(copy_struct_from_user(dst, 2, pointer(memory, 3), 4), 0)
  t.equal(copy_struct_from_user(dst, 6, pointer(memory, 6), 4), -EFAULT)
  t.equal(check_zeroed_user(pointer(memory, 4), 3), 1)
  t.equal(check_zeroed_user(pointer(memory, 4), 4), 0)
  t.equal(check_zeroed_user(pointer(Uint8Array.of(0, 0)), 3), -EFAULT)
  t.equal(check_zeroed_user(nowhere(), 0), 1)
})
