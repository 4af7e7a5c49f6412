import t from 'tap'
import { runTool } from '../harness/tool.ts'

const PROC = {
  proc: {
    ksyms:
      'ffffffffc0215000 foo\t[syma]\nffffffffc0215020 a_long_name_that_needs_more_than_its_room\t[syma]\n' +
      'ffffffff81000000 _printk\n',
    modules:
      'symb 16384 0 - Live 0xffffffffc0210000 (OE)\nsyma 12289 1 symb, Live 0xffffffffc0215000 (OE)\n',
  },
}
const HEADING = 'Address           Symbol                            Defined by\n'
const FOO = 'ffffffffc0215000  foo                               [syma]\n'
const LONG = 'ffffffffc0215020  a_long_name_that_needs_more_than_its_room  [syma]\n'

t.test('ksyms shows what modules export', async t => {
  const root = t.testdir(PROC)
  const out = async (...argv: string[]) =>
    (await runTool(['ksyms', ...argv], { root })).out
  t.equal(await out(), HEADING + FOO + LONG)
  t.equal(await out('-h'), FOO + LONG)
  t.equal(await out('-ah'), `${FOO}${LONG}ffffffff81000000  _printk\n`)
  t.equal(
    await out('--info'),
    `${HEADING}ffffffffc0210000  (16k)                             [symb]
ffffffffc0215000  (13k)                             [syma]
${FOO}${LONG}`,
  )
})

t.test('ksyms says when there is no list', async t => {
  const { status, err } = await runTool(['ksyms'], { root: t.testdir() })
  t.equal(status, 1)
  t.equal(err, 'ksyms: ERROR: /proc/ksyms: No such file or directory\n')
})
