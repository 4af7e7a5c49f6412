// What an exception of JavaScript would have been to a processor: a page fault, a division by zero, an
// invalid opcode. Linux: arch/x86/mm/fault.c, arch/x86/kernel/traps.c.

import { FAULT, type access } from '../include/linux/struct_wild.ts'
import { Bug } from '../lib/bug.ts'
import { PAGE_SIZE } from '../lib/page_text.ts'

export const SIGKILL = 9
export const SIGSEGV = 11

/** Thrown by a call of code that is gone. */
export class CodeGone extends Error {
  readonly address: bigint

  constructor(message: string, address: bigint) {
    super(message)
    this.address = address
  }
}

/** Bits of a page fault's error code. */
const PF_WRITE = 0x02
const PF_INSTR = 0x10

/** From here on addresses are the kernel's. */
const TASK_SIZE_MAX = 0x7ffffffff000n

export interface Fault {
  /** As the line with the number of the oops begins. */
  readonly name: 'Oops' | 'divide error' | 'invalid opcode' | 'stack guard page'
  readonly error_code: number
  /** What the caller dies of. */
  readonly signal: number
  /** That of a page fault. */
  readonly address?: bigint
  /** JavaScript's own words, where no processor has any. */
  readonly said?: string
}

/** What V8 says of writing to what is null or undefined, of calling it, and of reading from it. */
const NULL_WRITE = /^Cannot set properties of (?:undefined|null)\b/
const NULL_CALL = /is not a (?:function|constructor)$/
const NULL_READ = [
  /^Cannot read properties of (?:undefined|null)\b/,
  /^Cannot destructure .* as it is (?:undefined|null)/,
  /^Cannot convert undefined or null/,
  /(?:undefined|null) is not iterable/,
  /is not a function or its return value is not iterable/,
]

export function faultOf(error: Error): Fault {
  if (error instanceof Bug) return trap('invalid opcode')
  if (error instanceof CodeGone) return pageFault(error.address, PF_INSTR, error.message)
  const wild = (error as { [FAULT]?: access })[FAULT]
  if (wild) return pageFault(wild.address, wild.write ? PF_WRITE : 0)
  if (error.name === 'RangeError') return rangeFault(error)
  const said = `${error.name}: ${error.message}`
  if (error.name !== 'TypeError') return { ...trap('Oops', SIGKILL), said }
  const { message } = error
  if (NULL_WRITE.test(message)) return pageFault(0n, PF_WRITE, said)
  if (NULL_READ.some(pattern => pattern.test(message))) return pageFault(0n, 0, said)
  if (NULL_CALL.test(message)) return pageFault(0n, PF_INSTR, said)
  return { ...trap('Oops', SIGKILL), said }
}

/** What a call of null jumps to is no place in any function. */
export function isInstructionFetch({ error_code }: Fault): boolean {
  return (error_code & PF_INSTR) !== 0
}

/** Linux has interrupts off while it handles these, and so when the caller dies of them. */
export function exitsWithIrqsDisabled(fault: Fault): boolean {
  const { address } = fault
  return address !== undefined && (isInstructionFetch(fault) || address >= TASK_SIZE_MAX)
}

/** The message of a page fault, in words. */
export function describeAccess({ error_code }: Fault): string {
  if (error_code & PF_INSTR) return 'instruction fetch'
  return error_code & PF_WRITE ? 'write access' : 'read access'
}

/** Near enough to 0 to be a NULL pointer with an offset. */
export function isNull(address: bigint): boolean {
  return address < BigInt(PAGE_SIZE)
}

function rangeFault(error: Error): Fault {
  if (error.message === 'Division by zero') return trap('divide error')
  if (error.message === 'Maximum call stack size exceeded')
    return trap('stack guard page')
  return { ...trap('Oops', SIGKILL), said: `${error.name}: ${error.message}` }
}

function trap(name: Fault['name'], signal = SIGSEGV): Fault {
  return { name, error_code: 0, signal }
}

function pageFault(address: bigint, error_code: number, said?: string): Fault {
  const fault = { name: 'Oops', error_code, signal: SIGKILL, address } as const
  return said === undefined ? fault : { ...fault, said }
}
