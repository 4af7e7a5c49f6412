// The open files that programs may map, and how they show in the maps of processes.

import type { OpenFile } from '../fs/file.ts'
import type { MappedFile } from './mapped_file.ts'
import { type Mapping, mappings, mappingsInBackground } from './memory_map.ts'

export class MappedFiles {
  readonly #device: string | undefined
  /** By the numbers that maps show. */
  readonly #files = new Map<number, MappedFile>()

  /** `device` is what maps show of the file system: "00:2d"; undefined if nothing can be mapped. */
  constructor(device: string | undefined) {
    this.#device = device
  }

  get size(): number {
    return this.#files.size
  }

  add(mapped: MappedFile): void {
    this.#files.set(mapped.ino, mapped)
  }

  /** False if another open file has the same number by now. */
  delete(mapped: MappedFile): boolean {
    return this.#files.get(mapped.ino) === mapped && this.#files.delete(mapped.ino)
  }

  /** The one that is open as `file`. */
  of(file: OpenFile): MappedFile | undefined {
    return [...this.#files.values()].find(mapped => mapped.file === file)
  }

  /** What is mapped there, if it is one of these. */
  at({ device, ino }: Mapping): MappedFile | undefined {
    return device === this.#device ? this.#files.get(ino) : undefined
  }

  /** Where process `pid`, which is in a call of ours, has mapped any of them. */
  allOf(pid: number): Mapping[] {
    return mappings(pid).filter(one => this.at(one))
  }

  /** Where process `pid` has mapped this one. */
  async mappingsOf(mapped: MappedFile, pid: number): Promise<Mapping[]> {
    const all = await mappingsInBackground(pid)
    return all.filter(one => this.at(one) === mapped)
  }
}
