// The system calls on memory, of a program in the same process as the machine, and what its own
// instructions do there.

import { EFAULT } from '../include/linux/errno.ts'
import { VM_FAULT_SIGBUS } from '../include/linux/mm_types.ts'
import { SIGBUS, SIGSEGV } from '../include/uapi/signal.ts'
import type { Kernel } from '../boot.ts'
import { FileTable } from '../fs/file_table.ts'
import { access_vm } from '../mm/access.ts'
import type { AddressSpace } from '../mm/address_space.ts'
import type { MmapArguments } from '../mm/mmap_check.ts'
import { mprotect, mremap } from '../mm/remap_area.ts'
import { UserPolling } from './polling.ts'
import { UserMemory } from './memory.ts'

export abstract class UserMappings extends UserPolling {
  readonly memory: UserMemory
  /** What it has mapped. */
  readonly mm: AddressSpace
  /** Signals that the kernel has sent it. */
  readonly signals: number[] = []

  /** A child has the same descriptors as its parent, and a copy of the memory. */
  constructor(kernel: Kernel, parent?: UserMappings) {
    super(kernel, parent ? parent.fds.fork() : new FileTable(kernel.files))
    this.mm = parent ? parent.mm.fork() : kernel.newAddressSpace()
    this.memory = parent ? parent.memory.copyTo(this.mm) : new UserMemory(this.mm)
  }

  /** mmap(2): the address, or an error. */
  mmap(fd: number, args: MmapArguments): Promise<number> {
    return this.withFile(fd, file => this.mm.mmap(file, args))
  }

  /** munmap(2). */
  munmap(address: number, length: number): Promise<number> {
    return this.syscall(() => this.mm.munmap(address, length))
  }

  /** mprotect(2). */
  mprotect(address: number, length: number, prot: number): Promise<number> {
    return this.syscall(() => mprotect(this.mm, address, length, prot))
  }

  /** mremap(2): the address, or an error. */
  mremap(address: number, from: number, to: number, flags = 0): Promise<number> {
    return this.syscall(() => mremap(this.mm, address, from, to, flags))
  }

  /** Read mapped memory, as its own instructions do; a fault is a signal and -EFAULT. */
  async load(address: number, count: number): Promise<Uint8Array | number> {
    const bytes = new Uint8Array(count)
    return (await this.#access(address, bytes, false)) || bytes
  }

  /** Write mapped memory, as its own instructions do: 0, or a signal and -EFAULT. */
  store(address: number, data: string | Uint8Array): Promise<number> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    return this.#access(address, bytes, true)
  }

  #access(address: number, bytes: Uint8Array, write: boolean): Promise<number> {
    return this.syscall(async () => {
      const { fault } = await access_vm(this.mm, address, bytes, write)
      if (!fault) return 0
      this.signals.push(fault & VM_FAULT_SIGBUS ? SIGBUS : SIGSEGV)
      return -EFAULT
    })
  }
}
