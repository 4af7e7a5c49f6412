import t from 'tap'
import { EINVAL, ENOSPC, ERANGE } from '../../src/include/linux/errno.ts'
import type { param_definition } from '../../src/include/linux/moduleparam.ts'
import { param_get, param_set, parse_args } from '../../src/kernel/params.ts'
import type { Printk } from '../../src/kernel/printk.ts'
import { vsnprintf } from '../../src/lib/vsprintf.ts'

/** insmod par.ko ARGS: the error, the values as sysfs shows them, and what was logged. */
function load(args: string) {
  const said: string[] = []
  const log = {
    printk: (fmt: string, ...rest: unknown[]) => said.push(vsnprintf(fmt, rest)),
  } as unknown as Printk
  const params: param_definition[] = [
    { name: 'p_int', type: 'int', arg: { value: -4 }, perm: 0o644 },
    { name: 'p_bool', type: 'bool', arg: { value: false }, perm: 0o644 },
    { name: 'p_charp', type: 'charp', arg: { value: null }, perm: 0o644 },
  ]
  const unknown: string[] = []
  const err = parse_args(log, 'par', args, params, name => unknown.push(name))
  const [int, bool, charp] = params.map(param_get)
  return { err, int, bool, charp, unknown, said, log, params }
}

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
  }
  for (const [text, value] of Object.entries(good)) {
    t.match(load(`p_int=${text}`), { err: 0, int: String(value), said: [] }, text)
  }
  t.match(load('p_int=2147483647'), { err: 0, int: '2147483647' })
  t.match(load('p_int=-2147483648'), { err: 0, int: '-2147483648' })
})

t.test('int refuses everything else, with the value as it was given', async t => {
  for (const text of [
    'abc',
    '',
    '5x',
    '08',
    '0x',
    '1e3',
    '0b11',
    '=5',
    '5,6',
    '--5',
    '1_0',
  ]) {
    const { err, int, said } = load(`p_int=${text}`)
    t.equal(err, -EINVAL, text)
    t.equal(int, '-4')
    t.strictSame(said, [`\x013par: \`${text}' invalid for parameter \`p_int'\n`])
  }
  for (const text of ['2147483648', '-2147483649', '18446744073709551616']) {
    t.match(load(`p_int=${text}`), { err: -ERANGE, int: '-4' })
  }
  t.match(load('p_int'), {
    err: -EINVAL,
    said: ["\x013par: `' invalid for parameter `p_int'\n"],
  })
})

t.test('bool looks at the first letters', async t => {
  for (const text of [
    'y',
    'Y',
    '1',
    't',
    'T',
    'on',
    'ON',
    'On',
    'yellow',
    '10',
    'true',
  ]) {
    t.match(load(`p_bool=${text}`), { err: 0, bool: 'Y' }, text)
  }
  for (const text of ['n', 'N', '0', 'f', 'F', 'of', 'off', 'OFF', 'false']) {
    t.match(load(`p_bool=1 p_bool=${text}`), { err: 0, bool: 'N' }, text)
  }
  for (const text of ['2', 'o', '', 'x', '-1']) {
    t.match(load(`p_bool=${text}`), { err: -EINVAL, bool: 'N' }, text)
  }
  t.match(load('p_bool'), { err: 0, bool: 'Y' }, 'the bare name is true')
})

t.test('charp takes any text, but not the bare name', async t => {
  t.match(load(''), { charp: '(null)' })
  t.match(load('p_charp='), { err: 0, charp: '' })
  t.match(load('p_charp=abc=def'), { err: 0, charp: 'abc=def' })
  t.match(load('p_charp'), {
    err: -EINVAL,
    said: ["\x013par: `' invalid for parameter `p_charp'\n"],
  })
  t.match(load(`p_charp=${'x'.repeat(1024)}`), { err: 0 })
  const long = 'x'.repeat(1025)
  t.match(load(`p_charp=${long}`), {
    err: -ENOSPC,
    said: [
      '\x013p_charp: string parameter too long\n',
      `\x013par: \`${long}' too large for parameter \`p_charp'\n`,
    ],
  })
})

t.test('double quotes keep blanks together', async t => {
  t.match(load('p_charp="two words" p_int=3'), { err: 0, charp: 'two words', int: '3' })
  t.match(load('"p_charp=two words" p_int=3'), { err: 0, charp: 'two words', int: '3' })
  t.match(load('p_charp=two words'), { charp: 'two', unknown: ['words'] })
  t.match(load('p_charp="open'), { charp: 'open' })
})

t.test('the last of a repeated parameter wins, dashes are underscores', async t => {
  t.match(load('p_int=1 p_int=2'), { int: '2' })
  t.match(load('p-int=6'), { int: '6', unknown: [] })
  t.match(load('P_INT=6'), { int: '-4', unknown: ['P_INT'] })
  t.match(load('  p_int=1\tp_bool\n'), { int: '1', bool: 'Y' })
})

t.test('an unknown parameter is no error, and -- is ignored', async t => {
  t.match(load('nosuch=1 p_int=2'), { err: 0, unknown: ['nosuch'], int: '2' })
  t.match(load('par.p_int=3'), { err: 0, unknown: ['par.p_int'] })
  t.match(load('--'), { err: 0, unknown: [], said: [] })
})

t.test('a bad value does not stop the others; the last error is the answer', async t => {
  t.match(load('p_int=abc p_bool=1 p_int=2147483648 p_charp=x'), {
    err: -ERANGE,
    int: '-4',
    bool: 'Y',
    charp: 'x',
    said: [
      "\x013par: `abc' invalid for parameter `p_int'\n",
      "\x013par: `2147483648' invalid for parameter `p_int'\n",
    ],
  })
})

t.test('a write in sysfs may end in one newline', async t => {
  const { log, params, said } = load('')
  const [int, bool, charp] = params as [
    param_definition,
    param_definition,
    param_definition,
  ]
  t.equal(param_set(log, int, '6\n'), 0)
  for (const text of ['6\n\n', ' 5', '5 ', ''])
    t.equal(param_set(log, int, text), -EINVAL)
  t.equal(param_get(int), '6')
  t.equal(param_set(log, bool, 'Y\n'), 0)
  t.equal(param_set(log, charp, 'text\n'), 0)
  t.equal(param_get(charp), 'text\n', 'a string keeps it')
  t.strictSame(said, [], 'and nothing is logged')
})
