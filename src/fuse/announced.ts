// Mappings that the host has not made yet, whose drivers have been asked already (under `modbox run`).
// Where the host puts them shows when their program makes its next call, or touches them.

import type { AddressSpace } from '../mm/address_space.ts'
import type { Vma } from '../mm/vma.ts'
import type { Mapping } from './memory_map.ts'

const PAGE = 4096

interface Announced {
  /** Who is about to map it. */
  readonly thread: number
  readonly mm: AddressSpace
  /** At a place that is only a guess. */
  readonly vma: Vma
}

export class AnnouncedMappings {
  readonly #all = new Set<Announced>()

  add(thread: number, mm: AddressSpace, vma: Vma): void {
    this.#all.add({ thread, mm, vma })
  }

  /** Is there one of that process? */
  has(mm: AddressSpace): boolean {
    return [...this.#all].some(one => one.mm === mm)
  }

  /**
   * The process of `mm` has these mappings of the file now: put each area where it shows. The ones that
   * nobody can see yet; but what `thread` was about to map, it has mapped by now, or never will.
   */
  settle(mm: AddressSpace, mappings: readonly Mapping[], thread?: number): Set<Vma> {
    const unseen = new Set<Vma>()
    for (const one of this.#all) {
      if (one.mm !== mm) continue
      const start = placeOf(one, mappings)
      if (start === undefined && one.thread !== thread) unseen.add(one.vma)
      else this.#all.delete(one)
      if (start !== undefined) mm.relocate(one.vma, start)
    }
    return unseen
  }

  /** The process has ended. */
  forget(mm: AddressSpace): void {
    for (const one of this.#all) if (one.mm === mm) this.#all.delete(one)
  }
}

/** Where that area is; undefined if none of the mappings can be it. */
function placeOf(
  { mm, vma }: Announced,
  mappings: readonly Mapping[],
): number | undefined {
  const { vm_start, vm_end } = vma
  const length = vm_end - vm_start
  const offset = vma.file_pgoff * PAGE
  for (const { from, to, offset: begins } of mappings) {
    const start = Number(from)
    // The host joins neighbours.
    const asGuessed = start <= vm_start && Number(to) >= vm_end
    if (asGuessed && begins + vm_start - start === offset) return vm_start
    const isNew = !mm.areas.some(one => one !== vma && one.vm_start === start)
    if (isNew && Number(to) - start === length && begins === offset) return start
  }
  return undefined
}
