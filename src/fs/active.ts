// Calls that are being served by files which may be taken away meanwhile. Linux: kernfs_get_active()
// in fs/kernfs/dir.c, debugfs_file_get() in fs/debugfs/file.c.
//
// Removing a file never waits here: it is gone at once, and whoever is inside ends in his own time. A
// module that goes waits for them, in drain().

import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import { wait_queue_head } from '../include/linux/wait.ts'
import type { WaitQueues } from '../kernel/wait.ts'
import type { Inode } from './inode.ts'

export class ActiveCalls {
  readonly #wait: WaitQueues
  readonly #root: () => Inode
  /** How many calls are inside of each file. */
  readonly #calls = new Map<Inode, number>()
  readonly #ended = new wait_queue_head()

  /** `root`: of the tree that a file is in as long as it is there. */
  constructor(wait: WaitQueues, root: () => Inode) {
    this.#wait = wait
    this.#root = root
  }

  /** Has neither the file nor a directory above it been removed? */
  isThere(inode: Inode): boolean {
    const root = this.#root()
    let at: Inode | undefined = inode
    while (at && at !== root) at = at.parent
    return at === root
  }

  /** What `call` answers, or `gone` if the file has been removed. */
  enter<T extends number>(
    inode: Inode,
    gone: errno_t,
    call: () => MaybePromise<T>,
  ): MaybePromise<T | errno_t> {
    if (!this.isThere(inode)) return gone
    this.#calls.set(inode, (this.#calls.get(inode) ?? 0) + 1)
    let sleeps = false
    try {
      const answer = call()
      sleeps = typeof answer === 'object'
      return sleeps ? this.#leaveAfter(inode, answer) : answer
    } finally {
      if (!sleeps) this.#leave(inode)
    }
  }

  /** Until nobody is inside of a file that has been removed. */
  drain(): MaybePromise<errno_t> {
    return this.#wait.wait_event(this.#ended, () => !this.#someoneIsInside())
  }

  #someoneIsInside(): boolean {
    return [...this.#calls.keys()].some(inode => !this.isThere(inode))
  }

  async #leaveAfter<T>(inode: Inode, answer: MaybePromise<T>): Promise<T> {
    try {
      return await answer
    } finally {
      this.#leave(inode)
    }
  }

  #leave(inode: Inode): void {
    const left = (this.#calls.get(inode) ?? 0) - 1
    if (left > 0) this.#calls.set(inode, left)
    else this.#calls.delete(inode)
    if (!this.isThere(inode)) this.#wait.wake_up_all(this.#ended)
  }
}
