// Device numbers that are taken, and by whom: /proc/devices. Linux: fs/char_dev.c.

import { EBUSY, EINVAL } from '../include/linux/errno.ts'
import { MAJOR, MINOR, MINORMASK, MKDEV } from '../include/linux/kdev_t.ts'
import { KERN_ERR } from '../include/linux/printk.ts'
import type { dev_t, errno_t, ref } from '../include/linux/types.ts'
import type { Registered } from '../kernel/debugobjects.ts'
import type { Printk } from '../kernel/printk.ts'

const CHRDEV_MAJOR_MAX = 512
/** No more of a name is kept. */
const CHRDEV_NAME_MAX = 63

// Majors given out on request, in Linux's order: 254 down to 234, then 511 down to 384.
const DYNAMIC_MAJORS = [...countdown(254, 234), ...countdown(511, 384)]

export interface Region {
  /** 0: any that is free. */
  readonly major: number
  readonly baseminor: number
  readonly count: number
  readonly name: string
}

export class ChrdevRegions {
  readonly #log: Printk
  readonly #objects: Registered
  /** By major; those of one major in the order of their minors, which never overlap. */
  readonly #regions = new Map<number, Region[]>()

  constructor(log: Printk, objects: Registered) {
    this.#log = log
    this.#objects = objects
  }

  /** A range may run over into the next major; each major gets a region of its own. */
  register_chrdev_region(from: dev_t, count: number, name: string): errno_t {
    const taken: Region[] = []
    for (const piece of perMajor(from, count)) {
      const region = this.register({ ...piece, name })
      if (typeof region === 'number') {
        for (const other of taken) this.unregister(other)
        return region
      }
      taken.push(region)
    }
    return 0
  }

  alloc_chrdev_region(
    dev: ref<dev_t>,
    baseminor: number,
    count: number,
    name: string,
  ): errno_t {
    const region = this.register({ major: 0, baseminor, count, name })
    if (typeof region === 'number') return region

    dev.value = MKDEV(region.major, baseminor)
    return 0
  }

  unregister_chrdev_region(from: dev_t, count: number): void {
    for (const piece of perMajor(from, count)) this.unregister(piece)
  }

  /** The "Character devices:" half of /proc/devices. */
  chrdev_show(): string {
    return [...this.#regions]
      .toSorted(([a], [b]) => a - b)
      .flatMap(([, regions]) => regions)
      .map(({ major, name }) => `${String(major).padStart(3)} ${name}\n`)
      .join('')
  }

  /** The region as it was taken, or an error. */
  protected register({ baseminor, count, name, ...wish }: Region): Region | errno_t {
    if (!this.#possible({ ...wish, baseminor, count, name })) return -EINVAL
    const major = wish.major || this.#dynamicMajor(name)
    if (major < 0) return major
    const regions = this.#regions.get(major) ?? []
    const at = position(regions, baseminor)
    const before = regions[at - 1]
    const after = regions[at]
    if (before && before.baseminor + before.count > baseminor) return -EBUSY
    if (after && baseminor + count > after.baseminor) return -EBUSY

    // A name that is none crashes who gives it, now, and not who reads /proc/devices later.
    const kept = { major, baseminor, count, name: name.slice(0, CHRDEV_NAME_MAX) }
    regions.splice(at, 0, kept)
    this.#regions.set(major, regions)
    this.#objects.debug_object_activate('char_device_struct', kept, kept.name)
    return kept
  }

  protected unregister({
    major,
    baseminor,
    count,
  }: Omit<Region, 'name'>): Region | undefined {
    const regions = this.#regions.get(major) ?? []
    const at = position(regions, baseminor)
    const region = regions[at]
    if (region?.baseminor !== baseminor || region.count !== count) return undefined
    regions.splice(at, 1)
    if (regions.length === 0) this.#regions.delete(major)
    this.#objects.debug_object_deactivate(region)
    return region
  }

  /** Are there such numbers at all? */
  #possible({ major, baseminor, count, name }: Region): boolean {
    if (major >= CHRDEV_MAJOR_MAX) {
      const why = `${KERN_ERR}CHRDEV "%s" major requested (%u) is greater than the maximum (%u)\n`
      this.#log.printk(why, name, major, CHRDEV_MAJOR_MAX - 1)
      return false
    }
    if (count >= 0 && count <= MINORMASK + 1 - baseminor) return true
    const last = baseminor + count - 1
    const why = `${KERN_ERR}CHRDEV "%s" minor range requested (%u-%u) is out of range of maximum range (%u-%u) for a single major\n`
    this.#log.printk(why, name, baseminor, last, 0, MINORMASK)
    return false
  }

  #dynamicMajor(name: string): number {
    const major = DYNAMIC_MAJORS.find(candidate => !this.#regions.has(candidate))
    if (major !== undefined) return major

    this.#log.printk(`${KERN_ERR}CHRDEV "%s" dynamic allocation region is full\n`, name)
    return -EBUSY
  }
}

/** Where in `regions` the first one is that begins at or after `baseminor`. */
function position(regions: readonly Region[], baseminor: number): number {
  let low = 0
  let high = regions.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((regions[middle]?.baseminor ?? 0) < baseminor) low = middle + 1
    else high = middle
  }
  return low
}

function perMajor(from: dev_t, count: number): Omit<Region, 'name'>[] {
  const pieces = []
  let dev = from
  for (let left = count; left > 0;) {
    const n = Math.min(left, MINORMASK + 1 - MINOR(dev))
    pieces.push({ major: MAJOR(dev), baseminor: MINOR(dev), count: n })
    left -= n
    dev = MKDEV(MAJOR(dev) + 1, 0)
  }
  return pieces
}

function countdown(first: number, last: number): number[] {
  return Array.from({ length: first - last + 1 }, (_, i) => first - i)
}
