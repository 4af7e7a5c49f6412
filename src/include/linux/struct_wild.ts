// A struct at an address where nothing is: C's `(struct foo *)0xdeadbeef000`. Whoever reads or writes
// a member of it has a page fault.

import type { layout, placed, struct_ctype } from './struct_layout.ts'
import { BYTES } from './struct_types.ts'

/** Where an exception says that it is a page fault. */
export const FAULT: unique symbol = Symbol.for('modbox.fault')

/** What was tried. */
export interface access {
  readonly address: bigint
  readonly write: boolean
}

class page_fault extends Error {
  readonly [FAULT]: access

  constructor(address: bigint, write: boolean) {
    super(`No memory at ${address.toString(16)}`)
    this[FAULT] = { address: BigInt.asUintN(64, address), write }
  }
}

/** Members that are structs are as wild as the whole; all others fault when they are touched. */
export function wild_view({ members }: layout, address: bigint): object {
  const view = {}
  for (const member of members) addMember(view, member, address)
  Object.defineProperty(view, BYTES, { get: () => fault(address, false) })
  return view
}

function addMember(view: object, member: placed, base: bigint): void {
  const address = base + BigInt(member.offset)
  const inner = (member.type as Partial<struct_ctype>).shape
  if (member.unnamed) {
    for (const promoted of inner?.members ?? []) addMember(view, promoted, address)
    return
  }
  Object.defineProperty(view, member.name, {
    enumerable: true,
    get: () => (inner ? wild_view(inner, address) : fault(address, false)),
    set() {
      fault(address, true)
    },
  })
}

function fault(address: bigint, write: boolean): never {
  throw new page_fault(address, write)
}
