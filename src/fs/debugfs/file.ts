// Files in debugfs that are one variable of a driver. Linux: fs/debugfs/file.c.

import { EFAULT } from '../../include/linux/errno.ts'
import type { file_operations } from '../../include/linux/fs.ts'
import { S_IRUGO, S_IWUGO } from '../../include/linux/stat.ts'
import type { ref, umode_t } from '../../include/linux/types.ts'
import { encodeText } from '../../lib/kmsg.ts'
import { kstrtobool_from_user } from '../../lib/kstrtox.ts'
import { default_llseek, no_llseek, simple_read_from_buffer } from '../libfs.ts'
import type { SimpleAttributes } from '../simple_attr.ts'
import type { DebugFs, Parent } from './inode.ts'

/** A variable; the wide ones may be bigints. */
type NumberRef = ref<number>
type WideRef = ref<number> | ref<bigint> | ref<number | bigint>

/** How a variable is shown and what becomes of what is written. */
interface Variable {
  get: () => number | bigint
  set: (val: bigint) => void
  fmt: string
  signed?: boolean
}

export class DebugFsFiles {
  static readonly EXPORT_SYMBOL_GPL = [
    'debugfs_create_u8',
    'debugfs_create_u16',
    'debugfs_create_u32',
    'debugfs_create_u64',
    'debugfs_create_ulong',
    'debugfs_create_x8',
    'debugfs_create_x16',
    'debugfs_create_x32',
    'debugfs_create_x64',
    'debugfs_create_size_t',
    'debugfs_create_atomic_t',
    'debugfs_create_bool',
  ] as const

  readonly #debugfs: DebugFs
  readonly #attributes: SimpleAttributes

  constructor(debugfs: DebugFs, attributes: SimpleAttributes) {
    this.#debugfs = debugfs
    this.#attributes = attributes
  }

  debugfs_create_u8(name: string, mode: umode_t, parent: Parent, value: NumberRef): void {
    this.#create(name, mode, parent, narrow(value, 8, '%llu\n'))
  }

  debugfs_create_u16(
    name: string,
    mode: umode_t,
    parent: Parent,
    value: NumberRef,
  ): void {
    this.#create(name, mode, parent, narrow(value, 16, '%llu\n'))
  }

  debugfs_create_u32(
    name: string,
    mode: umode_t,
    parent: Parent,
    value: NumberRef,
  ): void {
    this.#create(name, mode, parent, narrow(value, 32, '%llu\n'))
  }

  debugfs_create_u64(name: string, mode: umode_t, parent: Parent, value: WideRef): void {
    this.#create(name, mode, parent, wide(value, '%llu\n'))
  }

  debugfs_create_ulong(
    name: string,
    mode: umode_t,
    parent: Parent,
    value: WideRef,
  ): void {
    this.#create(name, mode, parent, wide(value, '%llu\n'))
  }

  debugfs_create_size_t(
    name: string,
    mode: umode_t,
    parent: Parent,
    value: WideRef,
  ): void {
    this.#create(name, mode, parent, wide(value, '%llu\n'))
  }

  debugfs_create_x8(name: string, mode: umode_t, parent: Parent, value: NumberRef): void {
    this.#create(name, mode, parent, narrow(value, 8, '0x%02llx\n'))
  }

  debugfs_create_x16(
    name: string,
    mode: umode_t,
    parent: Parent,
    value: NumberRef,
  ): void {
    this.#create(name, mode, parent, narrow(value, 16, '0x%04llx\n'))
  }

  debugfs_create_x32(
    name: string,
    mode: umode_t,
    parent: Parent,
    value: NumberRef,
  ): void {
    this.#create(name, mode, parent, narrow(value, 32, '0x%08llx\n'))
  }

  debugfs_create_x64(name: string, mode: umode_t, parent: Parent, value: WideRef): void {
    this.#create(name, mode, parent, wide(value, '0x%016llx\n'))
  }

  /** `value`: an atomic_t. */
  debugfs_create_atomic_t(
    name: string,
    mode: umode_t,
    parent: Parent,
    value: { counter: number },
  ): void {
    this.#create(name, mode, parent, {
      get: () => value.counter,
      set: val => (value.counter = Number(BigInt.asIntN(32, val))),
      fmt: '%lld\n',
      signed: true,
    })
  }

  debugfs_create_bool(
    name: string,
    mode: umode_t,
    parent: Parent,
    value: ref<boolean>,
  ): void {
    const fops: file_operations = {
      read: (_filp, buf, count, pos) => {
        const text = encodeText(value.value ? 'Y\n' : 'N\n')
        return simple_read_from_buffer(buf, count, pos, text, text.length)
      },
      write: (_filp, buf, count) =>
        kstrtobool_from_user(buf, count, value) === -EFAULT ? -EFAULT : count,
      llseek: default_llseek,
    }
    this.#debugfs.debugfs_create_file(
      name,
      mode,
      parent,
      value,
      withoutUnused(fops, mode),
    )
  }

  #create(name: string, mode: umode_t, parent: Parent, variable: Variable): void {
    const { get, set, fmt, signed = false } = variable
    const attributes = this.#attributes
    const getter = (_data: unknown, val: ref<number | bigint>) => {
      val.value = get()
      return 0
    }
    const setter = (_data: unknown, val: bigint) => {
      set(val)
      return 0
    }
    const readable = mode & S_IRUGO || !(mode & S_IWUGO) ? getter : null
    const writable = mode & S_IWUGO ? setter : null
    this.#debugfs.debugfs_create_file(name, mode, parent, variable, {
      open: (inode, filp) =>
        attributes.simple_attr_open(inode, filp, readable, writable, fmt),
      read: (filp, buf, count, pos) => attributes.simple_attr_read(filp, buf, count, pos),
      write: (filp, buf, count, pos) =>
        signed
          ? attributes.simple_attr_write_signed(filp, buf, count, pos)
          : attributes.simple_attr_write(filp, buf, count, pos),
      llseek: no_llseek,
    })
  }
}

/** A mode without write bits leaves out write(), one without read bits read(). */
function withoutUnused(fops: file_operations, mode: umode_t): file_operations {
  const used = { ...fops }
  if (!(mode & S_IWUGO)) delete used.write
  else if (!(mode & S_IRUGO)) delete used.read
  return used
}

function narrow(variable: NumberRef, bits: number, fmt: string): Variable {
  return {
    get: () => BigInt.asUintN(bits, BigInt(variable.value)),
    set: val => (variable.value = Number(BigInt.asUintN(bits, val))),
    fmt,
  }
}

/** A number stays one if the variable holds one and the value is exact as one. */
function wide(variable: WideRef, fmt: string): Variable {
  const target = variable as ref<number | bigint>
  return {
    get: () => BigInt.asUintN(64, BigInt(target.value)),
    set(val) {
      const plain = typeof target.value === 'number' && Number.isSafeInteger(Number(val))
      target.value = plain ? Number(val) : val
    },
    fmt,
  }
}
