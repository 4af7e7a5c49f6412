// The files and directories that programs of the host have open, by the numbers the host calls them.

import type { OpenFile } from '../fs/file.ts'
import type { Inode } from '../fs/inode.ts'
import type { PollQueues } from '../fs/select.ts'
import type { Identity } from '../kernel/sched.ts'
import type { MappedFile } from './mapped_file.ts'
import type { View } from './nodes.ts'

/** Names and files of a directory, as they were at opendir(3). */
export interface Listing {
  readonly entries: readonly [string, Inode][]
  readonly view: View
}

/** An open file or directory of the host. */
export interface Handle {
  readonly file: OpenFile
  /** Where the host believes the position is; the driver may have moved `file.f_pos` since. */
  hostPos: number
  /** Where those who poll it are in line, until the driver calls. */
  line: PollQueues | undefined
  /** There if programs may map the file. */
  readonly mapped: MappedFile | undefined
  /** Who closed it last: RELEASE does not say whose doing it is. */
  closer: Identity | undefined
  readonly listing: Listing | undefined
}

export class Handles {
  readonly #handles = new Map<number, Handle>()
  #next = 1

  get size(): number {
    return this.#handles.size
  }

  get(fh: number): Handle | undefined {
    return this.#handles.get(fh)
  }

  /** A number for `file`, which is never used again. */
  add(file: OpenFile, { listing, mapped }: Partial<Handle> = {}): number {
    const fh = this.#next++
    this.#handles.set(fh, {
      file,
      hostPos: 0,
      line: undefined,
      closer: undefined,
      mapped,
      listing,
    })
    return fh
  }

  delete(fh: number): void {
    this.#handles.delete(fh)
  }

  /** All that are open now. */
  entries(): [number, Handle][] {
    return [...this.#handles]
  }
}
