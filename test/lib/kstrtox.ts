// Text to number, as lib/kstrtox.c of Linux has it.
import t from 'tap'
import { EFAULT, EINVAL, ERANGE } from '../../src/include/linux/errno.ts'
import type { ref } from '../../src/include/linux/types.ts'
import { EXPORT_SYMBOL as k } from '../../src/lib/kstrtox.ts'
import { UserWindow, window_ptr } from '../../src/lib/usercopy.ts'

type Parser = (s: string, base: number, res: ref<number | bigint>) => number

/** The value, or the error; a refused text must leave the variable alone. */
function parsed(parse: Parser, text: string, base = 0): number | bigint | string {
  const res: ref<number | bigint> = { value: 4711 }
  const err = parse(text, base, res)
  if (err && res.value !== 4711) return 'changed'
  return err ? `-${err === -EINVAL ? 'EINVAL' : 'ERANGE'}` : res.value
}

t.test('base 0 is what C takes for a number', async t => {
  for (const [text, value] of [
    ['0', 0],
    ['-0', 0],
    ['+7', 7],
    ['010', 8],
    ['0x1f', 31],
    ['0X1F', 31],
    ['-0x10', -16],
    ['5\n', 5],
    ['00', 0],
  ] as const) {
    t.equal(parsed(k.kstrtoint, text), value, JSON.stringify(text))
  }
  for (const text of [
    '',
    '\n',
    '-',
    '+',
    '0x',
    '08',
    '5\n\n',
    ' 5',
    '5 ',
    '--5',
    '1e3',
  ]) {
    t.equal(parsed(k.kstrtoint, text), '-EINVAL', JSON.stringify(text))
  }
})

t.test('other bases take their own digits, and 0x only where it fits', async t => {
  t.equal(parsed(k.kstrtoint, 'ff', 16), 255)
  t.equal(parsed(k.kstrtoint, '0xff', 16), 255)
  t.equal(parsed(k.kstrtoint, '0x', 16), '-EINVAL')
  t.equal(parsed(k.kstrtoint, '0x10', 10), '-EINVAL')
  t.equal(parsed(k.kstrtoint, '010', 10), 10)
  t.equal(parsed(k.kstrtoint, '101', 2), 5)
  t.equal(parsed(k.kstrtoint, '12', 2), '-EINVAL')
  t.equal(parsed(k.kstrtoint, '777', 8), 511)
})

t.test('each has the range of its C type', async t => {
  const ranges: [Parser, bigint, bigint][] = [
    [k.kstrtou8, 0n, 255n],
    [k.kstrtos8, -128n, 127n],
    [k.kstrtou16, 0n, 65535n],
    [k.kstrtos16, -32768n, 32767n],
    [k.kstrtouint, 0n, 4294967295n],
    [k.kstrtoint, -2147483648n, 2147483647n],
    [k.kstrtoul, 0n, 2n ** 64n - 1n],
    [k.kstrtoull, 0n, 2n ** 64n - 1n],
    [k.kstrtol, -(2n ** 63n), 2n ** 63n - 1n],
    [k.kstrtoll, -(2n ** 63n), 2n ** 63n - 1n],
  ]
  for (const [parse, min, max] of ranges) {
    t.equal(BigInt(parsed(parse, `${min}`)), min)
    t.equal(BigInt(parsed(parse, `${max}`)), max)
    t.equal(parsed(parse, `${max + 1n}`), '-ERANGE')
    t.equal(parsed(parse, `${min - 1n}`), min === 0n ? '-EINVAL' : '-ERANGE')
  }
  const huge = '9'.repeat(30)
  t.equal(parsed(k.kstrtoint, huge), '-ERANGE')
  t.equal(parsed(k.kstrtoint, `${huge}x`), '-ERANGE', 'too much comes before no number')
})

t.test('a variable that holds a bigint gets one', async t => {
  const wide = { value: 0n }
  t.equal(k.kstrtoll('-5', 0, wide), 0)
  t.equal(wide.value, -5n)
  const number: ref<number | bigint> = { value: 0 }
  t.equal(k.kstrtoull('9007199254740991', 0, number), 0)
  t.equal(number.value, 9007199254740991)
  t.equal(k.kstrtoull('9007199254740993', 0, number), 0)
  t.equal(number.value, 9007199254740993n)
})

t.test(
  'from a program: what it wrote, and no more than a number can be long',
  async t => {
    const buf = (text: string) => {
      const bytes = Buffer.from(text)
      return [
        new window_ptr(new UserWindow(bytes, 0, bytes.length)),
        bytes.length,
      ] as const
    }
    const res = { value: 0 }
    t.equal(k.kstrtoint_from_user(...buf('0x2a\n'), 0, res), 0)
    t.equal(res.value, 42)
    t.equal(
      k.kstrtou8_from_user(...buf('0000000000000000007'), 10, res),
      0,
      'cut, not refused',
    )
    t.equal(res.value, 0)
    const [ptr] = buf('12')
    t.equal(k.kstrtoint_from_user(ptr, 3, 0, res), -EFAULT)
    const on = { value: false }
    t.equal(k.kstrtobool_from_user(...buf('yes, please'), on), 0)
    t.equal(on.value, true)
    t.equal(k.kstrtobool_from_user(...buf('maybe'), on), -EINVAL)
    t.equal(k.kstrtobool(null, on), -EINVAL)
    t.equal(k.kstrtou16_from_user(...buf('65536'), 0, res), -ERANGE)
  },
)
