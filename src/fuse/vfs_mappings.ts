// Memory of drivers that programs of the host have mapped.
//
// The host keeps copies of the pages: it reads one when a program touches it, and hands it back when it
// was written to. Neither is read(2) or write(2). The driver's mmap() and fault() are called when a page
// is touched for the first time, and around each call into a driver the copies are made equal to its
// memory (mapped_pages.ts).

import { EBADF, EINVAL, EIO } from '../include/uapi/errno.ts'
import { VM_SHARED } from '../include/linux/mm.ts'
import type { MaybePromise } from '../include/linux/types.ts'
import type { OpenFile } from '../fs/file.ts'
import { no_mmap } from '../fs/libfs.ts'
import type { Task } from '../kernel/sched.ts'
import type { user_memory, UserWindow } from '../lib/usercopy.ts'
import { checkMmap, TASK_SIZE, type MmapArguments } from '../mm/mmap_check.ts'
import type { Caller } from './filesystem.ts'
import type { Handle } from './handles.ts'
import type { Needs } from './kernel_entry.ts'
import { MappedAreas } from './mapped_areas.ts'
import { MappedFile } from './mapped_file.ts'
import { GuardedMemory } from './mapped_memory.ts'
import { MappedFiles } from './mapped_files.ts'
import { MappedPages } from './mapped_pages.ts'
import { type Move, VfsPositions } from './vfs_positions.ts'

const PAGE = 4096
/** Longer than a program needs to go on after an answer, in milliseconds. */
const LSEEK_TAKES = 200

export class VfsMappings extends VfsPositions {
  readonly #pages: MappedPages
  readonly #files: MappedFiles
  readonly #areas: MappedAreas

  constructor(needs: Needs) {
    super(needs)
    this.#pages = new MappedPages(needs.pageCache)
    this.#files = new MappedFiles(needs.device)
    this.#areas = new MappedAreas(this.#files, this.sched)
  }

  /** A program touches pages that the host does not have yet. */
  fault(
    fh: number,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.handles.get(fh)
    if (!handle) return -EBADF
    if (handle.file.f_inode.cached) return this.read(fh, offset, window, flags, caller)
    if (offset % PAGE !== 0) return -EINVAL
    // sendfile(2) and its like come by the page cache, too: no driver here has a splice_read.
    if (this.needs.systemCalls.splices(caller.pid)) return -EINVAL
    return handle.mapped ? this.#fault(handle.mapped, offset, window, caller) : -EIO
  }

  /** The host hands back pages that programs have written to. */
  writeBack(
    fh: number,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
  ): MaybePromise<number> {
    const handle = this.handles.get(fh)
    if (!handle) return -EBADF
    if (handle.file.f_inode.cached) return this.write(fh, offset, window, flags, caller)
    if (offset % PAGE !== 0) return -EINVAL
    if (!handle.mapped) return -EIO
    const page = new Uint8Array(PAGE)
    for (let done = 0; done < window.length; done += PAGE) {
      const n = window.take(done, page, PAGE)
      this.#written(handle.mapped, (offset + done) / PAGE, page.fill(0, n))
    }
    return window.length
  }

  /** What the host answers when it was asked for pages. */
  retrieved(unique: number, bytes: Uint8Array): void {
    const goOn = this.needs.pageCache.retrieved(unique, bytes)
    // As a step of the scheduler, which runs all that this sets in motion.
    if (goOn) void this.sched.spawn(this.sched.idle, goOn)
  }

  protected override transfer(
    handle: Handle,
    offset: number,
    window: UserWindow,
    flags: number,
    caller: Caller,
    move: Move,
  ): MaybePromise<number> {
    if (!this.#pages.active)
      return super.transfer(handle, offset, window, flags, caller, move)
    return this.shared(caller, () =>
      super.transfer(handle, offset, window, flags, caller, move),
    )
  }

  destroy(): void {
    this.needs.pageCache.destroy()
  }

  /**
   * Pages behind the end are lost to programs that have mapped them, so it is not before those. For a
   * while this is the file's size: only when lseek(2) has surely looked at it may it change.
   */
  protected override sizeOf(handle: Handle, end: number): number {
    const { mapped } = handle
    if (!mapped) return end
    setTimeout(() => this.#makeMappable(mapped), LSEEK_TAKES).unref()
    return Math.max(end, mapped.extent)
  }

  /** Are there programs that see what a call on this file changes elsewhere than in its answer? */
  protected isShared(handle: Handle): boolean {
    return this.#pages.active || handle.mapped !== undefined
  }

  /** Call a driver that sees what programs have written, and whose changes they see when it has answered. */
  protected async shared<T>(
    caller: Caller,
    call: () => MaybePromise<T>,
    mapped?: MappedFile,
  ): Promise<T | number> {
    const { unique, pid } = caller
    const task = this.task(caller)
    this.sleeping.set(unique, task)
    try {
      return await this.#exchanging(task, pid, call, mapped)
    } finally {
      this.sleeping.delete(unique)
    }
  }

  /** The same for a call on `file` that a supervisor makes, as `task`, for thread `pid`. */
  sharedWith(
    file: OpenFile,
    task: Task,
    pid: number,
    call: () => MaybePromise<number>,
  ): MaybePromise<number> {
    const mapped = this.#files.of(file)
    const isShared = this.#pages.active || mapped !== undefined
    return isShared ? this.#exchanging(task, pid, call, mapped) : call()
  }

  async #exchanging<T>(
    task: Task,
    pid: number,
    call: () => MaybePromise<T>,
    mapped: MappedFile | undefined,
  ): Promise<T | number> {
    if (mapped) await this.#areas.look(mapped, pid, task)
    await this.#pages.pull()
    const answer = await this.sched.spawn(task, call)
    await this.#pages.push()
    return answer
  }

  /** `file` was opened under `nodeid`: may programs map it? */
  protected openedMappable(nodeid: number, file: OpenFile): MappedFile | undefined {
    const node = this.nodes.get(nodeid)
    const { f_op, f_inode } = file
    if (
      !node ||
      this.needs.device === undefined ||
      !f_op.mmap ||
      f_op.mmap === no_mmap ||
      f_inode.cached
    )
      return undefined
    node.mappable = true
    const ino = this.nodes.hostIno(node)
    const mapped = new MappedFile(
      { nodeid, ino },
      file,
      this.needs.machine.newAddressSpace,
    )
    this.#files.add(mapped)
    this.#makeMappable(mapped)
    return mapped
  }

  /** Nothing of it is mapped any more: the host says so by releasing it. */
  protected closedMappable(mapped: MappedFile): void {
    mapped.close()
    if (this.#files.delete(mapped)) this.#pages.dropAll(mapped.nodeid)
  }

  /**
   * Thread `pid`, as `task`, is about to map `file`: what Linux says before it looks for a place, then what
   * the driver says. 0 leaves the rest to the host, and its maps show where it has been put.
   */
  announceMmap(
    file: OpenFile,
    task: Task,
    pid: number,
    args: MmapArguments,
  ): MaybePromise<number> {
    if (file.f_inode.cached || args.length > TASK_SIZE) return 0
    const err = checkMmap(file, args)
    if (err) return err
    const mapped = this.#files.of(file)
    return mapped ? this.#areas.announce(mapped, pid, task, args) : no_mmap()
  }

  /** Of what a program has mapped from here it is the driver's own memory. */
  override memoryOf(pid: number): user_memory {
    const rest = super.memoryOf(pid)
    if (this.#files.size === 0) return rest
    const { tgid } = this.task({ pid, uid: 0, gid: 0, unique: 0 })
    return new GuardedMemory(
      rest,
      () => this.#files.allOf(pid),
      one => this.#files.at(one)?.space(tgid),
    )
  }

  #makeMappable({ nodeid }: MappedFile): void {
    if (this.nodes.get(nodeid)) this.needs.pageCache.makeMappable(nodeid)
  }

  async #fault(
    mapped: MappedFile,
    offset: number,
    window: UserWindow,
    caller: Caller,
  ): Promise<number> {
    for (let done = 0; done < window.length; done += PAGE) {
      const index = (offset + done) / PAGE
      const bytes = await this.#page(mapped, index, window, caller)
      if (!bytes) return -EIO
      window.put(done, bytes, Math.min(PAGE, window.length - done))
    }
    return window.length
  }

  /** What page `index` of the file holds, for the answer in `window`; undefined if there is no such page. */
  async #page(
    mapped: MappedFile,
    index: number,
    window: UserWindow,
    caller: Caller,
  ): Promise<Uint8Array | undefined> {
    this.#pages.drop(mapped.nodeid, index)
    const task = this.task(caller)
    this.sleeping.set(caller.unique, task)
    try {
      // Others may have written there, too.
      await this.#pages.pull()
      const place = await this.#areas.place(mapped, index, caller.pid, task)
      if (!place) return undefined
      const { mm, vma, address } = place
      const found = await this.sched.spawn(task, () => mm.touch(address, false))
      if (typeof found === 'number') return undefined
      const writable = (vma.vm_flags & VM_SHARED) !== 0
      return this.#pages.add(mapped.nodeid, index, found.page, writable, window)
    } finally {
      this.sleeping.delete(caller.unique)
    }
  }

  #written(mapped: MappedFile, index: number, bytes: Uint8Array): void {
    if (this.#pages.written(mapped.nodeid, index, bytes)) return
    const place = mapped.findAny(index)
    const page = place?.vma.entryAt(place.address)?.page
    page?.bytes.set(bytes.subarray(0, page.bytes.length))
  }
}
