// What BUG() throws, in the kernel's own code or a driver's: the call ends, and kernel/panic.ts
// reports it. Linux: include/asm-generic/bug.h.

export class Bug extends Error {
  /** Linux's file and line, where the kernel itself says BUG(). */
  readonly place: string | undefined
  /** Logged before the report, as an emergency. */
  readonly complaint: string | undefined

  constructor(place?: string, complaint?: string) {
    super('BUG')
    this.place = place
    this.complaint = complaint
  }
}
