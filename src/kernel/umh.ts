// Starting programs from within the kernel. Linux: kernel/umh.c.
//
// Programs are processes of the host, so somebody else starts them: whoever booted the machine
// hands in a function for it. Without one there are no programs, and each start is -ENOENT.

import { EINVAL, ENOENT } from '../include/linux/errno.ts'
import type { errno_t, MaybePromise } from '../include/linux/types.ts'
import { UMH_KILLABLE, UMH_NO_WAIT, UMH_WAIT_PROC } from '../include/linux/umh.ts'
import { wait_queue_head } from '../include/linux/wait.ts'
import type { WaitQueues } from './wait.ts'

/** A program to start. `argv` begins with its name, `envp` is all the environment it gets. */
export interface Helper {
  readonly path: string
  readonly argv: readonly string[]
  /** "NAME=value". */
  readonly envp: readonly string[]
}

/** A program that was started. Neither promise is ever rejected. */
export interface StartedHelper {
  /** 0, or why it could not be executed, as a negative error number. */
  readonly executed: Promise<errno_t>
  /** wait(2)'s status when it has ended: exit status << 8, or the signal. */
  readonly ended: Promise<number>
}

export type StartHelper = (helper: Helper) => StartedHelper

interface Needs {
  wait: WaitQueues
  /** Starts a process of the host. */
  start: StartHelper | undefined
}

export class UsermodeHelpers {
  static readonly EXPORT_SYMBOL = ['call_usermodehelper'] as const

  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** An empty path is a program that does nothing and succeeds. */
  call_usermodehelper(
    path: string,
    argv: readonly (string | null)[],
    envp: readonly (string | null)[],
    wait: number,
  ): MaybePromise<number> {
    const { start } = this.#needs
    if (typeof path !== 'string') return -EINVAL
    if (path === '') return 0
    if (!start) return -ENOENT

    const started = start({ path, argv: upToNull(argv), envp: upToNull(envp) })
    return (wait & ~UMH_KILLABLE) === UMH_NO_WAIT ? 0 : this.#wait(started, wait)
  }

  async #wait({ executed, ended }: StartedHelper, wait: number): Promise<number> {
    const { wait: queues } = this.#needs
    const wq = new wait_queue_head()
    let answer: number | undefined
    const arrived = (value: number) => {
      answer = value
      queues.wake_up_all(wq)
    }
    void executed.then(err => {
      if (err || !(wait & UMH_WAIT_PROC)) arrived(err)
      else void ended.then(arrived)
    })
    const there = () => answer !== undefined
    if (wait & UMH_KILLABLE) {
      const err = await queues.wait_event_killable(wq, there)
      if (err) return err
    } else await queues.wait_event(wq, there)
    return answer ?? 0
  }
}

/** As C's arrays of strings end. */
function upToNull(words: readonly (string | null)[]): string[] {
  const all: string[] = []
  for (const word of words) {
    if (word === null) break
    all.push(word)
  }
  return all
}
