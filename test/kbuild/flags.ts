import t from 'tap'
import { definesIn, literal, shellWords } from '../../src/kbuild/flags.ts'

t.test('shellWords() takes a line apart as the shell does', async t => {
  t.strictSame(shellWords(`-DA -D B='"x y"' "-DC=a b" -DD=\\"q\\" -O2`), [
    '-DA',
    '-D',
    'B="x y"',
    '-DC=a b',
    '-DD="q"',
    '-O2',
  ])
  t.strictSame(shellWords(''), [])
})

t.test('definesIn() keeps macros and forgets all other flags', async t => {
  t.strictSame(definesIn(['-DA', '-D', 'B=2', '-Wall', '-DC=x', '-UC', '-I/include']), {
    A: '1',
    B: '2',
  })
})

t.test('literal() turns the value of a macro into TypeScript', async t => {
  const cases: [string, string][] = [
    ['1', '1'],
    ['0x10UL', '16'],
    ['-5', '-5'],
    ['"a b"', '"a b"'],
    ['true', 'true'],
    ['OTHER', 'OTHER'],
    ['(1 << 3)', '"(1 << 3)"'],
  ]
  for (const [value, expected] of cases) t.equal(literal(value), expected, value)
})
