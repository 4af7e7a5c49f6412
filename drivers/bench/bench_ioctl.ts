// The ioctl commands of bench.
import { _IOR, _IOW } from '#linux/ioctl'

/** How much it copies, in bytes. */
export const PAGE = 4096
/** A page of the device's memory is written to where the argument points. */
export const BENCH_IOCGPAGE = _IOR('b', 1, PAGE)
/** The first byte of the device's memory becomes the int that the argument points to. */
export const BENCH_IOCSBYTE = _IOW('b', 2, 'int')
