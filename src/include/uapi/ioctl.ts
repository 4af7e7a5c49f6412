// Numbers of ioctl commands: direction, size of the argument, type, number.
// Linux: include/uapi/asm-generic/ioctl.h.

const NR_BITS = 8
const TYPE_BITS = 8
const SIZE_BITS = 14

const TYPE_SHIFT = NR_BITS
const SIZE_SHIFT = TYPE_SHIFT + TYPE_BITS
const DIR_SHIFT = SIZE_SHIFT + SIZE_BITS

export const _IOC_NONE = 0
/** The program writes, the kernel reads. */
export const _IOC_WRITE = 1
/** The program reads, the kernel writes. */
export const _IOC_READ = 2

/** Sizes of the C types that stand in an _IOR(); anything else is given in bytes. */
const SIZES = {
  char: 1,
  'signed char': 1,
  'unsigned char': 1,
  short: 2,
  'unsigned short': 2,
  int: 4,
  'unsigned int': 4,
  long: 8,
  'unsigned long': 8,
  'long long': 8,
  'unsigned long long': 8,
  'char *': 8,
  'void *': 8,
} as const

/** A C type by name, or a size in bytes: `sizeof` of what the ioctl carries. */
export type ioctl_type = keyof typeof SIZES | number

/** `type` is one character, as in C: 'k'. */
export function _IOC(
  dir: number,
  type: string | number,
  nr: number,
  size: number,
): number {
  const code = typeof type === 'number' ? type : type.charCodeAt(0)
  return ((dir << DIR_SHIFT) | (code << TYPE_SHIFT) | nr | (size << SIZE_SHIFT)) >>> 0
}

const sizeOf = (t: ioctl_type): number => (typeof t === 'number' ? t : SIZES[t])

export const _IO = (type: string | number, nr: number): number =>
  _IOC(_IOC_NONE, type, nr, 0)
export const _IOR = (type: string | number, nr: number, t: ioctl_type): number =>
  _IOC(_IOC_READ, type, nr, sizeOf(t))
export const _IOW = (type: string | number, nr: number, t: ioctl_type): number =>
  _IOC(_IOC_WRITE, type, nr, sizeOf(t))
export const _IOWR = (type: string | number, nr: number, t: ioctl_type): number =>
  _IOC(_IOC_READ | _IOC_WRITE, type, nr, sizeOf(t))

export const _IOC_DIR = (cmd: number): number => cmd >>> DIR_SHIFT
export const _IOC_SIZE = (cmd: number): number => (cmd >>> SIZE_SHIFT) & 0x3fff
export const _IOC_TYPE = (cmd: number): number => (cmd >>> TYPE_SHIFT) & 0xff
export const _IOC_NR = (cmd: number): number => cmd & 0xff
