// Parameters in process: every spelling, what is said about it, and what is set.
import t from 'tap'
import { EINVAL, ENOSPC, EPERM, ERANGE, EROFS } from '../../src/include/linux/errno.ts'
import type {
  kernel_param,
  kernel_param_ops,
  param_definition,
  param_type,
} from '../../src/include/linux/kernel_param.ts'
import { EXPORT_SYMBOL as ops } from '../../src/kernel/params/ops.ts'
import { Params } from '../../src/kernel/params/params.ts'
import type { Printk } from '../../src/kernel/printk.ts'
import { DebugLocks } from '../../src/kernel/locking/debug_locks.ts'
import { Taints } from '../../src/kernel/taint.ts'
import { vsnprintf } from '../../src/lib/vsprintf.ts'
import { bareLocks } from '../harness/locks.ts'

type Declared = Partial<param_definition> & Pick<param_definition, 'name' | 'ops' | 'arg'>

/** Parameters of a module `par`, and what can be done with them. */
function parameters(declared: Declared[]) {
  const said: string[] = []
  const log = {
    printk: (fmt: string, ...rest: unknown[]) => said.push(vsnprintf(fmt, rest)),
  } as unknown as Printk
  const taints = new Taints(new DebugLocks(), text => said.push(text))
  const params = new Params({ log, taints, mutexes: bareLocks().mutexes })
  const kp = declared.map(one =>
    params.kernel_param({ type: '', perm: 0o644, flags: 0, ...one }, undefined),
  )
  const named = (name: string) => kp.find(param => param.name === name) as kernel_param
  const unknown: string[] = []
  const parse = (args: string) =>
    params.parse_args(args, {
      doing: 'par',
      params: kp,
      unknown: name => {
        unknown.push(name)
        return 0
      },
    })
  const show = (name: string) => params.param_attr_show(named(name))
  const store = (name: string, text: string) => params.param_attr_store(named(name), text)
  return { said, taints, params, kp, unknown, parse, show, store }
}

const variable = (name: string, type: param_type, value: unknown): Declared => ({
  name,
  ops: type,
  arg: { value },
})

/** insmod par.ko ARGS: the error, the values as sysfs shows them, and what was logged. */
async function load(args: string) {
  const machine = parameters([
    variable('p_int', 'int', -4),
    variable('p_bool', 'bool', false),
    variable('p_charp', 'charp', null),
  ])
  const { err, after_dashes } = await machine.parse(args)
  const int = await machine.show('p_int')
  const bool = await machine.show('p_bool')
  const charp = await machine.show('p_charp')
  return { ...machine, err, after_dashes, int, bool, charp }
}

const invalid = (value: string, name: string) =>
  `\x013par: \`${value}' invalid for parameter \`${name}'\n`

t.test('int takes what C takes', async t => {
  const good = {
    5: 5,
    '0x10': 16,
    '010': 8,
    '+5': 5,
    '0X1f': 31,
    '-7': -7,
    0: 0,
    '-0': 0,
    2147483647: 2147483647,
    '-2147483648': -2147483648,
  }
  for (const [text, value] of Object.entries(good)) {
    t.match(await load(`p_int=${text}`), { err: 0, int: `${value}\n`, said: [] }, text)
  }
})

t.test('int refuses everything else, with the value as it was given', async t => {
  for (const text of 'abc| |5x|08|0x|1e3|0b11|=5|5,6|--5|1_0|-+5|+-5'.split('|')) {
    const { err, int, said } = await load(`p_int=${text}`)
    t.equal(err, -EINVAL, text)
    t.equal(int, '-4\n')
    t.strictSame(said, [invalid(text.trim(), 'p_int')])
  }
  for (const text of ['2147483648', '-2147483649', '18446744073709551616']) {
    t.match(await load(`p_int=${text}`), { err: -ERANGE, int: '-4\n' })
  }
  t.match(await load('p_int'), { err: -EINVAL, said: [invalid('', 'p_int')] })
})

t.test('each type of number has its range', async t => {
  const ranges: [param_type, string, string][] = [
    ['byte', '0', '255'],
    ['short', '-32768', '32767'],
    ['ushort', '0', '65535'],
    ['int', '-2147483648', '2147483647'],
    ['uint', '0', '4294967295'],
    ['long', '-9223372036854775808', '9223372036854775807'],
    ['ulong', '0', '18446744073709551615'],
    ['ullong', '0', '18446744073709551615'],
  ]
  for (const [type, min, max] of ranges) {
    for (const start of type.endsWith('long') ? [1, 1n] : [1]) {
      const { parse, show } = parameters([variable('n', type, start)])
      t.equal((await parse(`n=${min}`)).err, 0, `${type} ${min}`)
      t.equal(await show('n'), `${min}\n`)
      t.equal((await parse(`n=${max}`)).err, 0, `${type} ${max}`)
      t.equal(await show('n'), `${max}\n`)
      const above = String(BigInt(max) + 1n)
      t.equal((await parse(`n=${above}`)).err, -ERANGE, `${type} ${above}`)
      const below = String(BigInt(min) - 1n)
      const expected = min === '0' ? -EINVAL : -ERANGE
      t.equal((await parse(`n=${below}`)).err, expected, `${type} ${below}`)
      t.equal(await show('n'), `${max}\n`, 'a refused value changes nothing')
    }
  }
})

t.test(
  'a wide number is a number while it can be, and a bigint if it began as one',
  async t => {
    const { parse, kp } = parameters([
      variable('a', 'long', -6),
      variable('b', 'ulong', 7n),
    ])
    const values = () => kp.map(({ arg }) => (arg as { value: unknown }).value)
    await parse('a=5 b=5')
    t.strictSame(values(), [5, 5n])
    await parse('a=9007199254740993 b=0x10')
    t.strictSame(values(), [9007199254740993n, 16n])
  },
)

t.test('hexint is shown in six digits at least', async t => {
  const { parse, show } = parameters([variable('h', 'hexint', 0xff)])
  t.equal(await show('h'), '0x0000ff\n')
  for (const [given, shown] of [
    ['0x1F', '0x00001f'],
    ['10', '0x00000a'],
    ['0', '0x000000'],
    ['4294967295', '0xffffffff'],
  ]) {
    t.equal((await parse(`h=${given}`)).err, 0)
    t.equal(await show('h'), `${shown}\n`)
  }
  t.equal((await parse('h=-1')).err, -EINVAL)
})

t.test('bool looks at the first letters', async t => {
  for (const text of 'y|Y|1|t|T|on|ON|On|yellow|10|true'.split('|')) {
    t.match(await load(`p_bool=${text}`), { err: 0, bool: 'Y\n' }, text)
  }
  for (const text of 'n|N|0|f|F|of|off|OFF|false'.split('|')) {
    t.match(await load(`p_bool=1 p_bool=${text}`), { err: 0, bool: 'N\n' }, text)
  }
  for (const text of ['2', 'o', '', 'x', '-1']) {
    t.match(await load(`p_bool=${text}`), { err: -EINVAL, bool: 'N\n' }, text)
  }
  t.match(await load('p_bool'), { err: 0, bool: 'Y\n' }, 'the bare name is true')
})

t.test('bint is a bool in an int; invbool is the other way round', async t => {
  const { parse, show, kp } = parameters([
    variable('bint', 'bint', 0),
    variable('inv', 'invbool', false),
  ])
  const values = () => kp.map(({ arg }) => (arg as { value: unknown }).value)
  t.strictSame([await show('bint'), await show('inv')], ['0\n', 'Y\n'])
  t.equal((await parse('bint=y inv=y')).err, 0)
  t.strictSame(values(), [1, false])
  t.equal((await parse('bint=off inv=0')).err, 0)
  t.strictSame(values(), [0, true])
  t.strictSame([await show('bint'), await show('inv')], ['0\n', 'N\n'])
  t.equal((await parse('bint')).err, 0)
  t.equal((await parse('bint=2')).err, -EINVAL)
  t.equal((await parse('inv')).err, -EINVAL)
  t.strictSame(values(), [1, true])
})

t.test('charp takes any text, but not the bare name', async t => {
  t.match(await load(''), { charp: '(null)\n' })
  t.match(await load('p_charp='), { err: 0, charp: '\n' })
  t.match(await load('p_charp=abc=def'), { err: 0, charp: 'abc=def\n' })
  t.match(await load('p_charp'), { err: -EINVAL, said: [invalid('', 'p_charp')] })
  t.match(await load(`p_charp=${'x'.repeat(1024)}`), { err: 0 })
  const long = `${'x'.repeat(1023)}é`
  t.match(await load(`p_charp=${long}`), {
    err: -ENOSPC,
    said: [
      '\x013p_charp: string parameter too long\n',
      `\x013par: \`${long}' too large for parameter \`p_charp'\n`,
    ],
  })
})

t.test('a string has room for one byte less than its length', async t => {
  const string = { value: 'abc' }
  const { parse, show, store, said } = parameters([
    { name: 's', ops: 'string', arg: { maxlen: 8, string } },
  ])
  t.equal(await show('s'), 'abc\n')
  t.equal((await parse('s=1234567')).err, 0)
  t.equal(string.value, '1234567')
  t.equal((await parse('s=12345678')).err, -ENOSPC)
  t.equal(await store('s', '1234567\n'), -ENOSPC, 'the newline needs room, too')
  t.equal(string.value, '1234567')
  t.strictSame(said, [
    "\x013s: string doesn't fit in 7 chars.\n",
    "\x013par: `12345678' too large for parameter `s'\n",
    "\x013s: string doesn't fit in 7 chars.\n",
  ])
})

t.test('an array counts what it is given', async t => {
  const elem = [1, 2, 3, 4]
  const num = { value: 2 }
  const arg = { max: 4, num, ops: 'int', elem }
  const { parse, show, store, said } = parameters([{ name: 'arr', ops: 'array', arg }])
  t.equal(await show('arr'), '1,2\n')
  t.equal((await parse('arr=0x10,020,-3')).err, 0)
  t.strictSame([elem, num.value], [[16, 16, -3, 4], 3])
  t.equal((await parse('arr=5,6,7,8,9')).err, -EINVAL)
  t.strictSame(said.splice(0), [
    '\x013arr: can only take 4 arguments\n',
    invalid('5', 'arr'),
  ])
  t.equal(await show('arr'), '5,6,7,8\n', 'what came before the error is set')
  t.equal(await store('arr', '8,zz,9\n'), -EINVAL)
  t.strictSame([elem, num.value], [[8, 6, 7, 8], 1])
  for (const [text, left] of [
    ['1,', '1'],
    [',1', ''],
    ['1,,2', '1'],
    ['', ''],
  ]) {
    t.equal((await parse(`arr=${text}`)).err, -EINVAL, text ?? '')
    t.strictSame(said.splice(0), [invalid(left ?? '', 'arr')])
  }
  t.equal(await store('arr', '1,99999999999'), -ERANGE)
  num.value = 0
  t.equal(await show('arr'), '', 'nothing at all for no elements')
})

t.test('an array without a count is always shown whole', async t => {
  const arg = { max: 3, num: null, ops: 'charp', elem: ['a', null, 'c'] }
  const { parse, show } = parameters([{ name: 'arr', ops: 'array', arg }])
  t.equal(await show('arr'), 'a,(null),c\n')
  t.equal((await parse('arr=,')).err, 0)
  t.equal(await show('arr'), ',,c\n')
})

t.test('double quotes keep blanks together', async t => {
  t.match(await load('p_charp="two words" p_int=3'), { charp: 'two words\n', int: '3\n' })
  t.match(await load('"p_charp=two words" p_int=3'), { charp: 'two words\n', int: '3\n' })
  t.match(await load('p_charp=two words'), { charp: 'two\n', unknown: ['words'] })
  t.match(await load('p_charp="open'), { charp: 'open\n' })
  t.match(await load(`p_charp=it's`), { charp: "it's\n" })
  t.match(await load('p_charp=a"b c"d'), { charp: 'a"b c"d\n' }, 'inner ones stay')
})

t.test('the last of a repeated parameter wins, dashes are underscores', async t => {
  t.match(await load('p_int=1 p_int=2'), { int: '2\n' })
  t.match(await load('p-int=6'), { int: '6\n', unknown: [] })
  t.match(await load('P_INT=6'), { int: '-4\n', unknown: ['P_INT'] })
  t.match(await load('  p_int=1\tp_bool\n'), { int: '1\n', bool: 'Y\n' })
  t.match(await load('=5 ='), { err: 0, unknown: ['=5', '='] })
})

t.test('what nobody knows is told to the caller, and -- ends it', async t => {
  t.match(await load('nosuch=1 p_int=2'), { err: 0, unknown: ['nosuch'], int: '2\n' })
  t.match(await load('par.p_int=3'), { err: 0, unknown: ['par.p_int'] })
  t.match(await load('p_int=1 --  p_int=2 x'), {
    err: 0,
    int: '1\n',
    unknown: [],
    after_dashes: 'p_int=2 x',
  })
})

t.test('a bad value does not stop the others; the last error is the answer', async t => {
  t.match(await load('p_int=abc p_bool=1 p_int=2147483648 p_charp=x'), {
    err: -ERANGE,
    int: '-4\n',
    bool: 'Y\n',
    charp: 'x\n',
    said: [invalid('abc', 'p_int'), invalid('2147483648', 'p_int')],
  })
})

t.test('a write may end in one newline, or at a NUL', async t => {
  const { store, show, said } = await load('')
  t.equal(await store('p_int', '6\n'), 0)
  for (const text of ['6\n\n', ' 5', '5 ', '', '\n']) {
    t.equal(await store('p_int', text), -EINVAL)
  }
  t.equal(await show('p_int'), '6\n')
  t.equal(await store('p_int', '8\0garbage'), 0)
  t.equal(await show('p_int'), '8\n')
  t.equal(await store('p_bool', 'Y\n'), 0)
  t.equal(await store('p_charp', 'text\n'), 0)
  t.equal(await show('p_charp'), 'text\n\n', 'a string keeps it')
  t.strictSame(said, [], 'and nothing is logged')
})

t.test('operations of a driver: set, get, free, and none', async t => {
  const calls: unknown[] = []
  const own: kernel_param_ops = {
    flags: 1,
    set: (val, kp) => {
      calls.push([kp.name, val, kp.arg])
      return 0
    },
    get: (buf, _kp) => {
      buf.set(Buffer.from('cb:13\n'))
      return 6
    },
    free: arg => void calls.push(['free', arg]),
  }
  const { parse, show, store, params, kp } = parameters([
    { name: 'cb', ops: own, arg: 'mine' },
    { name: 'none', ops: {}, arg: undefined },
  ])
  t.equal((await parse('cb cb=4')).err, 0)
  t.equal(await show('cb'), 'cb:13\n')
  t.equal(await show('none'), -EPERM)
  t.equal(await store('none', '1'), -EPERM)
  await t.rejects(parse('none=1'), TypeError, 'on the command line that is an oops')
  t.equal(await store('cb', '5\n'), 0, 'and the lock is free again')
  params.destroy_params(kp)
  t.strictSame(calls, [
    ['cb', null, 'mine'],
    ['cb', '4', 'mine'],
    ['cb', '5\n', 'mine'],
    ['free', 'mine'],
  ])
})

t.test('an unsafe parameter taints the kernel each time it is set', async t => {
  const { parse, store, said, taints } = parameters([
    { ...variable('danger', 'int', 0), flags: 1 },
  ])
  t.equal(taints.mask, 0)
  await parse('danger=1')
  await store('danger', 'x')
  t.equal(taints.mask, 1 << 6)
  t.strictSame(said, [
    '\x015Setting dangerous option danger - tainting kernel\n',
    '\x015Setting dangerous option danger - tainting kernel\n',
  ])
})

t.test('pieces for drivers: a range, and a switch that only goes on', async t => {
  const n = { value: 5 }
  const kp = { name: 'n', arg: n } as unknown as kernel_param<typeof n>
  t.equal(ops.param_set_uint_minmax('9', kp, 1, 8), -EINVAL)
  t.equal(ops.param_set_uint_minmax('8', kp, 1, 8), 0)
  t.equal(n.value, 8)
  const on = { value: false }
  const bool = { name: 'b', arg: on } as unknown as kernel_param<typeof on>
  t.equal(ops.param_set_bool_enable_only('0', bool), 0)
  t.equal(ops.param_set_bool_enable_only('1', bool), 0)
  t.equal(ops.param_set_bool_enable_only('0', bool), -EROFS)
  t.equal(on.value, true)
})
