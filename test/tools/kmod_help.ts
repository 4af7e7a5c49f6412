// Help in kmod's shape: tabs, columns, headings.
import t from 'tap'
import { kmodHelp } from '../../src/tools/kmod_help.ts'

const MANUAL = {
  name: 'tool',
  usage: '[options] file\n-x',
  summary: '',
  notes: '',
  options: [
    ['-a, --all', 'all of them'],
    ['--only <name>', 'this one\nand no other'],
    ['-q, --quiet', 'say nothing'],
  ],
} as const

t.test('options stand below each other, with or without a letter', async t => {
  t.equal(
    kmodHelp(MANUAL, 20),
    'Usage:\n\ttool [options] file\n\ttool -x\nOptions:\n' +
      '\t-a, --all           all of them\n' +
      '\t    --only=NAME     this one\n' +
      '\t                    and no other\n' +
      '\t-q, --quiet         say nothing\n' +
      '\t-V, --version       show version\n' +
      '\t-h, --help          show this help\n',
  )
})

t.test('options may be in sections', async t => {
  const headings = { '-a, --all': 'Query Options', '-q, --quiet': 'General Options' }
  const help = kmodHelp({ ...MANUAL, headings }, 20)
  t.match(help, '\ttool -x\nQuery Options:\n\t-a, --all')
  t.match(help, 'and no other\n\nGeneral Options:\n\t-q, --quiet')
  t.notMatch(help, '\nOptions:')
})
