import t from 'tap'
import { readModule } from '../../src/elf/module_image.ts'
import {
  encodeExports,
  encodeThisModule,
  encodeVersions,
  SECTION,
} from '../../src/elf/module_layout.ts'
import { StringTable } from '../../src/elf/symtab.ts'
import { writeElf } from '../../src/elf/writer.ts'
import type { ElfSectionSpec } from '../../src/elf/writer.ts'
import { EM_AARCH64, EM_X86_64 } from '../../src/include/uapi/elf.ts'

const text = (text: string): Uint8Array => Buffer.from(text)

/** A .script: section and length of each piece. */
const table = (...pieces: readonly (readonly [number, number])[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(pieces.flat()).buffer)

const strings = new StringTable()
const tables = encodeExports(
  [{ name: 'foo', gpl: true, namespace: 'NS', crc: 0x01020304 }],
  () => 5,
  string => strings.add(string),
)

const SECTIONS: Record<string, Uint8Array> = {
  [SECTION.script]: table([0, 5], [3, 3], [1, 1]),
  [SECTION.text]: text('code('),
  [SECTION.strings]: text('hi\0'),
  [SECTION.initText]: text(')'),
  [SECTION.thisModule]: encodeThisModule('hello'),
  [SECTION.modinfo]: text('license=GPL\0'),
  [SECTION.versions]: encodeVersions(new Map([['printk', 0xfffffffe]])),
  [SECTION.ksymtabGpl]: tables.ksymtab,
  [SECTION.kcrctabGpl]: tables.kcrctab,
  [SECTION.ksymtabStrings]: strings.bytes(),
}

/** A module with some sections exchanged; undefined leaves one out. */
function image(changes: Record<string, Uint8Array | undefined> = {}): Uint8Array {
  const sections: ElfSectionSpec[] = []
  for (const [name, data] of Object.entries({ ...SECTIONS, ...changes })) {
    if (data) sections.push({ name, data, flags: 2 })
  }
  return writeElf({
    machine: EM_X86_64,
    sections,
    symbols: [{ name: 'printk', section: 'undefined' }],
  })
}

t.test('readModule() tells what a module is made of', async t => {
  const { sections, ...module } = readModule(image(), { machine: EM_X86_64 })
  t.same(module, {
    name: 'hello',
    modinfo: [['license', 'GPL']],
    versions: new Map([['printk', 0xfffffffe]]),
    hasVersions: true,
    undefined: ['printk'],
    exports: [{ name: 'foo', gpl: true, namespace: 'NS', crc: 0x01020304 }],
    script: 'code("hi")',
    notes: [],
    symbols: [],
    machine: EM_X86_64,
    type: 1,
  })
  t.match(sections, [
    { name: '.script', size: 24, alloc: true },
    { name: '.text', size: 5, alloc: true },
    { name: '.rodata.str1.1', size: 3 },
    { name: '.init.text', size: 1 },
    { name: '.gnu.linkonce.this_module', size: 1024 },
  ])
})

t.test('tables have the layout of Linux', async t => {
  const hex = (bytes: Uint8Array | undefined): string =>
    Buffer.from(bytes ?? []).toString('hex')
  const version = [
    'feffffff00000000', // CRC in 64 bits
    '7072696e746b' + '00'.repeat(50), // "printk" in 56 bytes
  ]
  t.equal(hex(SECTIONS[SECTION.versions]), version.join(''))

  const ksymtab = [
    '05000000', // offset in the script
    '01000000', // name, in __ksymtab_strings
    '05000000', // namespace
  ]
  t.equal(hex(tables.ksymtab), ksymtab.join(''))
  t.equal(hex(tables.kcrctab), '04030201')
  t.equal(hex(strings.bytes()), '00666f6f004e5300', '"", "foo", "NS"')
  t.equal(hex(SECTIONS[SECTION.thisModule]?.subarray(24, 30)), '68656c6c6f00', '"hello"')
})

t.test('what is optional may be missing', async t => {
  const bare = readModule(
    image({ [SECTION.modinfo]: undefined, [SECTION.versions]: undefined }),
  )
  t.same(bare.modinfo, [])
  t.equal(bare.hasVersions, false)
})

t.test('images that are no modules of ours are refused', async t => {
  const noSymbols = writeElf({
    sections: [{ name: SECTION.thisModule, data: encodeThisModule('hello') }],
    symbols: [],
  })
  const program = Buffer.from(image())
  program[16] = 2
  const cases: [string, Uint8Array, string, string | RegExp][] = [
    ['a program', program, 'ELF_TYPE', 'Invalid ELF header type: 2 != 1'],
    [
      'no struct module',
      image({ [SECTION.thisModule]: undefined }),
      'ELF_NOT_A_MODULE',
      'No module found in object',
    ],
    [
      'struct module cut short',
      image({ [SECTION.thisModule]: text('x') }),
      'ELF_BAD_MODULE',
      /^Invalid module: /,
    ],
    [
      'exports without strings',
      image({ [SECTION.ksymtabStrings]: undefined }),
      'ELF_BAD_MODULE',
      /^Invalid module: /,
    ],
    [
      'half an export',
      image({ [SECTION.ksymtabGpl]: text('x') }),
      'ELF_BAD_MODULE',
      /^Invalid module: /,
    ],
    [
      'no script',
      image({ [SECTION.script]: undefined }),
      'ELF_NO_SCRIPT',
      /^hello: no \.script section/,
    ],
    [
      'a script in one piece, as older modules have it',
      image({ [SECTION.script]: text('"use strict";') }),
      'ELF_BAD_MODULE',
      'Invalid module: .script names section 1702065442',
    ],
    [
      'a piece longer than its section',
      image({ [SECTION.script]: table([0, 6]) }),
      'ELF_BAD_MODULE',
      'Invalid module: Cannot read 6 bytes at byte 0 of 5',
    ],
    [
      'code that no piece names',
      image({ [SECTION.script]: table([0, 5], [3, 3]) }),
      'ELF_BAD_MODULE',
      'Invalid module: 1 bytes of .init.text are in no piece of the script',
    ],
    [
      'a string without end',
      image({ [SECTION.script]: table([0, 5], [3, 2], [3, 1], [1, 1]) }),
      'ELF_BAD_MODULE',
      'Invalid module: .rodata.str1.1 has a string of 2 bytes without end',
    ],
    [
      'half a piece',
      image({ [SECTION.script]: text('half') }),
      'ELF_BAD_MODULE',
      /^Invalid module: /,
    ],
    [
      'no symbols',
      noSymbols,
      'ELF_NO_SYMBOLS',
      'hello: module has no symbols (stripped?)',
    ],
  ]
  for (const [what, bytes, code, message] of cases) {
    t.throws(
      () => readModule(bytes, { machine: EM_X86_64 }),
      { name: 'ElfError', code, message },
      what,
    )
  }
})

t.test('another architecture is refused before anything else is read', async t => {
  const start = image().subarray(0, 64)
  t.throws(() => readModule(start, { machine: EM_AARCH64 }), {
    code: 'ELF_MACHINE',
    message: 'Invalid architecture in ELF header: 62',
  })
  t.equal(readModule(image()).machine, EM_X86_64, 'modinfo reads modules of any machine')
})
