// A pair of sockets, and descriptors that go through them (SCM_RIGHTS).

import { EBADMSG } from '../include/uapi/errno.ts'
import type { Koffi, Library } from './koffi.ts'

const AF_UNIX = 1
const SOCK_STREAM = 1
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const MSG_DONTWAIT = 0x40
const MSG_CMSG_CLOEXEC = 0x40000000

/** struct msghdr and its parts, on 64-bit machines. */
const MSGHDR_SIZE = 56
const CMSG_SPACE_OF_ONE = 24
const CMSG_LEN_OF_ONE = 20
const CMSG_DATA = 16

/** sendmsg(2) or recvmsg(2). */
type Message = (fd: number, header: Uint8Array, flags: number) => number

export class UnixSockets {
  readonly #koffi: Koffi
  readonly #socketpair: (
    domain: number,
    type: number,
    protocol: number,
    pair: Int32Array,
  ) => number
  readonly #recvmsg: Message

  readonly #sendmsg: Message

  constructor(koffi: Koffi, libc: Library) {
    this.#koffi = koffi
    this.#socketpair = libc.func('int socketpair(int, int, int, void *)')
    this.#recvmsg = libc.func('long recvmsg(int, void *, int)')
    this.#sendmsg = libc.func('long sendmsg(int, void *, int)')
  }

  /** Two connected sockets, close-on-exec; or -errno. */
  pair(): [number, number] | number {
    const pair = new Int32Array(2)
    const err = this.#socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)
    return err < 0 ? -this.#koffi.errno() : [pair[0] ?? -1, pair[1] ?? -1]
  }

  /** The descriptor that was sent to `fd`, close-on-exec; -EAGAIN if none has come yet. */
  receiveDescriptor(fd: number): number {
    const control = new Uint8Array(CMSG_SPACE_OF_ONE)
    const flags = MSG_DONTWAIT | MSG_CMSG_CLOEXEC
    const n = this.#transfer(this.#recvmsg, fd, control, flags)
    return n < 0 ? n : descriptorIn(new DataView(control.buffer))
  }

  /** Send `descriptor` through `fd`, with one byte: 0 or -errno. */
  sendDescriptor(fd: number, descriptor: number): number {
    const control = new Uint8Array(CMSG_SPACE_OF_ONE)
    const header = new DataView(control.buffer)
    header.setBigUint64(0, BigInt(CMSG_LEN_OF_ONE), true)
    header.setInt32(8, SOL_SOCKET, true)
    header.setInt32(12, SCM_RIGHTS, true)
    header.setInt32(CMSG_DATA, descriptor, true)
    return Math.min(0, this.#transfer(this.#sendmsg, fd, control, 0))
  }

  /** One byte, with `control` beside it. */
  #transfer(call: Message, fd: number, control: Uint8Array, flags: number): number {
    const byte = new Uint8Array(1)
    const iovec = BigUint64Array.of(this.#koffi.address(byte), 1n)

    const header = new DataView(new ArrayBuffer(MSGHDR_SIZE))
    header.setBigUint64(16, this.#koffi.address(iovec), true)
    header.setBigUint64(24, 1n, true)
    header.setBigUint64(32, this.#koffi.address(control), true)
    header.setBigUint64(40, BigInt(control.length), true)

    const n = call(fd, new Uint8Array(header.buffer), flags)
    return n < 0 ? -this.#koffi.errno() : n
  }
}

/** struct cmsghdr: length, level, type, then the descriptor. */
function descriptorIn(control: DataView): number {
  const level = control.getInt32(8, true)
  const type = control.getInt32(12, true)
  if (level !== SOL_SOCKET || type !== SCM_RIGHTS) return -EBADMSG

  return control.getInt32(CMSG_DATA, true)
}
