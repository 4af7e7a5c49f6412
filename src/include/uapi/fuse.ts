// The FUSE protocol's numbers, versions 7.31 to 7.45: opcodes, flags, sizes of its structures.
// Linux: include/uapi/linux/fuse.h.
//
// All fields are little-endian here, as on every machine this runs on. Sizes are in bytes.

export const FUSE_KERNEL_VERSION = 7
/** The newest minor version whose structures this program knows. */
export const FUSE_KERNEL_MINOR_VERSION = 45
/** The oldest: Linux 5.4 speaks it. */
export const FUSE_OLDEST_MINOR_VERSION = 31
export const FUSE_ROOT_ID = 1

export const FUSE_LOOKUP = 1
export const FUSE_FORGET = 2
export const FUSE_GETATTR = 3
export const FUSE_SETATTR = 4
export const FUSE_READLINK = 5
export const FUSE_SYMLINK = 6
export const FUSE_MKNOD = 8
export const FUSE_MKDIR = 9
export const FUSE_UNLINK = 10
export const FUSE_RMDIR = 11
export const FUSE_RENAME = 12
export const FUSE_LINK = 13
export const FUSE_OPEN = 14
export const FUSE_READ = 15
export const FUSE_WRITE = 16
export const FUSE_STATFS = 17
export const FUSE_RELEASE = 18
export const FUSE_FSYNC = 20
export const FUSE_SETXATTR = 21
export const FUSE_GETXATTR = 22
export const FUSE_LISTXATTR = 23
export const FUSE_REMOVEXATTR = 24
export const FUSE_FLUSH = 25
export const FUSE_INIT = 26
export const FUSE_OPENDIR = 27
export const FUSE_READDIR = 28
export const FUSE_RELEASEDIR = 29
export const FUSE_FSYNCDIR = 30
export const FUSE_GETLK = 31
export const FUSE_SETLK = 32
export const FUSE_SETLKW = 33
export const FUSE_ACCESS = 34
export const FUSE_CREATE = 35
export const FUSE_INTERRUPT = 36
export const FUSE_BMAP = 37
export const FUSE_DESTROY = 38
export const FUSE_IOCTL = 39
export const FUSE_POLL = 40
export const FUSE_NOTIFY_REPLY = 41
export const FUSE_BATCH_FORGET = 42
export const FUSE_FALLOCATE = 43
export const FUSE_READDIRPLUS = 44
export const FUSE_RENAME2 = 45
export const FUSE_LSEEK = 46
export const FUSE_COPY_FILE_RANGE = 47
export const FUSE_SETUPMAPPING = 48
export const FUSE_REMOVEMAPPING = 49
export const FUSE_SYNCFS = 50
export const FUSE_TMPFILE = 51
export const FUSE_STATX = 52

/** What a server says unasked: a reply header with unique 0 and this as its error. */
export const FUSE_NOTIFY_POLL = 1
export const FUSE_NOTIFY_INVAL_INODE = 2
export const FUSE_NOTIFY_INVAL_ENTRY = 3
export const FUSE_NOTIFY_STORE = 4
export const FUSE_NOTIFY_RETRIEVE = 5
export const FUSE_NOTIFY_DELETE = 6

/** Flags of INIT; those from bit 32 on travel in a word of their own (flags2). */
export const FUSE_ASYNC_READ = 1 << 0
export const FUSE_ATOMIC_O_TRUNC = 1 << 3
export const FUSE_EXPORT_SUPPORT = 1 << 4
export const FUSE_BIG_WRITES = 1 << 5
export const FUSE_DONT_MASK = 1 << 6
export const FUSE_HAS_IOCTL_DIR = 1 << 11
export const FUSE_DO_READDIRPLUS = 1 << 13
export const FUSE_READDIRPLUS_AUTO = 1 << 14
export const FUSE_ASYNC_DIO = 1 << 15
export const FUSE_PARALLEL_DIROPS = 1 << 18
export const FUSE_POSIX_ACL = 1 << 20
export const FUSE_ABORT_ERROR = 1 << 21
export const FUSE_MAX_PAGES = 1 << 22
export const FUSE_INIT_EXT = 1 << 30
/** Bit 36 of the 64: mmap() of files opened with FOPEN_DIRECT_IO. */
export const FUSE_DIRECT_IO_ALLOW_MMAP_2 = 1 << 4

/** What OPEN, OPENDIR and CREATE answer about the new file. */
export const FOPEN_DIRECT_IO = 1 << 0
export const FOPEN_KEEP_CACHE = 1 << 1
export const FOPEN_NONSEEKABLE = 1 << 2
export const FOPEN_CACHE_DIR = 1 << 3
export const FOPEN_STREAM = 1 << 4
export const FOPEN_NOFLUSH = 1 << 5
export const FOPEN_PARALLEL_DIRECT_WRITES = 1 << 6

/** Which fields of SETATTR count. */
export const FATTR_MODE = 1 << 0
export const FATTR_UID = 1 << 1
export const FATTR_GID = 1 << 2
export const FATTR_SIZE = 1 << 3
export const FATTR_ATIME = 1 << 4
export const FATTR_MTIME = 1 << 5
export const FATTR_FH = 1 << 6
export const FATTR_ATIME_NOW = 1 << 7
export const FATTR_MTIME_NOW = 1 << 8

export const FUSE_GETATTR_FH = 1 << 0
export const FUSE_WRITE_CACHE = 1 << 0
export const FUSE_READ_LOCKOWNER = 1 << 1
export const FUSE_FSYNC_FDATASYNC = 1 << 0
export const FUSE_POLL_SCHEDULE_NOTIFY = 1 << 0

export const FUSE_IOCTL_COMPAT = 1 << 0
export const FUSE_IOCTL_UNRESTRICTED = 1 << 1
export const FUSE_IOCTL_RETRY = 1 << 2
export const FUSE_IOCTL_32BIT = 1 << 3
export const FUSE_IOCTL_DIR = 1 << 4
export const FUSE_IOCTL_COMPAT_X32 = 1 << 5

/** _IOR(229, 0, uint32_t): of a new descriptor, with that of a mount it is to belong to. */
export const FUSE_DEV_IOC_CLONE = 0x8004e500

/** struct fuse_in_header: len, opcode, unique, nodeid, uid, gid, pid, two lengths. */
export const FUSE_IN_HEADER_SIZE = 40
/** struct fuse_out_header: len, error, unique. */
export const FUSE_OUT_HEADER_SIZE = 16
export const FUSE_ATTR_SIZE = 88
export const FUSE_ATTR_OUT_SIZE = 104
export const FUSE_ENTRY_OUT_SIZE = 128
export const FUSE_OPEN_OUT_SIZE = 16
export const FUSE_WRITE_IN_SIZE = 40
export const FUSE_WRITE_OUT_SIZE = 8
export const FUSE_STATFS_OUT_SIZE = 80
export const FUSE_INIT_IN_SIZE = 64
export const FUSE_INIT_OUT_SIZE = 64
export const FUSE_GETXATTR_OUT_SIZE = 8
export const FUSE_LSEEK_OUT_SIZE = 8
export const FUSE_IOCTL_OUT_SIZE = 16
export const FUSE_POLL_OUT_SIZE = 8
/** struct fuse_dirent without its name. */
export const FUSE_DIRENT_SIZE = 24
