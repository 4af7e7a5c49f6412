import t from 'tap'
import { hexDumpLine, hex_dump_to_buffer } from '../../src/lib/hexdump.ts'

const bytes = Uint8Array.from(
  Buffer.from(
    'be32db7b0a1893b270bac424 7d83349b a69c31ad9c0face9'.replaceAll(' ', ''),
    'hex',
  ),
)

t.test('a line is as long as its row, in groups, with characters', async t => {
  const rows: [
    expected: string,
    len: number,
    row: number,
    group: number,
    ascii: boolean,
  ][] = [
    ['be 32 db 7b', 4, 16, 1, false],
    ['be 32 db 7b                                      .2.{', 4, 16, 1, true],
    ['32be 7bdb 180a b293', 8, 16, 2, false],
    ['7bdb32be b293180a 24c4ba70 9b34837d', 16, 16, 4, false],
    ['b293180a7bdb32be 9b34837d24c4ba70  .2.{....p..$}.4.', 16, 16, 8, true],
    ['be 32 db', 3, 16, 2, false],
    ['be 32', 2, 99, 3, false],
    ['', 0, 16, 1, false],
  ]
  for (const [expected, len, row, group, ascii] of rows)
    t.equal(hexDumpLine(bytes, len, row, group, ascii), expected)
})

t.test('hex_dump_to_buffer() cuts, and says how long it would have been', async t => {
  const line = new Uint8Array(8).fill(0xff)
  t.equal(hex_dump_to_buffer(bytes, 4, 16, 1, line, 6, false), 11)
  t.equal(Buffer.from(line).toString('latin1'), 'be 32\0\xff\xff')
})
