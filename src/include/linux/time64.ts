// Times of day and lengths of time in seconds and nanoseconds. Linux: include/linux/time64.h.

export const MSEC_PER_SEC = 1000
export const USEC_PER_MSEC = 1000
export const NSEC_PER_USEC = 1000
export const NSEC_PER_MSEC = 1_000_000
export const USEC_PER_SEC = 1_000_000
export const NSEC_PER_SEC = 1_000_000_000

/** `struct timespec64`. */
export class timespec64 {
  /** Seconds. */
  tv_sec: number
  /** And nanoseconds, less than a second. */
  tv_nsec: number

  constructor(tv_sec = 0, tv_nsec = 0) {
    this.tv_sec = tv_sec
    this.tv_nsec = tv_nsec
  }
}

/** With nanoseconds of any size and sign brought into the range of a second. */
function normalized(tv_sec: number, tv_nsec: number): timespec64 {
  const seconds = Math.floor(tv_nsec / NSEC_PER_SEC)
  return new timespec64(tv_sec + seconds, tv_nsec - seconds * NSEC_PER_SEC)
}

export function set_normalized_timespec64(
  ts: timespec64,
  tv_sec: number,
  tv_nsec: number,
): void {
  Object.assign(ts, normalized(tv_sec, tv_nsec))
}

export const timespec64_add = (a: timespec64, b: timespec64): timespec64 =>
  normalized(a.tv_sec + b.tv_sec, a.tv_nsec + b.tv_nsec)
export const timespec64_sub = (a: timespec64, b: timespec64): timespec64 =>
  normalized(a.tv_sec - b.tv_sec, a.tv_nsec - b.tv_nsec)
export const timespec64_equal = (a: timespec64, b: timespec64): boolean =>
  a.tv_sec === b.tv_sec && a.tv_nsec === b.tv_nsec
/** Below 0 if `a` is the earlier one, above 0 if the later. */
export const timespec64_compare = (a: timespec64, b: timespec64): number =>
  Math.sign(a.tv_sec - b.tv_sec || a.tv_nsec - b.tv_nsec)
export const timespec64_valid = ({ tv_sec, tv_nsec }: timespec64): boolean =>
  tv_sec >= 0 && tv_nsec >= 0 && tv_nsec < NSEC_PER_SEC

/** Nanoseconds: a bigint, as all 64-bit times are. */
export const timespec64_to_ns = ({ tv_sec, tv_nsec }: timespec64): bigint =>
  BigInt(tv_sec) * BigInt(NSEC_PER_SEC) + BigInt(tv_nsec)

export function ns_to_timespec64(ns: bigint | number): timespec64 {
  const all = BigInt(ns)
  const second = BigInt(NSEC_PER_SEC)
  const rest = ((all % second) + second) % second
  return new timespec64(Number((all - rest) / second), Number(rest))
}
