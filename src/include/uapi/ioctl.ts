// Numbers of ioctl commands: direction, size of the argument, type, number.
// Linux: include/uapi/asm-generic/ioctl.h.

import { type c_object_type, c_sizeof } from './c_types.ts'

export const _IOC_NRBITS = 8
export const _IOC_TYPEBITS = 8
export const _IOC_SIZEBITS = 14
export const _IOC_DIRBITS = 2

export const _IOC_NRMASK = (1 << _IOC_NRBITS) - 1
export const _IOC_TYPEMASK = (1 << _IOC_TYPEBITS) - 1
export const _IOC_SIZEMASK = (1 << _IOC_SIZEBITS) - 1
export const _IOC_DIRMASK = (1 << _IOC_DIRBITS) - 1

export const _IOC_NRSHIFT = 0
export const _IOC_TYPESHIFT = _IOC_NRSHIFT + _IOC_NRBITS
export const _IOC_SIZESHIFT = _IOC_TYPESHIFT + _IOC_TYPEBITS
export const _IOC_DIRSHIFT = _IOC_SIZESHIFT + _IOC_SIZEBITS

export const _IOC_NONE = 0
/** The program writes, the kernel reads. */
export const _IOC_WRITE = 1
/** The program reads, the kernel writes. */
export const _IOC_READ = 2

/** A C type by name, a struct(), or a size in bytes: `sizeof` of what the ioctl carries. */
export type ioctl_type = c_object_type | { readonly sizeof: number } | number

/** `type` is one character, as in C: 'k'. */
export function _IOC(
  dir: number,
  type: string | number,
  nr: number,
  size: number,
): number {
  const code = typeof type === 'number' ? type : type.charCodeAt(0)
  return (
    ((dir << _IOC_DIRSHIFT) |
      (code << _IOC_TYPESHIFT) |
      (nr << _IOC_NRSHIFT) |
      (size << _IOC_SIZESHIFT)) >>>
    0
  )
}

function sizeOf(t: ioctl_type): number {
  if (typeof t === 'number') return t
  return typeof t === 'string' ? c_sizeof(t) : t.sizeof
}

/** In C, a type that is too large for the number is an error of the build; so it is here. */
function checkedSize(t: ioctl_type): number {
  const size = sizeOf(t)
  if (size > _IOC_SIZEMASK) {
    throw new RangeError(`Invalid size argument for _IOC: ${size} bytes`)
  }
  return size
}

export const _IO = (type: string | number, nr: number): number =>
  _IOC(_IOC_NONE, type, nr, 0)
export const _IOR = (type: string | number, nr: number, t: ioctl_type): number =>
  _IOC(_IOC_READ, type, nr, checkedSize(t))
export const _IOW = (type: string | number, nr: number, t: ioctl_type): number =>
  _IOC(_IOC_WRITE, type, nr, checkedSize(t))
export const _IOWR = (type: string | number, nr: number, t: ioctl_type): number =>
  _IOC(_IOC_READ | _IOC_WRITE, type, nr, checkedSize(t))

// For numbers that were defined with sizeof where the type should have been: the size of a size_t.
export const _IOR_BAD = (type: string | number, nr: number, _t: ioctl_type): number =>
  _IOC(_IOC_READ, type, nr, c_sizeof('size_t'))
export const _IOW_BAD = (type: string | number, nr: number, _t: ioctl_type): number =>
  _IOC(_IOC_WRITE, type, nr, c_sizeof('size_t'))
export const _IOWR_BAD = (type: string | number, nr: number, _t: ioctl_type): number =>
  _IOC(_IOC_READ | _IOC_WRITE, type, nr, c_sizeof('size_t'))

export const _IOC_DIR = (cmd: number): number => (cmd >>> _IOC_DIRSHIFT) & _IOC_DIRMASK
export const _IOC_SIZE = (cmd: number): number => (cmd >>> _IOC_SIZESHIFT) & _IOC_SIZEMASK
export const _IOC_TYPE = (cmd: number): number => (cmd >>> _IOC_TYPESHIFT) & _IOC_TYPEMASK
export const _IOC_NR = (cmd: number): number => (cmd >>> _IOC_NRSHIFT) & _IOC_NRMASK

// Masks for the drivers of sound.
export const IOC_IN = (_IOC_WRITE << _IOC_DIRSHIFT) >>> 0
export const IOC_OUT = (_IOC_READ << _IOC_DIRSHIFT) >>> 0
export const IOC_INOUT = ((_IOC_WRITE | _IOC_READ) << _IOC_DIRSHIFT) >>> 0
export const IOCSIZE_MASK = _IOC_SIZEMASK << _IOC_SIZESHIFT
export const IOCSIZE_SHIFT = _IOC_SIZESHIFT
