// Is an image a relocatable ELF file for this machine, with section headers that stay inside it?
// Linux: elf_validity_check() in kernel/module/main.c.
//
// The order of the checks is Linux's, and so is what is not looked at: class and byte order. Only
// what passes is given to the ELF reader.

import { ENOEXEC } from '../../include/linux/errno.ts'
import { KERN_ERR } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import {
  EHDR_SIZE,
  ELFMAG,
  ET_REL,
  SHDR_SIZE,
  SHF_ALLOC,
  SHN_UNDEF,
  SHT_NOBITS,
  SHT_NULL,
  SHT_SYMTAB,
} from '../../include/uapi/elf.ts'
import type { ElfStep, LoadTrace } from '../../lib/load_step.ts'
import type { Printk } from '../printk.ts'

/** "\x7fELF", as a little-endian number. */
const MAGIC = 0x464c457f

/** The fields that the loader looks at. */
interface Header {
  class: number
  data: number
  type: number
  machine: number
  /** Beyond 2^53 it is only known to be outside. */
  shoff: number
  shentsize: number
  shnum: number
  shstrndx: number
}

interface SectionHeader {
  name: number
  type: number
  flags: bigint
  addr: bigint
  offset: bigint
  size: bigint
  link: number
}

/** 0 or -ENOEXEC; what is wrong goes to the log. `machine`: EM_*. */
export function elf_validity_check(
  log: Printk,
  image: Uint8Array,
  machine: number,
  trace?: LoadTrace,
): errno_t {
  const error = findFault(image, machine)
  trace?.(elfStep(image, error ?? ''))
  if (error === undefined) return 0
  log.printk(`${KERN_ERR}%s\n`, error)
  return -ENOEXEC
}

function findFault(image: Uint8Array, machine: number): string | undefined {
  if (image.length < EHDR_SIZE) return `Invalid ELF header len ${image.length}`
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
  const header = readHeader(view)
  return (
    headerFault(view, header, machine) ??
    nameTableFault(view, header) ??
    sectionsFault(view, header)
  )
}

function headerFault(
  view: DataView,
  header: Header,
  machine: number,
): string | undefined {
  if (view.getUint32(0, true) !== MAGIC) {
    return `Invalid ELF header magic: != ${ELFMAG}`
  }
  if (header.type !== ET_REL) {
    return `Invalid ELF header type: ${header.type} != ${ET_REL}`
  }
  if (header.machine !== machine) {
    return `Invalid architecture in ELF header: ${header.machine}`
  }
  if (header.shentsize !== SHDR_SIZE) return 'Invalid ELF section header size'

  const room = view.byteLength - header.shoff
  return room <= 0 || header.shnum * SHDR_SIZE > room
    ? 'Invalid ELF section header overflow'
    : undefined
}

function nameTableFault(view: DataView, header: Header): string | undefined {
  const { shstrndx, shnum } = header
  if (shstrndx === SHN_UNDEF || shstrndx >= shnum) {
    return `Invalid ELF section name index: ${shstrndx} || e_shstrndx (${shstrndx}) >= e_shnum (${shnum})`
  }
  const table = sectionHeader(view, header, shstrndx)
  if (!isInside(view, table)) return `Invalid ELF section hdr(type ${table.type})`
  if (table.size === 0n) return 'empty section name table'
  const end = Number(table.offset + table.size)
  return view.getUint8(end - 1) === 0
    ? undefined
    : "ELF Spec violation: section name table isn't null terminated"
}

function sectionsFault(view: DataView, header: Header): string | undefined {
  const first = sectionHeader(view, header, 0)
  if (first.type !== SHT_NULL || first.size !== 0n || first.addr !== 0n) {
    return `ELF Spec violation: section 0 type(${first.type})!=SH_NULL or non-zero len or addr`
  }
  const names = sectionHeader(view, header, header.shstrndx).size
  for (let i = 1; i < header.shnum; i++) {
    const fault = sectionFault(view, header, i, names)
    if (fault !== undefined) return fault
  }
  return undefined
}

function sectionFault(
  view: DataView,
  header: Header,
  i: number,
  names: bigint,
): string | undefined {
  const { shnum } = header
  const section = sectionHeader(view, header, i)
  const { type, link } = section
  if (type === SHT_NULL || type === SHT_NOBITS) return undefined
  if (type === SHT_SYMTAB && (link === SHN_UNDEF || link >= shnum)) {
    const shown = link | 0 // printed as an int
    return `Invalid ELF sh_link!=SHN_UNDEF(${shown}) or (sh_link(${shown}) >= hdr->e_shnum(${shnum})`
  }
  if (!isInside(view, section)) {
    return `Invalid ELF section in module (section ${i} type ${type})`
  }
  return section.flags & BigInt(SHF_ALLOC) && section.name >= names
    ? `Invalid ELF section name in module (section ${i} type ${type})`
    : undefined
}

function isInside(view: DataView, { offset, size }: SectionHeader): boolean {
  return offset + size <= BigInt(view.byteLength)
}

function readHeader(view: DataView): Header {
  return {
    class: view.getUint8(4),
    data: view.getUint8(5),
    type: view.getUint16(16, true),
    machine: view.getUint16(18, true),
    shoff: Number(view.getBigUint64(40, true)),
    shentsize: view.getUint16(58, true),
    shnum: view.getUint16(60, true),
    shstrndx: view.getUint16(62, true),
  }
}

function sectionHeader(view: DataView, { shoff }: Header, i: number): SectionHeader {
  const at = shoff + i * SHDR_SIZE
  return {
    name: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    flags: view.getBigUint64(at + 8, true),
    addr: view.getBigUint64(at + 16, true),
    offset: view.getBigUint64(at + 24, true),
    size: view.getBigUint64(at + 32, true),
    link: view.getUint32(at + 40, true),
  }
}

/** The header as it is; zeros where the file is too short to have one. */
function elfStep(image: Uint8Array, error: string): ElfStep {
  const bytes = new Uint8Array(EHDR_SIZE)
  bytes.set(image.subarray(0, EHDR_SIZE))
  const { shentsize: _, ...header } = readHeader(new DataView(bytes.buffer))
  return { step: 'elf', ...header, error }
}
