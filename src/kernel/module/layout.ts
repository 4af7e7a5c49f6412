// Where a module would lie in memory: sizes in whole pages, and addresses. Linux: layout_sections()
// in kernel/module/main.c.
//
// Nothing is ever loaded at these addresses. They are there because /proc/modules, kallsyms and
// the sections directory show them, and tools and course notes read those.

import type { ModuleImage } from '../../elf/module_image.ts'

const PAGE_SIZE = 4096
/** Where the first module goes. */
const MODULES_BASE = 0xffffffffc0210000n

export interface Layout {
  /** Address of the first byte. */
  readonly base: bigint
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

const pages = (bytes: number): number => Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE

/** Each module has pages of its own for code, for constants, and for data. */
export function layout(image: ModuleImage, loaded: readonly Layout[]): Layout {
  const code = image.sections.filter(({ name }) => name === '.script')
  const isForInit = (name: string): boolean =>
    name.startsWith('.init') || SYMBOL_TABLE.includes(name)
  const forInit = image.sections.filter(({ name }) => isForInit(name))
  const rest = image.sections.filter(
    ({ name, alloc }) =>
      alloc && name !== '.script' && !ONLY_READ.includes(name) && !isForInit(name),
  )
  const codeSize = pages(total(code))
  // Constants, constants after init, data: a page each at least.
  const size = codeSize + Math.max(3 * PAGE_SIZE, pages(total(rest)))
  const base = firstFit(size, loaded)
  const sections = new Map<string, bigint>()
  place(code, base, sections)
  place(rest, base + BigInt(codeSize), sections)
  place(forInit, base + BigInt(size), sections)
  return { base, size, initSize: pages(total(forInit)), sections }
}

function total(sections: readonly { size: number }[]): number {
  return sections.reduce((sum, { size }) => sum + align(size), 0)
}

const align = (n: number): number => Math.ceil(n / 32) * 32

function place(
  sections: readonly { name: string; size: number }[],
  base: bigint,
  into: Map<string, bigint>,
): void {
  let address = base
  for (const { name, size } of sections) {
    into.set(name, address)
    address += BigInt(align(size))
  }
}

/** The lowest free stretch. */
function firstFit(size: number, loaded: readonly Layout[]): bigint {
  let base = MODULES_BASE
  const inOrder = loaded.toSorted((a, b) => (a.base < b.base ? -1 : 1))
  for (const other of inOrder) {
    if (base + BigInt(size) <= other.base) return base
    base = other.base + BigInt(other.size)
  }
  return base
}
