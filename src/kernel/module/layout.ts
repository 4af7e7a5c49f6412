// Where a module would lie in memory: regions of whole pages, and addresses. Linux: layout_sections()
// and layout_symtab() in kernel/module/.
//
// Nothing is ever loaded at these addresses. They are there because /proc/modules, kallsyms and
// the sections directory show them, and tools and course notes read those.

import type { ModuleImage, ModuleSection } from '../../elf/module_image.ts'
import { ENOMEM } from '../../include/linux/errno.ts'
import type { errno_t } from '../../include/linux/types.ts'
import { SHF_EXECINSTR, SHF_WRITE, SYM_SIZE } from '../../include/uapi/elf.ts'

const PAGE_SIZE = 4096
/** Where the first module goes, and for how many bytes there is room. */
const MODULES_BASE = 0xffffffffc0210000n
const MODULES_LEN = 0x3edf0000
/** What a damaged file says of its alignment does not count beyond that. */
const MAX_ALIGN = PAGE_SIZE

export interface Layout {
  /** Address of the first byte. */
  readonly base: bigint
  /** How far that is from where the first module goes, in bytes. */
  readonly offset: number
  /** Bytes, in whole pages: what /proc/modules shows. */
  readonly size: number
  /** Bytes that are given back after init. */
  readonly initSize: number
  readonly sections: ReadonlyMap<string, bigint>
}

/** What the loader reads in the image, and does not keep. */
const ONLY_READ = ['.modinfo', '__versions']
/** What kallsyms is made from while init runs; afterwards a copy of it does. */
const SYMBOL_TABLE = ['.symtab', '.strtab']

/** Code, constants and data each begin on a page, so that they can be protected. */
const REGIONS: readonly ((flags: number) => boolean)[] = [
  flags => (flags & SHF_EXECINSTR) !== 0,
  flags => (flags & (SHF_EXECINSTR | SHF_WRITE)) === 0,
  flags => (flags & (SHF_EXECINSTR | SHF_WRITE)) === SHF_WRITE,
]

const pages = (bytes: number): number => Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE

/**
 * A module has two blocks: one that stays, and one for what only init needs. Or -ENOMEM. `loaded`: in
 * the order of their addresses.
 */
export function layout(image: ModuleImage, loaded: readonly Layout[]): Layout | errno_t {
  const kept = image.sections.filter(
    ({ name, alloc }) => alloc && !ONLY_READ.includes(name),
  )
  const core = new Block()
  core.layout_sections(kept.filter(({ name }) => !module_init_section(name)))
  core.add(coreSymbols(image, core))
  const init = new Block()
  init.layout_sections(kept.filter(({ name }) => module_init_section(name)))
  for (const section of image.sections) {
    if (SYMBOL_TABLE.includes(section.name)) init.place(section)
  }
  const [size, initSize] = [pages(core.size), pages(init.size)]
  const offset = firstFit(size, loaded)
  const initOffset = firstFit(initSize, inOrder<Stretch>(loaded, { offset, size }))
  if (Math.max(offset + size, initOffset + initSize) > MODULES_LEN) return -ENOMEM
  const base = MODULES_BASE + BigInt(offset)
  const initBase = MODULES_BASE + BigInt(initOffset)
  const sections = new Map([...core.addresses(base), ...init.addresses(initBase)])
  return { base, offset, size, initSize, sections }
}

/** Is it given back when init is done? */
export function module_init_section(name: string): boolean {
  return name.startsWith('.init')
}

/** Offsets of sections from the start of a block. */
class Block {
  size = 0
  readonly #offsets = new Map<string, number>()

  /** Region by region. */
  layout_sections(sections: readonly ModuleSection[]): void {
    for (const belongs of REGIONS) {
      for (const section of sections) if (belongs(section.flags)) this.place(section)
      this.size = pages(this.size)
    }
  }

  place({ name, size, align }: ModuleSection): void {
    const step = Math.min(Math.max(align, 1), MAX_ALIGN)
    const offset = Math.ceil(this.size / step) * step
    this.#offsets.set(name, offset)
    this.size = offset + size
  }

  add(bytes: number): void {
    this.size += bytes
  }

  has(section: string): boolean {
    return this.#offsets.has(section)
  }

  *addresses(base: bigint): Generator<[string, bigint]> {
    for (const [name, offset] of this.#offsets) yield [name, base + BigInt(offset)]
  }
}

/** Bytes of the symbols that are kept: entry, name and type of each; the first is empty. */
function coreSymbols({ symbols }: ModuleImage, core: Block): number {
  return symbols
    .filter(({ section }) => core.has(section))
    .reduce((sum, { name }) => sum + SYM_SIZE + name.length + 2, SYM_SIZE + 2)
}

type Stretch = Pick<Layout, 'offset' | 'size'>

/** `placed`, which is in the order of addresses, and one more. */
export function inOrder<T extends Stretch>(placed: readonly T[], one: T): readonly T[] {
  const at = placed.findIndex(other => other.offset > one.offset)
  return placed.toSpliced(at < 0 ? placed.length : at, 0, one)
}

/** The lowest free stretch. Between two blocks there is a page that nothing may touch. */
function firstFit(size: number, placed: readonly Stretch[]): number {
  let offset = 0
  for (const other of placed) {
    if (offset + size + PAGE_SIZE <= other.offset) return offset
    offset = other.offset + other.size + PAGE_SIZE
  }
  return offset
}
