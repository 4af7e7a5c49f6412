// Modes of files. Linux: include/linux/stat.h.
export * from '../uapi/stat.ts'

export const S_IRWXUGO = 0o777
export const S_IRUGO = 0o444
export const S_IWUGO = 0o222
export const S_IXUGO = 0o111
