import t from 'tap'
import { decodeModinfo, encodeModinfo, modinfoValue } from '../../src/elf/modinfo.ts'

t.test('encodeModinfo() writes tag=value and a NUL, in order', async t => {
  const section = encodeModinfo([
    ['license', 'GPL'],
    ['parm', 'n:how many=all'],
  ])
  t.equal(Buffer.from(section).toString(), 'license=GPL\0parm=n:how many=all\0')
})

t.test('decodeModinfo() keeps order and repeated tags', async t => {
  const section = Buffer.from('alias=a\0\0\0alias=b=c\0depends=\0odd\0name=unfinished')
  t.same(decodeModinfo(section), [
    ['alias', 'a'],
    ['alias', 'b=c'],
    ['depends', ''],
    ['odd', ''],
    ['name', 'unfinished'],
  ])
})

t.test('modinfoValue() gives the first', async t => {
  t.equal(
    modinfoValue(
      [
        ['a', '1'],
        ['a', '2'],
      ],
      'a',
    ),
    '1',
  )
  t.equal(modinfoValue([], 'a'), undefined)
})
