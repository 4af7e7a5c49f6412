// The character device table: which driver owns which (major, minor) numbers.
// Linux: fs/char_dev.c.
//
// Owning takes two steps. A *region* reserves numbers under a name; /proc/devices
// lists them. A *cdev* serves numbers; open(2) looks there. Drivers reserve
// first, then add.

import { cdev } from '../include/linux/cdev.ts'
import { EBUSY, EINVAL, ENXIO } from '../include/linux/errno.ts'
import type { file, file_operations, inode } from '../include/linux/fs.ts'
import { MAJOR, MINOR, MINORMASK, MKDEV } from '../include/linux/kdev_t.ts'
import { KERN_ERR } from '../include/linux/printk.ts'
import type { dev_t, errno_t, MaybePromise, ref } from '../include/linux/types.ts'
import type { module } from '../include/linux/module.ts'
import type { Printk } from '../kernel/printk.ts'
import { RangeMap } from './range_map.ts'

const CHRDEV_MAJOR_MAX = 512
/** No more of a name is kept. */
const CHRDEV_NAME_MAX = 63

// Majors given out on request, in Linux's order: 254 down to 234, then 511 down to 384.
const DYNAMIC_MAJORS = [...countdown(254, 234), ...countdown(511, 384)]

interface Region {
  major: number
  baseminor: number
  count: number
  name: string
  /** The cdev that register_chrdev() added. */
  cdev?: cdev
}

/** Where references on modules are counted. */
interface ModuleReferences {
  try_module_get(module: module | undefined): boolean
  module_put(module: module | undefined): void
}

/** What loads the module of a number that nobody serves yet. */
interface ModuleRequests {
  __request_module(wait: boolean, fmt: string, ...args: number[]): MaybePromise<number>
}

export class CharDevices {
  static readonly EXPORT_SYMBOL = [
    'register_chrdev_region',
    'alloc_chrdev_region',
    'unregister_chrdev_region',
    'register_chrdev',
    'unregister_chrdev',
    'cdev_init',
    'cdev_alloc',
    'cdev_add',
    'cdev_del',
  ] as const

  readonly #modules: ModuleReferences
  readonly #kmod: ModuleRequests
  readonly #log: Printk
  /** By major; those of one major in the order of their minors, which never overlap. */
  readonly #regions = new Map<number, Region[]>()
  /** Ranges may nest; the narrowest wins. */
  readonly #cdevs = new RangeMap<cdev>()
  /** Which cdev an open file came from: its reference is given back when the file closes. */
  readonly #openedFrom = new WeakMap<file, cdev>()

  constructor(modules: ModuleReferences, kmod: ModuleRequests, log: Printk) {
    this.#modules = modules
    this.#kmod = kmod
    this.#log = log
  }

  /** A range may run over into the next major; each major gets a region of its own. */
  register_chrdev_region(from: dev_t, count: number, name: string): errno_t {
    const taken: Region[] = []
    for (const piece of perMajor(from, count)) {
      const region = this.#register({ ...piece, name })
      if (typeof region === 'number') {
        for (const other of taken) this.#unregister(other)
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
    const major = this.#dynamicMajor(name)
    if (major < 0) return major
    const region = this.#register({ major, baseminor, count, name })
    if (typeof region === 'number') return region

    dev.value = MKDEV(major, baseminor)
    return 0
  }

  unregister_chrdev_region(from: dev_t, count: number): void {
    for (const piece of perMajor(from, count)) this.#unregister(piece)
  }

  register_chrdev(major: number, name: string, fops: file_operations): number {
    const chosen = major || this.#dynamicMajor(name)
    if (chosen < 0) return chosen
    const region = this.#register({ major: chosen, baseminor: 0, count: 256, name })
    if (typeof region === 'number') return region

    const p = this.cdev_alloc()
    p.owner = fops.owner
    p.ops = fops
    region.cdev = p
    this.cdev_add(p, MKDEV(chosen, 0), 256)
    return major ? 0 : chosen
  }

  unregister_chrdev(major: number, _name: string): void {
    const region = this.#unregister({ major, baseminor: 0, count: 256 })
    if (region?.cdev) this.cdev_del(region.cdev)
  }

  cdev_alloc(): cdev {
    return new cdev()
  }

  cdev_init(p: cdev, fops: file_operations): void {
    p.ops = fops
  }

  cdev_add(p: cdev, dev: dev_t, count: number): errno_t {
    if (count < 1) return -EINVAL
    p.dev = dev
    p.count = count
    this.#cdevs.add(dev, count, p)
    return 0
  }

  cdev_del(p: cdev): void {
    if (p.count > 0) this.#cdevs.remove(p.dev, p.count, p)
  }

  /**
   * open(2) on a device node: give the file to the driver that serves its number. An open file
   * holds a reference on the cdev's module and one on the operations' module.
   */
  chrdev_open(inode: inode, filp: file): MaybePromise<errno_t> {
    const p = this.#cdevs.find(inode.i_rdev)
    return p ? this.#open(p, inode, filp) : this.#request(inode, filp)
  }

  /** Nobody serves the number: perhaps there is a module that does, once it is loaded. */
  #request(inode: inode, filp: file): MaybePromise<errno_t> {
    const again = () => {
      const p = this.#cdevs.find(inode.i_rdev)
      return p ? this.#open(p, inode, filp) : -ENXIO
    }
    const asked = this.#request_module(MAJOR(inode.i_rdev), MINOR(inode.i_rdev))
    return asked ? asked.then(again) : again()
  }

  /** Aliases may name the number, or its major only, as those of Linux 2.4 did. */
  #request_module(major: number, minor: number): Promise<number> | undefined {
    const kmod = this.#kmod
    const asked = kmod.__request_module(true, 'char-major-%d-%d', major, minor)
    if (typeof asked === 'number') return undefined // it is switched off
    return asked.then(ret =>
      ret > 0 ? kmod.__request_module(true, 'char-major-%d', major) : ret,
    )
  }

  #open(p: cdev, inode: inode, filp: file): MaybePromise<errno_t> {
    if (!this.#modules.try_module_get(p.owner)) return -ENXIO
    if (!this.#modules.try_module_get(p.ops.owner)) {
      this.#modules.module_put(p.owner)
      return -ENXIO
    }
    filp.f_op = p.ops
    this.#openedFrom.set(filp, p)
    return p.ops.open?.(inode, filp) ?? 0
  }

  /** After release(), or after an open() that failed. */
  cdev_put(filp: file): void {
    const p = this.#openedFrom.get(filp)
    this.#openedFrom.delete(filp)
    this.#modules.module_put(filp.f_op.owner)
    if (p) this.#modules.module_put(p.owner)
  }

  /** The "Character devices:" half of /proc/devices. */
  chrdev_show(): string {
    return [...this.#regions]
      .toSorted(([a], [b]) => a - b)
      .flatMap(([, regions]) => regions)
      .map(({ major, name }) => `${String(major).padStart(3)} ${name}\n`)
      .join('')
  }

  #register(region: Region): Region | errno_t {
    const { major, baseminor, count, name } = region
    if (major >= CHRDEV_MAJOR_MAX) {
      this.#log.printk(
        `${KERN_ERR}CHRDEV "%s" major requested (%u) is greater than the maximum (%u)\n`,
        name,
        major,
        CHRDEV_MAJOR_MAX - 1,
      )
      return -EINVAL
    }
    if (count < 0 || count > MINORMASK + 1 - baseminor) {
      this.#log.printk(
        `${KERN_ERR}CHRDEV "%s" minor range requested (%u-%u) is out of range of maximum range (%u-%u) for a single major\n`,
        name,
        baseminor,
        baseminor + count - 1,
        0,
        MINORMASK,
      )
      return -EINVAL
    }
    const regions = this.#regions.get(major) ?? []
    const at = position(regions, baseminor)
    const before = regions[at - 1]
    const after = regions[at]
    if (before && before.baseminor + before.count > baseminor) return -EBUSY
    if (after && baseminor + count > after.baseminor) return -EBUSY

    // A name that is none crashes who gives it, now, and not who reads /proc/devices later.
    const kept = { ...region, name: name.slice(0, CHRDEV_NAME_MAX) }
    regions.splice(at, 0, kept)
    this.#regions.set(major, regions)
    return kept
  }

  #unregister({ major, baseminor, count }: Omit<Region, 'name'>): Region | undefined {
    const regions = this.#regions.get(major) ?? []
    const at = position(regions, baseminor)
    const region = regions[at]
    if (region?.baseminor !== baseminor || region.count !== count) return undefined
    regions.splice(at, 1)
    if (regions.length === 0) this.#regions.delete(major)
    return region
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
