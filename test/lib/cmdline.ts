// Numbers in an option.
import t from 'tap'
import { get_option, get_options } from '../../src/lib/cmdline.ts'

t.test('get_option() takes one number and says what comes after it', async t => {
  const take = (text: string) => {
    const str = { value: text }
    const pint = { value: 4711 }
    return [get_option(str, pint), pint.value, str.value]
  }
  t.strictSame(take(''), [0, 4711, ''])
  t.strictSame(take('x'), [0, 0, 'x'])
  t.strictSame(take('5'), [1, 5, ''])
  t.strictSame(take('0x10,3'), [2, 16, '3'])
  t.strictSame(take('-010 rest'), [1, -8, ' rest'])
  t.strictSame(take('7-9'), [3, 7, '-9'])
  t.equal(get_option({ value: '5' }, null), 1)
})

t.test('get_options() fills an array from place 1 on', async t => {
  const list = (text: string, nints = 10) => {
    const ints: number[] = []
    return [get_options(text, nints, ints), ...ints]
  }
  t.strictSame(list('3,5,-7'), ['', 3, 3, 5, -7])
  t.strictSame(list('1,7-9,2'), ['', 5, 1, 7, 8, 9, 2])
  t.strictSame(list('1,2,3,4', 3), ['3,4', 2, 1, 2])
  t.strictSame(list('1,2x'), ['x', 2, 1, 2])
  t.strictSame(list(''), ['', 0])
  t.strictSame(list('9-7'), ['7', 0])
  t.strictSame(list('1,2,3', 0), ['', 3], 'only counted')
})
