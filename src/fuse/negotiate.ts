// INIT: which version of the protocol, how big requests may be, which extras.

import {
  FUSE_ATOMIC_O_TRUNC,
  FUSE_BIG_WRITES,
  FUSE_DIRECT_IO_ALLOW_MMAP_2,
  FUSE_DO_READDIRPLUS,
  FUSE_INIT_EXT,
  FUSE_INIT_OUT_SIZE,
  FUSE_KERNEL_MINOR_VERSION,
  FUSE_KERNEL_VERSION,
  FUSE_MAX_PAGES,
  FUSE_OLDEST_MINOR_VERSION,
  FUSE_PARALLEL_DIROPS,
  FUSE_READDIRPLUS_AUTO,
} from '../include/uapi/fuse.ts'
import { EPROTO } from '../include/uapi/errno.ts'
import type { Reply } from './codec.ts'

/** The most one WRITE carries, and with MAX_PAGES the most one READ asks for. */
export const MAX_WRITE = 1 << 20
const MAX_PAGES = MAX_WRITE / 4096

/** Asynchronous I/O that may wait in drivers at a time; the host's own default is 12. */
const MAX_BACKGROUND = 0xffff

/**
 * What we ask for, if the host offers it:
 * - ATOMIC_O_TRUNC: open(2) with O_TRUNC is one request, and the driver sees the flag.
 * - BIG_WRITES, MAX_PAGES: 1 MiB in one request.
 * - DO_READDIRPLUS, READDIRPLUS_AUTO: `ls -l` need not ask for each file.
 * - PARALLEL_DIROPS: a LOOKUP that waits does not hold up others in its folder.
 * - INIT_EXT: without it the host takes none of the flags from bit 32 on.
 * - DIRECT_IO_ALLOW_MMAP: programs can map devices.
 *
 * What we leave out: DONT_MASK (the host applies the umask), EXPORT_SUPPORT (node ids mean
 * nothing after they are forgotten), POSIX_ACL, HAS_IOCTL_DIR and the caches (the kernel's
 * files change without notice).
 */
const WANTED =
  FUSE_ATOMIC_O_TRUNC |
  FUSE_BIG_WRITES |
  FUSE_DO_READDIRPLUS |
  FUSE_READDIRPLUS_AUTO |
  FUSE_PARALLEL_DIROPS |
  FUSE_MAX_PAGES |
  FUSE_INIT_EXT

const WANTED_2 = FUSE_DIRECT_IO_ALLOW_MMAP_2

/** The fields of struct fuse_init_in that matter. */
export interface InitIn {
  major: number
  minor: number
  flags: number
  /** The flags from bit 32 on; 0 if the host has none. */
  flags2: number
}

/** What both sides have agreed on. */
export interface InitOut {
  minor: number
  flags: number
  flags2: number
}

/** -EPROTO for a host older than Linux 5.4. */
export function negotiate(init: InitIn): InitOut | number {
  const tooOld =
    init.major < FUSE_KERNEL_VERSION ||
    (init.major === FUSE_KERNEL_VERSION && init.minor < FUSE_OLDEST_MINOR_VERSION)
  if (tooOld) return -EPROTO

  // To a newer major version we name ours, and the host asks again with that.
  return {
    minor: Math.min(init.minor, FUSE_KERNEL_MINOR_VERSION),
    flags: (init.flags & WANTED) >>> 0,
    flags2: (init.flags2 & WANTED_2) >>> 0,
  }
}

/** struct fuse_init_out. */
export function encodeInit(out: InitOut, reply: Reply): number {
  reply.zero(0, FUSE_INIT_OUT_SIZE)
  reply.u32(0, FUSE_KERNEL_VERSION)
  reply.u32(4, out.minor)
  reply.u32(8, 0) // no page is read that no program has touched
  reply.u32(12, out.flags)
  reply.u32(16, MAX_BACKGROUND | (MAX_BACKGROUND << 16))
  reply.u32(20, MAX_WRITE)
  reply.u32(24, 1) // time_gran: times are kept to the nanosecond
  reply.u32(28, MAX_PAGES)
  reply.u32(32, out.flags2)
  return FUSE_INIT_OUT_SIZE
}
