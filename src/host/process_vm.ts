// process_vm_readv(2) and process_vm_writev(2): the memory of another process, in one call.

import { EFAULT } from '../include/uapi/errno.ts'
import type { Koffi, Library } from './koffi.ts'

type Transfer = (
  pid: number,
  local: Uint8Array | BigUint64Array,
  localCount: number,
  remote: BigUint64Array,
  remoteCount: number,
  flags: number,
) => number

const PAGE = 4096
/** The host's limit on pieces a call. */
const IOV_MAX = 1024
const PER_CALL = (IOV_MAX - 1) * PAGE

export class ProcessVm {
  readonly #koffi: Koffi
  readonly #readv: Transfer
  readonly #writev: Transfer
  /** struct iovec: address, length. */
  readonly #local = new BigUint64Array(2)
  readonly #remote = new BigUint64Array(2)

  constructor(koffi: Koffi, libc: Library) {
    this.#koffi = koffi
    const parameters =
      '(int, void *, unsigned long, void *, unsigned long, unsigned long)'
    this.#readv = libc.func(`long process_vm_readv${parameters}`)
    this.#writev = libc.func(`long process_vm_writev${parameters}`)
  }

  /** Fill `to` from `address` of `pid`; bytes moved, or -errno if there were none. */
  read(pid: number, address: bigint, to: Uint8Array): number {
    return this.#transfer(this.#readv, pid, address, to)
  }

  /** Store `from` at `address` of `pid`; bytes moved, or -errno if there were none. */
  write(pid: number, address: bigint, from: Uint8Array): number {
    return this.#transfer(this.#writev, pid, address, from)
  }

  #transfer(call: Transfer, pid: number, address: bigint, bytes: Uint8Array): number {
    if (bytes.length === 0) return 0
    const here = this.#koffi.address(bytes)
    const n = this.#once(call, pid, address, here, bytes.length)
    if (n === bytes.length || (n < 0 && n !== -EFAULT)) return n

    return this.#byPages(call, pid, address, here, bytes.length)
  }

  /** The common case: all of it is there. */
  #once(call: Transfer, pid: number, there: bigint, here: bigint, n: number): number {
    this.#local[0] = here
    this.#local[1] = BigInt(n)
    this.#remote[0] = there
    this.#remote[1] = BigInt(n)
    const moved = call(pid, this.#local, 1, this.#remote, 1, 0)
    return moved < 0 ? -this.#koffi.errno() : moved
  }

  /** A call moves each piece whole or not at all, so pieces end where pages do. */
  #byPages(call: Transfer, pid: number, there: bigint, here: bigint, n: number): number {
    for (let done = 0; done < n;) {
      const want = Math.min(n - done, PER_CALL)
      const pieces = pagesOf(there + BigInt(done), want)
      this.#local[0] = here + BigInt(done)
      this.#local[1] = BigInt(want)
      const moved = call(pid, this.#local, 1, pieces, pieces.length / 2, 0)
      if (moved < 0) return done > 0 ? done : -this.#koffi.errno()

      done += moved
      if (moved < want) return done
    }
    return n
  }
}

/** [address, address + n) as struct iovecs that do not cross pages. */
function pagesOf(address: bigint, n: number): BigUint64Array {
  const pieces: bigint[] = []
  for (let done = 0; done < n;) {
    const at = address + BigInt(done)
    const piece = Math.min(n - done, PAGE - Number(at % BigInt(PAGE)))
    pieces.push(at, BigInt(piece))
    done += piece
  }
  return BigUint64Array.from(pieces)
}
