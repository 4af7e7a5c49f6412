// Numbers of mmap(2) and its relatives. Linux: include/uapi/asm-generic/mman-common.h.

export const PROT_NONE = 0
export const PROT_READ = 0x1
export const PROT_WRITE = 0x2
export const PROT_EXEC = 0x4

export const MAP_SHARED = 0x1
export const MAP_PRIVATE = 0x2
export const MAP_SHARED_VALIDATE = 0x3
export const MAP_TYPE = 0xf
export const MAP_FIXED = 0x10
export const MAP_ANONYMOUS = 0x20
/** Means nothing, but tells of a loader that maps a program or a library. */
export const MAP_DENYWRITE = 0x800

export const MREMAP_MAYMOVE = 1
