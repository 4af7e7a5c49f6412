// The ioctl command of bench.
import { _IOR } from '#linux/ioctl'

/** How much it copies, in bytes. */
export const PAGE = 4096
/** A page of the device's memory is written to where the argument points. */
export const BENCH_IOCGPAGE = _IOR('b', 1, PAGE)
