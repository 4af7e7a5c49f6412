import t from 'tap'
import { writeElf, hostMachine } from '../../src/elf/writer.ts'
import { EM_AARCH64, EM_X86_64 } from '../../src/include/uapi/elf.ts'

const image = writeElf({
  machine: EM_X86_64,
  sections: [{ name: '.text', data: Buffer.from('hi'), flags: 6, align: 16 }],
  symbols: [
    { name: 'main', section: { name: '.text' }, value: 1, size: 1, type: 'func' },
    { name: 'here', section: { name: '.text' }, bind: 'local' },
    { name: 'puts', section: 'undefined' },
    { name: 'seven', section: 'absolute', value: 7 },
  ],
})

t.test('writeElf() begins with the header of a relocatable file', async t => {
  const rows = [
    '7f454c46', // magic
    '02', // 64 bits
    '01', // little-endian
    '01', // version
    '000000000000000000', // System V, padding
    '0100', // ET_REL
    '3e00', // x86-64
    '01000000', // version
    '0000000000000000', // entry
    '0000000000000000', // program headers
    'f800000000000000', // section headers, at 248
    '00000000', // flags
    '4000', // size of this header
    '00000000', // no program headers
    '4000', // size of a section header
    '0500', // sections: none, .text, .symtab, .strtab, .shstrtab
    '0400', // names are in the last
  ]
  t.equal(at(0, 64), rows.join(''))
})

t.test('data follows at its alignment, section headers come last', async t => {
  t.equal(at(64, 2), '6869', '.text holds "hi"')
  t.equal(image.length, 248 + 5 * 64)

  const rows = [
    '01000000', // name, at 1 in .shstrtab
    '01000000', // SHT_PROGBITS
    '0600000000000000', // SHF_ALLOC | SHF_EXECINSTR
    '0000000000000000', // address
    '4000000000000000', // offset
    '0200000000000000', // size
    '00000000', // link
    '00000000', // info
    '1000000000000000', // alignment
    '0000000000000000', // entry size
  ]
  t.equal(at(248 + 64, 64), rows.join(''))
})

t.test('the symbol table has local symbols first', async t => {
  const rows = [
    '00000000 00 00 0000 0000000000000000 0000000000000000', // none
    '01000000 00 00 0100 0000000000000000 0000000000000000', // here: local
    '06000000 12 00 0100 0100000000000000 0100000000000000', // main: func
    '0b000000 10 00 0000 0000000000000000 0000000000000000', // puts
    '10000000 10 00 f1ff 0700000000000000 0000000000000000', // seven: absolute
  ]
  t.equal(at(72, 120), rows.join('').replaceAll(' ', ''))

  const header = 248 + 2 * 64
  t.equal(at(header + 40, 4), '03000000', 'link: .strtab is section 3')
  t.equal(at(header + 44, 4), '02000000', 'info: globals begin at 2')
  t.equal(Buffer.from(image).toString('latin1', 192, 214), '\0here\0main\0puts\0seven\0')
})

t.test('writeElf() refuses a symbol in a section that is not there', async t => {
  t.throws(
    () =>
      writeElf({ sections: [], symbols: [{ name: 'x', section: { name: '.data' } }] }),
    { message: 'Cannot place a symbol in ".data": no such section' },
  )
})

t.test('hostMachine() knows the two machines modbox runs on', async t => {
  t.equal(hostMachine('x64'), EM_X86_64)
  t.equal(hostMachine('arm64'), EM_AARCH64)
})

function at(offset: number, length: number): string {
  return Buffer.from(image.subarray(offset, offset + length)).toString('hex')
}
