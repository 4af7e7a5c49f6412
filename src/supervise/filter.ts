// Which system calls of a program are handed to its supervisor: a classic BPF program.
//
// Only what files cannot carry. All else runs at its own speed, ioctls of terminals and sockets
// among it. Linux: Documentation/userspace-api/seccomp_filter.rst, include/uapi/linux/filter.h.

import { type CallNumbers, MOVE_MOUNT } from '../host/call_numbers.ts'
import { ENOSYS } from '../include/uapi/errno.ts'
import { EPOLL_CTL_ADD } from '../include/uapi/eventpoll.ts'
import { F_SETFL, F_SETOWN, F_SETOWN_EX, F_SETSIG } from '../include/uapi/fcntl.ts'
import {
  FIBMAP,
  FICLONE,
  FICLONERANGE,
  FIDEDUPERANGE,
  FIFREEZE,
  FIOASYNC,
  FIONREAD,
  FITHAW,
  FS_IOC_FIEMAP,
} from '../include/uapi/ioctls.ts'
import {
  MAP_ANONYMOUS,
  MAP_DENYWRITE,
  MAP_FIXED,
  MAP_SHARED,
} from '../include/uapi/mman.ts'
import { S_IFBLK, S_IFCHR, S_IFMT } from '../include/uapi/stat.ts'

type Instruction = readonly [code: number, jt: number, jf: number, k: number]
type Block = readonly Instruction[]

const LOAD = 0x20 // BPF_LD | BPF_W | BPF_ABS
const AND = 0x54 // BPF_ALU | BPF_AND | BPF_K
const JUMP_IF_EQUAL = 0x15
const JUMP_IF_AT_LEAST = 0x35
const JUMP_IF_ANY_BIT = 0x45
const RETURN = 0x06

const SECCOMP_RET_ALLOW = 0x7fff0000
const SECCOMP_RET_USER_NOTIF = 0x7fc00000
const SECCOMP_RET_ERRNO = 0x00050000

/** Where struct seccomp_data has what. Of an argument the low half counts. */
const NUMBER_AT = 0
const ARCH_AT = 4
const argAt = (index: number) => 16 + 8 * index

/** Bit of an ioctl number: it takes something. Of sockets and terminals hardly one has it. */
const IOC_WRITE = 1 << 30
/** Bits of an ioctl number: whose it is. */
const IOC_TYPE = 0xff00
/** The host's programs make them all the time. */
const OF_TERMINALS_AND_SOCKETS = [0x5400, 0x8900]
/** ioctls that end in the host's own file system layer, although on Linux a driver gets them. */
const SWALLOWED = [FIBMAP, FIONREAD, FIOASYNC]
/** ioctls that never reach a driver, on Linux either. */
const OF_FILE_SYSTEMS = [
  FICLONE,
  FICLONERANGE,
  FIDEDUPERANGE,
  FS_IOC_FIEMAP,
  FIFREEZE,
  FITHAW,
]
/** fcntls of signal-driven I/O. */
const ASYNC_FCNTLS = [F_SETFL, F_SETOWN, F_SETSIG, F_SETOWN_EX]

/** x86-64: where the numbers of the x32 ABI begin. */
const X32_CALLS = 0x40000000

/** What the calls of each architecture look like. */
interface Architecture {
  /** AUDIT_ARCH_*. */
  readonly audit: number
  /** Are there calls from X32_CALLS on? */
  readonly x32: boolean
  /** init_module, delete_module, syslog, finit_module of 32-bit programs. */
  readonly compat: readonly number[]
}

const X64: Architecture = {
  audit: 0xc000003e,
  x32: true,
  compat: [128, 129, 103, 350],
}
const ARM64: Architecture = {
  audit: 0xc00000b7,
  x32: false,
  compat: [128, 129, 103, 379],
}

const allow: Block = [[RETURN, 0, 0, SECCOMP_RET_ALLOW]]
const notify: Block = [[RETURN, 0, 0, SECCOMP_RET_USER_NOTIF]]
const refuse: Block = [[RETURN, 0, 0, SECCOMP_RET_ERRNO | ENOSYS]]

export interface FilterOptions {
  readonly numbers: CallNumbers
  /** Take the making of device nodes, too: in a user namespace the host refuses it. */
  readonly mknod: boolean
  readonly arch?: string
}

/** The program's bytes, as seccomp(2) takes them. */
export function seccompFilter(options: FilterOptions): Uint8Array {
  const { numbers, mknod, arch = process.arch } = options
  const architecture = arch === 'arm64' ? ARM64 : X64
  return assemble([
    load(ARCH_AT),
    ...unlessEqual(architecture.audit, foreign(architecture)),
    load(NUMBER_AT),
    ...(architecture.x32 ? ifAtLeast(X32_CALLS, refuse) : []),
    ...ifAny(
      [numbers.init_module, numbers.finit_module, numbers.delete_module, numbers.syslog],
      notify,
    ),
    ...ifAny([numbers.mount, MOVE_MOUNT], notify),
    ...ifEqual(numbers.ioctl, ioctls()),
    ...ifEqual(numbers.fcntl, [load(argAt(1)), ...ifAny(ASYNC_FCNTLS, notify), ...allow]),
    ...ifEqual(numbers.epoll_ctl, [
      load(argAt(1)),
      ...ifEqual(EPOLL_CTL_ADD, notify),
      ...allow,
    ]),
    ...ifEqual(numbers.mmap, mappings()),
    ...(mknod ? nodes(numbers) : []),
    ...allow,
  ])
}

/** Programs of 32 bits: what would reach the host's own modules and log is not there. */
function foreign({ compat }: Architecture): Block {
  return [load(NUMBER_AT), ...ifAny(compat, refuse), ...allow]
}

function ioctls(): Block {
  return [
    load(argAt(1)),
    ...ifAny(SWALLOWED, notify),
    ...ifAny(OF_FILE_SYSTEMS, allow),
    ...ifAnyBit(IOC_WRITE, notify),
    [AND, 0, 0, IOC_TYPE],
    ...ifAny(OF_TERMINALS_AND_SOCKETS, allow),
    ...notify,
  ]
}

/** Of files, and not those of every program's start. */
function mappings(): Block {
  return [
    load(argAt(3)),
    ...ifAnyBit(MAP_ANONYMOUS, allow),
    ...ifAnyBit(MAP_SHARED, notify),
    ...ifAnyBit(MAP_DENYWRITE | MAP_FIXED, allow),
    ...notify,
  ]
}

function nodes({ mknod, mknodat }: CallNumbers): Block {
  const ofDevices = (mode: number): Block => [
    load(argAt(mode)),
    [AND, 0, 0, S_IFMT],
    ...ifAny([S_IFCHR, S_IFBLK], notify),
    ...allow,
  ]
  const old = mknod === undefined ? [] : ifEqual(mknod, ofDevices(1))
  return [...old, ...ifEqual(mknodat, ofDevices(2))]
}

function load(at: number): Instruction {
  return [LOAD, 0, 0, at]
}

function ifEqual(value: number, block: Block): Block {
  return [[JUMP_IF_EQUAL, 0, block.length, value], ...block]
}

function unlessEqual(value: number, block: Block): Block {
  return [[JUMP_IF_EQUAL, block.length, 0, value], ...block]
}

function ifAny(values: readonly number[], block: Block): Block {
  return values.flatMap(value => ifEqual(value, block))
}

function ifAtLeast(value: number, block: Block): Block {
  return [[JUMP_IF_AT_LEAST, 0, block.length, value], ...block]
}

function ifAnyBit(mask: number, block: Block): Block {
  return [[JUMP_IF_ANY_BIT, 0, block.length, mask], ...block]
}

/** struct sock_filter: u16 code, u8 jt, u8 jf, u32 k. */
function assemble(program: Block): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8 * program.length))
  for (const [i, [code, jt, jf, k]] of program.entries()) {
    bytes.setUint16(8 * i, code, true)
    bytes.setUint8(8 * i + 2, jt)
    bytes.setUint8(8 * i + 3, jf)
    bytes.setUint32(8 * i + 4, k, true)
  }
  return new Uint8Array(bytes.buffer)
}
