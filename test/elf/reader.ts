import t from 'tap'
import { ElfError, readElf, readElfHeader } from '../../src/elf/reader.ts'
import { writeElf } from '../../src/elf/writer.ts'
import { EM_X86_64, SHN_ABS, SHT_NOBITS } from '../../src/include/uapi/elf.ts'

const good = writeElf({
  machine: EM_X86_64,
  sections: [
    { name: '.data', data: Buffer.from('hello'), flags: 2, align: 8 },
    { name: '.bss', data: new Uint8Array(0), type: SHT_NOBITS },
  ],
  symbols: [
    { name: 'x', section: { name: '.data' }, value: 4, size: 1, type: 'object' },
    { name: 'n', section: 'absolute', value: 42 },
  ],
})

t.test('readElf() reads back what writeElf() wrote', async t => {
  const elf = readElf(good)
  t.same(
    elf.sections.map(section => section.name),
    ['', '.data', '.bss', '.symtab', '.strtab', '.shstrtab'],
  )
  t.equal(Buffer.from(elf.section('.data')?.data ?? []).toString(), 'hello')
  t.equal(elf.section('.nosuch'), undefined)
  t.same(elf.symbols, [
    { name: 'x', value: 4n, size: 1n, bind: 1, type: 1, shndx: 1 },
    { name: 'n', value: 42n, size: 0n, bind: 1, type: 0, shndx: SHN_ABS },
  ])
})

t.test('readElf() takes the size of .bss as memory, not as file', async t => {
  const image = patched(sectionHeader(2) + 32, 4, 0x1000)
  const bss = readElf(image).section('.bss')
  t.equal(bss?.size, 0x1000)
  t.equal(bss?.data.length, 0)
})

t.test('malformed headers have the messages of Linux', async t => {
  const cases: [string, Uint8Array, string, string][] = [
    ['empty', new Uint8Array(0), 'ELF_HEADER_LEN', 'Invalid ELF header len 0'],
    ['63 bytes', good.subarray(0, 63), 'ELF_HEADER_LEN', 'Invalid ELF header len 63'],
    [
      'other magic',
      patched(0, 1, 0x7e),
      'ELF_MAGIC',
      'Invalid ELF header magic: != \\x7fELF',
    ],
    [
      '32-bit sections',
      patched(58, 2, 40),
      'ELF_SECTION_SIZE',
      'Invalid ELF section header size',
    ],
    [
      'one byte short',
      good.subarray(0, -1),
      'ELF_SECTION_OVERFLOW',
      'Invalid ELF section header overflow',
    ],
    [
      'half',
      good.subarray(0, good.length / 2),
      'ELF_SECTION_OVERFLOW',
      'Invalid ELF section header overflow',
    ],
    [
      'too many sections',
      patched(60, 2, 0xfeff),
      'ELF_SECTION_OVERFLOW',
      'Invalid ELF section header overflow',
    ],
    [
      'no section names',
      patched(62, 2, 0),
      'ELF_NAMES',
      'Invalid ELF section name index: 0',
    ],
    [
      'names beyond',
      patched(62, 2, 99),
      'ELF_NAMES',
      'Invalid ELF section name index: 99',
    ],
    [
      'names in .data',
      patched(62, 2, 1),
      'ELF_NAMES',
      'Invalid ELF section name index: 1',
    ],
  ]
  for (const [what, image, code, message] of cases) {
    t.throws(() => readElf(image), { name: 'ElfError', code, message }, what)
  }
})

t.test('offsets, sizes and indices are checked', async t => {
  const cases: [string, Uint8Array, string][] = [
    [
      'section offset',
      patched(sectionHeader(1) + 24, 4, 0x7fffffff),
      'ELF_SECTION_OVERFLOW',
    ],
    [
      'section size',
      patched(sectionHeader(1) + 32, 4, 0x7fffffff),
      'ELF_SECTION_OVERFLOW',
    ],
    [
      'size above 2^53',
      patched(sectionHeader(1) + 36, 4, 0x7fffffff),
      'ELF_SECTION_OVERFLOW',
    ],
    ['section name', patched(sectionHeader(1), 4, 0xffff), 'ELF_NAMES'],
    ['symbols without strings', patched(sectionHeader(3) + 40, 4, 99), 'ELF_SYMBOLS'],
    ['symbol name', patched(symbol(1), 4, 0xffff), 'ELF_SYMBOLS'],
    ['symbol section', patched(symbol(1) + 6, 2, 77), 'ELF_SYMBOLS'],
  ]
  for (const [what, image, code] of cases) {
    t.throws(() => readElf(image), { name: 'ElfError', code }, what)
  }
})

t.test('no damage to a file makes the reader fail in another way', async t => {
  for (let at = 0; at < good.length; at++) {
    for (const byte of [0x00, 0x7f, 0xff]) {
      try {
        readElf(patched(at, 1, byte))
      } catch (error) {
        if (error instanceof ElfError) continue
        t.fail(`byte ${at} = ${byte}`, { error })
      }
    }
  }
})

t.test('readElfHeader() needs nothing but the header', async t => {
  t.match(readElfHeader(good.subarray(0, 64)), { type: 1, machine: EM_X86_64, shnum: 6 })
})

function patched(offset: number, size: 1 | 2 | 4, value: number): Uint8Array {
  const image = Buffer.from(good)
  image.writeUIntLE(value, offset, size)
  return image
}

function sectionHeader(index: number): number {
  return good.length - 6 * 64 + index * 64
}

function symbol(index: number): number {
  return Number(Buffer.from(good).readBigUInt64LE(sectionHeader(3) + 24)) + index * 24
}
