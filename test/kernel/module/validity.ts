// What is wrong with an ELF file, in the loader's words.
import t from 'tap'
import { ENOEXEC } from '../../../src/include/uapi/errno.ts'
import { SHT_NULL, SHT_SYMTAB } from '../../../src/include/uapi/elf.ts'
import { boot, build } from '../../harness/machine.ts'

const SHDR_SIZE = 64

t.test('each mistake in header and section headers has its message', async t => {
  const image = Buffer.from(
    await build(
      t,
      'hello',
      `
    import { MODULE_LICENSE, module_init } from '#linux/module'
    MODULE_LICENSE('GPL')
    module_init(() => 0)
  `,
    ),
  )
  const { insmod, dmesg } = await boot(t)
  const shoff = Number(image.readBigUInt64LE(40))
  const shnum = image.readUInt16LE(60)
  const shstrndx = image.readUInt16LE(62)
  const header = (i: number) => shoff + i * SHDR_SIZE
  const typeOf = (i: number) => image.readUInt32LE(header(i) + 4)
  const indices = Array.from({ length: shnum }, (_, i) => i)
  const symtab = indices.find(i => typeOf(i) === SHT_SYMTAB) ?? 0
  const loaded = indices.find(i => image.readBigUInt64LE(header(i) + 8) & 2n) ?? 0

  const refused = async (message: string, damage: (copy: Buffer) => void) => {
    const copy = Buffer.from(image)
    damage(copy)
    t.equal(await insmod(copy), -ENOEXEC, message)
    t.strictSame(dmesg(), [`<3>${message}`])
  }
  await refused('Invalid ELF section header size', copy => copy.writeUInt16LE(40, 58))
  await refused('Invalid ELF section header overflow', copy =>
    copy.writeUInt16LE(0xffff, 60),
  )
  await refused('Invalid ELF section header overflow', copy =>
    copy.writeBigUInt64LE(2n ** 64n - 1n, 40),
  )
  await refused(
    `Invalid ELF section name index: 0 || e_shstrndx (0) >= e_shnum (${shnum})`,
    copy => copy.writeUInt16LE(0, 62),
  )
  await refused(
    `Invalid ELF section name index: 999 || e_shstrndx (999) >= e_shnum (${shnum})`,
    copy => copy.writeUInt16LE(999, 62),
  )
  await refused(`Invalid ELF section hdr(type ${typeOf(shstrndx)})`, copy =>
    copy.writeBigUInt64LE(2n ** 64n - 8n, header(shstrndx) + 24),
  )
  await refused('empty section name table', copy =>
    copy.writeBigUInt64LE(0n, header(shstrndx) + 32),
  )
  await refused("ELF Spec violation: section name table isn't null terminated", copy => {
    const end = copy.readBigUInt64LE(header(shstrndx) + 24)
    copy[Number(end + copy.readBigUInt64LE(header(shstrndx) + 32)) - 1] = 0x78
  })
  await refused(
    'ELF Spec violation: section 0 type(1)!=SH_NULL or non-zero len or addr',
    copy => copy.writeUInt32LE(1, header(0) + 4),
  )
  await refused(
    `ELF Spec violation: section 0 type(${SHT_NULL})!=SH_NULL or non-zero len or addr`,
    copy => copy.writeBigUInt64LE(8n, header(0) + 32),
  )
  await refused(
    `Invalid ELF sh_link!=SHN_UNDEF(-1) or (sh_link(-1) >= hdr->e_shnum(${shnum})`,
    copy => copy.writeUInt32LE(0xffffffff, header(symtab) + 40),
  )
  await refused(
    `Invalid ELF section in module (section ${loaded} type ${typeOf(loaded)})`,
    copy => copy.writeBigUInt64LE(2n ** 40n, header(loaded) + 32),
  )
  await refused(
    `Invalid ELF section name in module (section ${loaded} type ${typeOf(loaded)})`,
    copy => copy.writeUInt32LE(0x7fffffff, header(loaded)),
  )
})

t.test('a file without symbols, or without struct module', async t => {
  const image = await build(
    t,
    'bare',
    `
    import { MODULE_LICENSE } from '#linux/module'
    MODULE_LICENSE('GPL')
  `,
  )
  const { insmod, dmesg } = await boot(t)
  const copy = Buffer.from(image)
  const shoff = Number(copy.readBigUInt64LE(40))
  for (let i = 0; i < copy.readUInt16LE(60); i++) {
    const at = shoff + i * SHDR_SIZE + 4
    if (copy.readUInt32LE(at) === SHT_SYMTAB) copy.writeUInt32LE(1, at)
  }
  t.equal(await insmod(copy), -ENOEXEC)
  t.strictSame(dmesg(), ['<4>bare: module has no symbols (stripped?)'])
})
