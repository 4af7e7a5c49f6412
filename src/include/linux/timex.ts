// Counting cycles. Implemented in kernel/time/timekeeping.ts. Linux: include/linux/timex.h.
import type { Timekeeping } from '../../kernel/time/timekeeping.ts'

/** What the CPU's counter of cycles shows, a bigint: of differences, nanoseconds. */
export declare const get_cycles: Timekeeping['get_cycles']

/** rdtsc(), the same counter by the name of the instruction. */
export const rdtsc = (): bigint => get_cycles()
