// Supervisors that are connected, and the calls that sleep for each of them.

import type { file, inode } from '../include/linux/fs.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { wait_queue_head } from '../include/linux/wait.ts'
import { EAGAIN, EFAULT, EINVAL } from '../include/uapi/errno.ts'
import type { Task } from '../kernel/sched.ts'
import { copy_to_user } from '../lib/usercopy.ts'
import { ANSWER_SIZE, encodeAnswer } from './forward.ts'
import type { GivenFiles } from './given_files.ts'

/** May a supervisor act for thread `pid`? */
export type Rights = (pid: number) => boolean

interface Needs {
  readonly wake: (queue: wait_queue_head) => void
  /** Told of each task whose supervisor has gone. */
  readonly signal: (task: Task) => void
  readonly fput: (file: file) => void
  /** What the supervisor `pid` may do: asked when it connects. */
  readonly rightsOf: (pid: number) => Rights
}

export class Connection {
  /** The supervisor's process. */
  readonly pid: number
  readonly mayActFor: Rights
  /** Woken when there is an answer to read. */
  readonly wait = new wait_queue_head()
  readonly #sleeping = new Map<bigint, Task>()
  /** Files of calls that are answered, up to the supervisor's opening them. */
  readonly #given: file[] = []
  readonly #answers: Uint8Array[] = []
  readonly #needs: Needs
  #closed = false

  constructor(pid: number, mayActFor: Rights, needs: Needs) {
    this.pid = pid
    this.mayActFor = mayActFor
    this.#needs = needs
  }

  get readable(): boolean {
    return this.#answers.length > 0
  }

  /** The call `id` has not answered at once. */
  sleeps(id: bigint, task: Task, given: GivenFiles, answer: Promise<number>): void {
    this.#sleeping.set(id, task)
    void answer.then(ret => {
      this.#sleeping.delete(id)
      this.answer(id, given, ret)
    })
  }

  /** To be read: the files that the call has made, and its answer. */
  answer(id: bigint, given: GivenFiles, ret: number): void {
    if (this.#closed) return given.files().forEach(({ file }) => this.#needs.fput(file))
    for (const one of given.files()) {
      this.#given.push(one.file)
      this.#answers.push(encodeAnswer({ id, ret, given: one }))
    }
    this.#answers.push(encodeAnswer({ id, ret }))
    this.#needs.wake(this.wait)
  }

  /** The file of that path that is to be opened next. */
  given(path: string): file | undefined {
    return this.#given.find(({ f_path }) => f_path === path)
  }

  /** The file behind `inode`, which is the opener's now. */
  takeGiven(inode: inode): file | undefined {
    const at = this.#given.findIndex(({ f_inode }) => f_inode === inode)
    return at < 0 ? undefined : this.#given.splice(at, 1)[0]
  }

  /** The supervisor has gone, and with it those who wait for answers. */
  close(): void {
    this.#closed = true
    for (const task of this.#sleeping.values()) this.#needs.signal(task)
    for (const file of this.#given.splice(0)) this.#needs.fput(file)
  }

  task(id: bigint): Task | undefined {
    return this.#sleeping.get(id)
  }

  /** How many calls have no answer yet. */
  get sleeping(): number {
    return this.#sleeping.size
  }

  /** read(2): as many answers as there are and fit. */
  read(buf: user_ptr, count: number): number {
    if (count < ANSWER_SIZE) return -EINVAL
    if (!this.readable) return -EAGAIN

    const room = Math.floor(count / ANSWER_SIZE)
    const bytes = Buffer.concat(this.#answers.splice(0, room))
    return copy_to_user(buf, bytes, bytes.length) ? -EFAULT : bytes.length
  }
}

export class Connections {
  readonly #connections = new Map<number, Connection>()
  readonly #needs: Needs
  #next = 1

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Calls of all of them that are asleep. */
  get sleeping(): number {
    let n = 0
    for (const connection of this.#connections.values()) n += connection.sleeping
    return n
  }

  connect(pid: number): number {
    const number = this.#next++
    const mayActFor = this.#needs.rightsOf(pid)
    this.#connections.set(number, new Connection(pid, mayActFor, this.#needs))
    return number
  }

  get(number: number): Connection | undefined {
    return this.#connections.get(number)
  }

  /** That of the supervisor `pid`, whatever number others may name. */
  of(pid: number, number: number): Connection | undefined {
    const connection = this.get(number)
    return connection?.pid === pid ? connection : undefined
  }

  isSupervisor(pid: number): boolean {
    return this.#ofProcess(pid).length > 0
  }

  /** What supervisor `pid` finds at `path`, where there is nothing for others. */
  given(pid: number, path: string): inode | undefined {
    for (const connection of this.#ofProcess(pid)) {
      const file = connection.given(path)
      if (file) return file.f_inode
    }
    return undefined
  }

  /** The open file that supervisor `pid` opens by `inode`. */
  takeGiven(pid: number, inode: inode): file | undefined {
    for (const connection of this.#ofProcess(pid)) {
      const file = connection.takeGiven(inode)
      if (file) return file
    }
    return undefined
  }

  disconnect(number: number): void {
    const connection = this.#connections.get(number)
    this.#connections.delete(number)
    connection?.close()
  }

  #ofProcess(pid: number): Connection[] {
    return [...this.#connections.values()].filter(connection => connection.pid === pid)
  }
}
