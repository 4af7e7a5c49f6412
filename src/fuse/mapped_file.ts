// What programs have mapped of one open file. The host does not tell of mmap(2), munmap(2) and fork(2):
// the maps of a process tell, when it touches a page or makes a call.

import type { OpenFile } from '../fs/file.ts'
import {
  PAGE_ALIGN,
  VM_EXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
} from '../include/linux/mm.ts'
import type { AddressSpace } from '../mm/address_space.ts'
import { type MmapArguments, vmFlags } from '../mm/mmap_check.ts'
import type { Vma } from '../mm/vma.ts'
import { AnnouncedMappings } from './announced.ts'
import type { Mapping } from './memory_map.ts'

const PAGE = 4096
/** Where a page is put that a program has touched whose maps cannot be read. */
const UNKNOWN_PLACE = 0x7f0000000000

/** Where a page is mapped. */
export interface Place {
  mm: AddressSpace
  vma: Vma
  address: number
}

interface Range {
  start: number
  end: number
}

export class MappedFile {
  readonly nodeid: number
  /** The number that maps of processes show. */
  readonly ino: number
  readonly file: OpenFile
  readonly #newAddressSpace: () => AddressSpace
  /** By process. */
  readonly #spaces = new Map<number, AddressSpace>()
  readonly #announced = new AnnouncedMappings()

  constructor(
    { nodeid, ino }: { nodeid: number; ino: number },
    file: OpenFile,
    newAddressSpace: () => AddressSpace,
  ) {
    this.nodeid = nodeid
    this.ino = ino
    this.file = file
    this.#newAddressSpace = newAddressSpace
  }

  /** Where process `tgid` has mapped page `index` of the file. */
  find(tgid: number, index: number): Place | undefined {
    const mm = this.#spaces.get(tgid)
    for (const vma of mm?.areas ?? []) {
      const address = vma.addressOf(index)
      if (mm && address !== undefined) return { mm, vma, address }
    }
    return undefined
  }

  /** The same, of any process. */
  findAny(index: number): Place | undefined {
    for (const tgid of this.#spaces.keys()) {
      const place = this.find(tgid, index)
      if (place) return place
    }
    return undefined
  }

  /** What process `tgid` has mapped of it. */
  space(tgid: number): AddressSpace | undefined {
    return this.#spaces.get(tgid)
  }

  /**
   * A thread of process `tgid` is about to map the file, probably at `start`: have the driver do its part.
   * 0, or its error. Its mmap() is not called again when the mapping shows.
   */
  async announce(
    tgid: number,
    thread: number,
    start: number,
    args: MmapArguments,
  ): Promise<number> {
    const mm = this.#spaces.get(tgid) ?? this.#newAddressSpace()
    this.#spaces.set(tgid, mm)
    const length = PAGE_ALIGN(args.length)
    const isFree = start > 0 && mm.within(start, start + length).length === 0
    const from = isFree ? start : mm.freeRange(length)
    const vma = await mm.map_region(this.file, {
      start: from,
      end: from + length,
      pgoff: (args.offset ?? 0) / PAGE,
      flags: vmFlags(this.file, args),
    })
    if (typeof vma === 'number') return vma
    this.#announced.add(thread, mm, vma)
    return 0
  }

  /** Is a thread of process `tgid` about to map it? */
  isAnnounced(tgid: number): boolean {
    const mm = this.#spaces.get(tgid)
    return mm !== undefined && this.#announced.has(mm)
  }

  /**
   * Process `tgid` has these mappings of the file now: tell the driver what has changed. 0, or its error.
   * What `thread` was about to map, it has mapped by now, or never will.
   */
  async update(
    tgid: number,
    mappings: readonly Mapping[],
    thread?: number,
  ): Promise<number> {
    const ranges = mappings.map(({ from, to }) => ({
      start: Number(from),
      end: Number(to),
    }))
    if (ranges.length === 0 && !this.#spaces.has(tgid)) return 0
    const mm = this.#spaces.get(tgid) ?? this.#newcomer(ranges)
    this.#spaces.set(tgid, mm)
    const unseen = this.#announced.settle(mm, mappings, thread)
    for (const vma of mm.areas.slice()) {
      if (unseen.has(vma)) continue
      for (const { start, end } of gaps({ start: vma.vm_start, end: vma.vm_end }, ranges))
        mm.munmap(start, end - start)
    }
    for (const mapping of mappings) {
      const err = await this.#add(mm, mapping)
      if (err) return err
    }
    return 0
  }

  /** A page whose program does not show what it has mapped; undefined if the driver refuses it. */
  async single(index: number): Promise<Place | undefined> {
    const mm = this.#spaces.get(0) ?? this.#newAddressSpace()
    this.#spaces.set(0, mm)
    const start = UNKNOWN_PLACE + index * PAGE
    const flags = flagsOf('rw-s')
    const vma = await mm.map_region(this.file, {
      start,
      end: start + PAGE,
      pgoff: index,
      flags,
    })
    return typeof vma === 'number' ? undefined : { mm, vma, address: start }
  }

  /** Up to where it is mapped, in bytes. */
  get extent(): number {
    const ends = [...this.#spaces.values()].flatMap(({ areas }) =>
      areas.map(vma => vma.file_pgoff * PAGE + vma.vm_end - vma.vm_start),
    )
    return Math.max(0, ...ends)
  }

  /** Processes that have mapped it, as far as is known. */
  get processes(): number[] {
    return [...this.#spaces.keys()]
  }

  /** Process `tgid` has ended. */
  exit(tgid: number): void {
    const mm = this.#spaces.get(tgid)
    if (!mm) return
    this.#spaces.delete(tgid)
    this.#announced.forget(mm)
    mm.exit()
  }

  /** Nobody has it mapped any more. */
  close(): void {
    for (const tgid of this.processes) this.exit(tgid)
  }

  /** A process not seen before: a child, if another one has the same places. */
  #newcomer(ranges: readonly Range[]): AddressSpace {
    for (const mm of this.#spaces.values()) {
      const same = mm.areas.some(({ vm_start, vm_end }) =>
        ranges.some(({ start, end }) => start === vm_start && end === vm_end),
      )
      if (same) return mm.fork()
    }
    return this.#newAddressSpace()
  }

  async #add(mm: AddressSpace, { from, to, offset, modes }: Mapping): Promise<number> {
    const whole = { start: Number(from), end: Number(to) }
    const known = mm.areas.map(({ vm_start, vm_end }) => ({
      start: vm_start,
      end: vm_end,
    }))
    for (const { start, end } of gaps(whole, known)) {
      const pgoff = (offset + start - whole.start) / PAGE
      const vma = await mm.map_region(this.file, {
        start,
        end,
        pgoff,
        flags: flagsOf(modes),
      })
      if (typeof vma === 'number') return vma
    }
    return 0
  }
}

/** What of `range` is in none of `others`, which are in order. */
function gaps({ start, end }: Range, others: readonly Range[]): Range[] {
  const found: Range[] = []
  let at = start
  for (const other of others) {
    if (other.end <= at || other.start >= end) continue
    if (other.start > at) found.push({ start: at, end: other.start })
    at = other.end
  }
  if (at < end) found.push({ start: at, end })
  return found
}

/** VM_* for modes as "rw-s". */
function flagsOf(modes: string): number {
  return (
    (modes[0] === 'r' ? VM_READ : 0) |
    (modes[1] === 'w' ? VM_WRITE : 0) |
    (modes[2] === 'x' ? VM_EXEC : 0) |
    (modes[3] === 's' ? VM_SHARED | VM_MAYSHARE : 0) |
    VM_MAYREAD |
    VM_MAYWRITE
  )
}
