// File types and permission bits. Linux: include/uapi/linux/stat.h.

export const S_IFMT = 0o170000
export const S_IFSOCK = 0o140000
export const S_IFLNK = 0o120000
export const S_IFREG = 0o100000
export const S_IFBLK = 0o060000
export const S_IFDIR = 0o040000
export const S_IFCHR = 0o020000
export const S_IFIFO = 0o010000

export const S_ISUID = 0o4000
export const S_ISGID = 0o2000
export const S_ISVTX = 0o1000

export const S_IRWXU = 0o700
export const S_IRUSR = 0o400
export const S_IWUSR = 0o200
export const S_IXUSR = 0o100
export const S_IRWXG = 0o070
export const S_IRGRP = 0o040
export const S_IWGRP = 0o020
export const S_IXGRP = 0o010
export const S_IRWXO = 0o007
export const S_IROTH = 0o004
export const S_IWOTH = 0o002
export const S_IXOTH = 0o001

export const S_ISDIR = (mode: number): boolean => (mode & S_IFMT) === S_IFDIR
export const S_ISCHR = (mode: number): boolean => (mode & S_IFMT) === S_IFCHR
export const S_ISBLK = (mode: number): boolean => (mode & S_IFMT) === S_IFBLK
export const S_ISREG = (mode: number): boolean => (mode & S_IFMT) === S_IFREG
export const S_ISLNK = (mode: number): boolean => (mode & S_IFMT) === S_IFLNK
