// The integer types of C on x86-64, by the names that C and the kernel have for them: their sizes and
// signs, as the ABI fixes them for programs and drivers alike.

/** Bytes of each type; below zero: it is signed. `pointer` stands for any, which may also be `char *`. */
const INTEGERS = {
  char: -1,
  'signed char': -1,
  'unsigned char': 1,
  short: -2,
  'unsigned short': 2,
  int: -4,
  unsigned: 4,
  'unsigned int': 4,
  long: -8,
  'unsigned long': 8,
  'long long': -8,
  'unsigned long long': 8,
  bool: 1,
  _Bool: 1,
  enum: 4,
  s8: -1,
  s16: -2,
  s32: -4,
  s64: -8,
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  __s8: -1,
  __s16: -2,
  __s32: -4,
  __s64: -8,
  __u8: 1,
  __u16: 2,
  __u32: 4,
  __u64: 8,
  __le16: 2,
  __le32: 4,
  __le64: 8,
  __be16: 2,
  __be32: 4,
  __be64: 8,
  int8_t: -1,
  int16_t: -2,
  int32_t: -4,
  int64_t: -8,
  uint8_t: 1,
  uint16_t: 2,
  uint32_t: 4,
  uint64_t: 8,
  uchar: 1,
  ushort: 2,
  uint: 4,
  ulong: 8,
  size_t: 8,
  ssize_t: -8,
  loff_t: -8,
  off_t: -8,
  intptr_t: -8,
  uintptr_t: 8,
  dev_t: 4,
  mode_t: 4,
  pid_t: -4,
  uid_t: 4,
  gid_t: 4,
  time64_t: -8,
  pointer: 8,
} as const

type integer = keyof typeof INTEGERS

/** A type of C that holds one value: `'unsigned int'`, `'u64'`, `'enum colour'`, `'char *'`. */
export type c_type = integer | `enum ${string}` | `${string}*`

/** Such a type, or arrays of it: `'char[16]'`, `'int[2][3]'`. */
export type c_object_type = c_type | `${c_type}[${string}`

/** The type without its array dimensions, and those: 'int[2][3]' is 'int' and [2, 3]; `[]` is 0. */
export function c_dimensions(type: string): [base: string, dimensions: number[]] {
  const [base = '', ...rest] = type.split('[')
  return [base.trim(), rest.map(text => Number.parseInt(text, 10) || 0)]
}

/** Bytes of a type without dimensions, below zero if it is signed. Throws a TypeError on others. */
function signedSize(type: string): number {
  if (type.endsWith('*')) return INTEGERS.pointer
  if (type.startsWith('enum ')) return INTEGERS.enum
  const size: number | undefined = INTEGERS[type as integer]
  if (size === undefined) throw new TypeError(`Unknown C type "${type}"`)
  return size
}

export function c_is_signed(type: string): boolean {
  return signedSize(type) < 0
}

/** `sizeof (type)` in bytes. Throws a TypeError if C has no such type. */
export function c_sizeof(type: string): number {
  const [base, dimensions] = c_dimensions(type)
  return dimensions.reduce((size, n) => size * n, Math.abs(signedSize(base)))
}
