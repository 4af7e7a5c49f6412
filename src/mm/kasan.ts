// Reports of memory that is used after its end or freed wrongly. Linux: mm/kasan/report.c.
//
// Freed memory is taken away: the buffer of an array is detached, an object loses its properties, and
// what asks for a property of either is reported and sees what is left. Only an index into an array
// that has gone cannot be seen: it gives undefined.

import { KERN_ERR } from '../include/linux/printk.ts'
import type { Traps } from '../kernel/panic.ts'
import type { Printk } from '../kernel/printk.ts'
import type { Scheduler } from '../kernel/sched.ts'
import { place } from '../kernel/dumpstack.ts'
import type { StackTraces } from '../kernel/stack.ts'
import { TAINT_BAD_PAGE, type Taints } from '../kernel/taint.ts'
import { type Allocation, identityOf, isBuffer, type Track } from './allocation.ts'

interface Needs {
  log: Printk
  sched: Scheduler
  stacks: StackTraces
  taints: Taints
  traps: Traps
}

const RULE = '='.repeat(66)

export class Kasan {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** The memory is free: from now on nobody gets at it unseen. */
  poison(allocation: Allocation): void {
    const { object } = allocation
    detach(object)
    const left = this.#watched(allocation, Reflect.getPrototypeOf(object))
    if (!ArrayBuffer.isView(object)) {
      for (const key of Reflect.ownKeys(object)) Reflect.deleteProperty(object, key)
    }
    Reflect.setPrototypeOf(object, left)
  }

  /** Somebody frees what is no beginning of an allocation. */
  report_invalid_free(allocation: Allocation): void {
    this.#print_report('invalid-free', undefined, allocation)
  }

  /** What a freed object inherits from: it tells, once, of who asks it for anything. */
  #watched(allocation: Allocation, prototype: object | null): object {
    const kasan_report = (access: 'Read' | 'Write') => {
      if (allocation.reported) return
      allocation.reported = true
      this.#print_report('use-after-free', access, allocation)
    }
    return new Proxy(Object.create(prototype) as object, {
      get: function __asan_load(target, key, freed) {
        kasan_report('Read')
        return Reflect.get(target, key, freed) as unknown
      },
      set: function __asan_store() {
        kasan_report('Write')
        return true // it goes nowhere
      },
    })
  }

  #print_report(bug: string, access: string | undefined, allocation: Allocation): void {
    const { sched, stacks, traps, taints } = this.#needs
    const { comm, pid } = sched.current
    const where = stacks.here().find(({ module }) => module !== undefined)
    this.#print(RULE)
    this.#print(`BUG: KASAN: ${bug} in ${where ? place(where) : '?'}`)
    const what = access ? `${access} of size ${allocation.size} at` : 'Free of'
    this.#print(`${what} addr ${hex(allocation.address)} by task ${comm}/${pid}`)
    this.#print('')
    traps.dump_stack()
    this.#print('')
    this.#track('Allocated', allocation.allocated)
    this.#track('Freed', allocation.freedBy)
    this.#object(allocation)
    this.#print(RULE)
    taints.add_taint(TAINT_BAD_PAGE, { lockdepOk: false })
  }

  #track(what: string, track: Track | undefined): void {
    if (!track) return
    this.#print(`${what} by task ${track.pid}:`)
    for (const frame of track.frames(this.#needs.stacks)) {
      this.#print(` ${place(frame)}`)
    }
    this.#print('')
  }

  #object({ address, cache, room }: Allocation): void {
    this.#print(`The buggy address belongs to the object at ${hex(address)}`)
    this.#print(
      ` which belongs to the cache ${cache?.name ?? 'kmalloc-large'} of size ${room}`,
    )
    this.#print('The buggy address is located 0 bytes inside of')
    this.#print(` ${room}-byte region [${hex(address)}, ${hex(address + BigInt(room))})`)
  }

  #print(line: string): void {
    this.#needs.log.printk(`${KERN_ERR}%s\n`, line)
  }
}

/** All views of its bytes, if there are any, see nothing any more. */
function detach(object: object): void {
  const buffer = identityOf(object)
  if (isBuffer(buffer)) structuredClone(buffer, { transfer: [buffer] })
}

export function hex(address: bigint): string {
  return address.toString(16).padStart(16, '0')
}
