// What programs have mapped of a driver's file, as the driver gets to know it.
//
// The host tells of neither mmap(2) nor munmap(2): what is mapped shows in /proc, and that is looked at when it
// matters.

import type { Scheduler, Task } from '../kernel/sched.ts'
import { MAP_FIXED } from '../include/uapi/mman.ts'
import type { MmapArguments } from '../mm/mmap_check.ts'
import type { MappedFile, Place } from './mapped_file.ts'
import type { MappedFiles } from './mapped_files.ts'
import { likelyPlace, mappingsInBackground } from './memory_map.ts'

/** In all methods thread `pid` of the host is the one that runs, as `task`. */
export class MappedAreas {
  readonly #files: MappedFiles
  readonly #sched: Scheduler

  constructor(files: MappedFiles, sched: Scheduler) {
    this.#files = files
    this.#sched = sched
  }

  /** Where page `index` is mapped. The driver's mmap() is called if it has not been yet. */
  async place(
    mapped: MappedFile,
    index: number,
    pid: number,
    task: Task,
  ): Promise<Place | undefined> {
    const { tgid } = task
    const known = mapped.find(tgid, index)
    if (known) return known
    const ours = await this.#files.mappingsOf(mapped, pid)
    const err = await this.#sched.spawn(task, () => mapped.update(tgid, ours, pid))
    if (err) return undefined
    return (
      mapped.find(tgid, index) ??
      mapped.findAny(index) ??
      (await this.#sched.spawn(task, () => mapped.single(index)))
    )
  }

  /** Whatever has changed in what processes have mapped of this file, its driver gets to know. */
  async look(mapped: MappedFile, pid: number, task: Task): Promise<void> {
    const { tgid } = task
    for (const other of mapped.processes) {
      if (other === tgid || other === 0) continue
      const theirs = await this.#files.mappingsOf(mapped, other)
      await this.#sched.spawn(task, () => mapped.update(other, theirs))
      if (theirs.length === 0 && !mapped.isAnnounced(other)) mapped.exit(other)
    }
    const ours = await this.#files.mappingsOf(mapped, pid)
    await this.#sched.spawn(task, () => mapped.update(tgid, ours, pid))
  }

  /** It is about to map more of it: what the driver says to that. */
  async announce(
    mapped: MappedFile,
    pid: number,
    task: Task,
    args: MmapArguments,
  ): Promise<number> {
    const { tgid } = task
    const all = await mappingsInBackground(pid)
    const ours = all.filter(one => this.#files.at(one) === mapped)
    const place =
      args.flags & MAP_FIXED ? (args.addr ?? 0) : likelyPlace(all, args.length)
    return this.#sched.spawn(task, async () => {
      const err = await mapped.update(tgid, ours, pid)
      return err || mapped.announce(tgid, pid, place, args)
    })
  }
}
