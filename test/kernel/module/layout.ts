// Where sections would lie, and what of a module is given back after init.
import t from 'tap'
import { readModule } from '../../../src/elf/module_image.ts'
import { encodeThisModule } from '../../../src/elf/module_layout.ts'
import { type ElfSectionSpec, writeElf } from '../../../src/elf/writer.ts'
import { ENOMEM } from '../../../src/include/linux/errno.ts'
import {
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_WRITE,
  SHT_NOBITS,
} from '../../../src/include/uapi/elf.ts'
import { layout, type Layout } from '../../../src/kernel/module/layout.ts'
import { boot, build } from '../../harness/machine.ts'

const NOTHING = new Uint8Array(0)
const CODE = { flags: SHF_ALLOC | SHF_EXECINSTR, align: 16 }
const DATA = { flags: SHF_ALLOC | SHF_WRITE, align: 8 }

/** Three pieces. */
const TABLE = Uint32Array.of(0, 15, 2, 14, 1, 15)

/** As in a recorded module with 20000 bytes of .bss and 5000 of constants. */
function image(bss: number) {
  const code = new Uint8Array(15)
  const sections: ElfSectionSpec[] = [
    { name: '.text', data: code, ...CODE },
    { name: '.exit.text', data: code.subarray(1), ...CODE, align: 1 },
    { name: '.init.text', data: code, ...CODE },
    { name: '.rodata', data: new Uint8Array(5000), flags: SHF_ALLOC, align: 32 },
    { name: '.data', data: new Uint8Array(32), ...DATA },
    { name: '.bss', data: NOTHING, size: bss, type: SHT_NOBITS, ...DATA, align: 32 },
    { name: '.init.data', data: new Uint8Array(8), ...DATA },
    { name: '.gnu.linkonce.this_module', data: encodeThisModule('full'), ...DATA },
    { name: '.script', data: new Uint8Array(TABLE.buffer) },
    { name: '.modinfo', data: NOTHING, flags: SHF_ALLOC },
  ]
  const init = { name: 'init_module', section: { name: '.init.text' } }
  return readModule(writeElf({ sections, symbols: [init] }))
}

/** Where an image would lie; there has to be room. */
function place(...args: Parameters<typeof layout>): Layout {
  const placed = layout(...args)
  if (typeof placed === 'number') throw new Error('no room')
  return placed
}

t.test(
  'code, constants and data have pages of their own, as has what init needs',
  async t => {
    const { base, size, initSize, sections } = place(image(20000), [])
    t.equal(size, 40960, 'a page of code, two of constants, six of data, one of symbols')
    t.equal(initSize, 3 * 4096)
    const offsets = Array.from(sections, ([name, address]) => [
      name,
      Number(address - base),
    ])
    t.strictSame(offsets, [
      ['.text', 0],
      ['.exit.text', 15],
      ['.rodata', 0x1000],
      ['.data', 0x3000],
      ['.bss', 0x3020],
      ['.gnu.linkonce.this_module', 0x7e40],
      ['.init.text', 0xb000],
      ['.init.data', 0xc000],
      ['.symtab', 0xd000],
      ['.strtab', 0xd030],
    ])
  },
)

t.test('modules do not touch, and fill gaps', async t => {
  const first = place(image(0), [])
  const second = place(image(20000), [first])
  t.equal(second.base - first.base, BigInt(first.size + 4096))
  t.equal(place(image(0), [second]).base, first.base)
})

t.test('a module that is larger than the room for modules is -ENOMEM', async t => {
  t.equal(layout(image(1 << 30), []), -ENOMEM)
  t.equal(layout(image(Number.MAX_SAFE_INTEGER), []), -ENOMEM)
})

t.test('what init needs is there while it runs, and then no more', async t => {
  const slow = await build(
    t,
    'slow',
    `import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
    import { msleep } from '#linux/delay'
    MODULE_LICENSE('GPL')
    let count = 0
    async function slow_init() { await msleep(30); count++; return 0 }
    function slow_exit() {}
    module_init(slow_init)
    module_exit(slow_exit)`,
  )
  const { insmod, user } = await boot(t)
  const loading = insmod(slow)
  const kallsyms = () => user.readFile('/proc/kallsyms')
  t.equal(await user.readFile('/sys/module/slow/initsize'), '12288\n')
  t.match(await kallsyms(), /[0-9a-f]{16} t slow_init\t\[slow\]\n/)
  t.equal(await loading, 0)
  t.equal(await user.readFile('/sys/module/slow/initsize'), '0\n')
  const text = await kallsyms()
  t.notMatch(text, /slow_init|init_module/)
  t.match(text, /[0-9a-f]{16} t slow_exit\t\[slow\]\n/)
  t.match(text, /[0-9a-f]{16} b count\t\[slow\]\n/)
  t.match(text, / d __UNIQUE_ID___addressable_cleanup_module2\t\[slow\]\n/)
  t.ok(user.lstat('/sys/module/slow/sections/.init.text'), 'stays listed')
})
