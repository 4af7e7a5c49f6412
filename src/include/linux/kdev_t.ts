// Device numbers: 12 bits of major, 20 bits of minor. Linux: include/linux/kdev_t.h.
import type { dev_t } from './types.ts'

export const MINORBITS = 20
export const MINORMASK = (1 << MINORBITS) - 1

export const MAJOR = (dev: dev_t): number => dev >>> MINORBITS
export const MINOR = (dev: dev_t): number => dev & MINORMASK
export const MKDEV = (major: number, minor: number): dev_t =>
  ((major << MINORBITS) | minor) >>> 0

/** The 32-bit form in which stat(2), mknod(2) and FUSE carry a device number. */
export function new_encode_dev(dev: dev_t): number {
  const minor = MINOR(dev)
  return ((minor & 0xff) | (MAJOR(dev) << 8) | ((minor & ~0xff) << 12)) >>> 0
}

export function new_decode_dev(dev: number): dev_t {
  return MKDEV((dev & 0xfff00) >>> 8, (dev & 0xff) | ((dev >>> 12) & 0xfff00))
}
