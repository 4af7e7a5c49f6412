import t from 'tap'
import { ref } from '../../src/include/linux/types.ts'
import { sscanf } from '../../src/lib/vsscanf.ts'

type Value = number | bigint | string

/** What `text` gives for as many numbers as `values` has. */
function scanned(text: string, fmt: string, values: readonly Value[]): Value[] {
  const targets = values.map(value => ref<Value>(typeof value === 'string' ? '' : 0))
  const n = sscanf(text, fmt, ...(targets as ReturnType<typeof ref<number>>[]))
  return targets.slice(0, n).map(({ value }) => value)
}

t.test('numbers of all sizes and bases', async t => {
  const rows: [text: string, fmt: string, ...values: Value[]][] = [
    ['10 0x1f -3', '%d %i %d', 10, 31, -3],
    ['ff 0xFF 017', '%x %X %i', 255, 255, 15],
    ['777', '%o', 511],
    ['300 -1 65536', '%hhu %hd %hu', 44, -1, 0],
    ['4294967295 -1', '%d %u', -1],
    ['18446744073709551615', '%llu', 18446744073709551615n],
    ['-9223372036854775808', '%lld', -9223372036854775808n],
    ['ffffffff', '%lx', 0xffffffff],
    ['1:2,3', '%d:%d,%d', 1, 2, 3],
    ['1 2', '%d:%d', 1],
    ['  7', '%d', 7],
    ['x', '%d'],
    ['', '%d'],
    ['-', '%d'],
  ]
  for (const [text, fmt, ...values] of rows)
    t.strictSame(scanned(text, fmt, values), values, `"${text}" ${fmt}`)
})

t.test('a width ends a number, and may cut through its prefix', async t => {
  const rows: [text: string, fmt: string, ...values: Value[]][] = [
    ['12345', '%2d%3d', 12, 345],
    ['0xA7', '%1x%x', 0],
    ['0xA7', '%2x%x', 0, 0xa7],
    ['0x67', '%2i%i', 0, 67],
    ['0xA7', '%2i%i', 0],
    ['-1', '%1d'],
    ['-15', '%2d%d', -1, 5],
    ['0x1-2', '%i%d', 1, -2],
  ]
  for (const [text, fmt, ...values] of rows)
    t.strictSame(scanned(text, fmt, [...values, 0]), values, `"${text}" ${fmt}`)
})

t.test('words, characters and sets', async t => {
  const rows: [text: string, fmt: string, ...values: Value[]][] = [
    ['set  led 1', '%s %s %d', 'set', 'led', 1],
    ['hello', '%3s%s', 'hel', 'lo'],
    ['abc', '%c%2c', 'a', 'bc'],
    ['key=value;', '%31[^=]=%31[^;]', 'key', 'value'],
    ['aab', '%9[ab]', 'aab'],
    ['aab', '%[ab]'],
    ['50%x', '%d%%%c', 50, 'x'],
    ['skip 5', '%*s %d', 5],
  ]
  for (const [text, fmt, ...values] of rows)
    t.strictSame(scanned(text, fmt, values), values, `"${text}" ${fmt}`)
})

t.test('bytes for text, bigints for those who hold one, and %n', async t => {
  const name = new Uint8Array(8).fill(0xff)
  const big = ref(0n)
  const at = ref(0)
  t.equal(
    sscanf(new Uint8Array([0x61, 0x62, 0x20, 0x37, 0, 0x38]), '%s %llu%n', name, big, at),
    2,
  )
  t.strictSame([...name.subarray(0, 4)], [0x61, 0x62, 0, 0xff])
  t.equal(big.value, 7n)
  t.equal(at.value, 4)
})
