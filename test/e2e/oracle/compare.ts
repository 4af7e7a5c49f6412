// How two transcripts are compared: what counts as the same line, and what has to be documented.
import { release } from 'node:os'
import t from 'tap'
import {
  compare,
  documentedDifferences,
  percentEqual,
  undocumented,
} from '../../oracle/compare.ts'
import { normalise, normaliseTranscript } from '../../oracle/normalise.ts'

t.test('what no two boots share is the same', async t => {
  const pairs = [
    ['K<6>[    4.464773] hello: hi', 'K<6>[   12.000001] hello: hi'],
    [
      'O| hello 16384 0 - Live 0xffffffffc0304000 (OE)',
      'O| hello 12288 0 - Live 0xffffffffc0000000 (OE)',
    ],
    ['O| hello                  16384  0', 'O| hello                  28672  0'],
    [
      'K<4>[    9.796570]  o_read+0xaa/0x1c8 [oops]',
      'K<4>[    1.796570]  o_read (oops/oops.ts:12:3) [oops]',
    ],
    ['O|     SEQNUM=637', 'O|     SEQNUM=12'],
    ['O| vermagic:       6.1.0-56-amd64 SMP', `O| vermagic:       ${release()} SMP`],
    [
      'O| -rw-r--r-- 1 root root 4096 Nov 21 02:09 p_int',
      'O| -rw-r--r-- 1 root root 4096 Dec  1 12:10 p_int',
    ],
  ]
  for (const [linux = '', ours = ''] of pairs) t.equal(normalise(ours), normalise(linux))
})

t.test('what a driver or a tool says is not', async t => {
  const pairs = [
    ['K<6>[    4.464773] hello: hi', 'K<5>[    4.464773] hello: hi'],
    ['K<6>[    4.464773] hello: hi', 'K<6>[    4.464773] hello: hi there'],
    ['O| hello 16384 0 - Live 0x0', 'O| hello 16384 1 - Live 0x0'],
    ['=> 0', '=> 1'],
    ['O| 12288', 'O| 12289'],
    ['O| (OE)', 'O| (POE)'],
  ]
  for (const [linux = '', ours = ''] of pairs) {
    t.not(normalise(ours), normalise(linux), ours)
  }
})

t.test('lines that only hardware has are left out', async t => {
  const report = [
    'K<4>[    9.795515] Hardware name: QEMU Standard PC',
    'K<4>[    9.795782] Call Trace:',
    'K<4>[    9.796569]  dump_stack_lvl+0x44/0x5c',
    'K<4>[    9.796570]  o_read+0xaa/0x1c8 [oops]',
    '=== END uptime 17.00',
  ]
  t.same(normaliseTranscript(`${report.join('\n')}\n`), [
    'K<4>[TIME] Call Trace:',
    'K<4>[TIME] o_read [oops]',
  ])
})

t.test('a line that stands for another counts once', async t => {
  const comparison = compare(['$ a', '1', '2', '3'], ['$ a', '1', 'two', '3', '4'])
  t.same(comparison, { equal: 3, different: 2, lines: ['@$ a', '-2', '+two', '+4'] })
  t.equal(percentEqual(comparison), 60)
})

t.test('every difference is documented, and every documented one is there', async t => {
  const markdown = '# x\n\n```diff a\n-2\n+two\n+gone\n```\n\n```diff b\n+other\n```\n'
  const documented = documentedDifferences(markdown, 'a')
  t.same([...documented], ['-2', '+two', '+gone'])
  const comparison = compare(['$ a', '2', '3'], ['$ a', 'two', '3', '4'])
  t.same(undocumented(comparison, documented), { missing: ['+4'], stale: ['+gone'] })
})
