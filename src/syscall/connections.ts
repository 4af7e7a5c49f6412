// Supervisors that are connected, and the calls that sleep for each of them.

import type { user_ptr } from '../include/linux/uaccess.ts'
import { wait_queue_head } from '../include/linux/wait.ts'
import { EAGAIN, EFAULT, EINVAL } from '../include/uapi/errno.ts'
import type { Task } from '../kernel/sched.ts'
import { copy_to_user } from '../lib/usercopy.ts'
import { ANSWER_SIZE, encodeAnswer } from './forward.ts'

/** May a supervisor act for thread `pid`? */
export type Rights = (pid: number) => boolean

export class Connection {
  /** The supervisor's process. */
  readonly pid: number
  readonly mayActFor: Rights
  /** Woken when there is an answer to read. */
  readonly wait = new wait_queue_head()
  readonly #sleeping = new Map<bigint, Task>()
  readonly #answers: Uint8Array[] = []
  readonly #wake: (queue: wait_queue_head) => void

  constructor(pid: number, mayActFor: Rights, wake: (queue: wait_queue_head) => void) {
    this.pid = pid
    this.mayActFor = mayActFor
    this.#wake = wake
  }

  get readable(): boolean {
    return this.#answers.length > 0
  }

  /** The call `id` has not answered at once. */
  sleeps(id: bigint, task: Task, answer: Promise<number>): void {
    this.#sleeping.set(id, task)
    void answer.then(ret => {
      this.#sleeping.delete(id)
      this.#answers.push(encodeAnswer(id, ret))
      this.#wake(this.wait)
    })
  }

  task(id: bigint): Task | undefined {
    return this.#sleeping.get(id)
  }

  /** All calls that have no answer yet. */
  tasks(): Task[] {
    return [...this.#sleeping.values()]
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

interface Needs {
  readonly wake: (queue: wait_queue_head) => void
  /** Told of each task whose supervisor has gone. */
  readonly signal: (task: Task) => void
  /** What the supervisor `pid` may do: asked when it connects. */
  readonly rightsOf: (pid: number) => Rights
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
    for (const connection of this.#connections.values()) n += connection.tasks().length
    return n
  }

  connect(pid: number): number {
    const number = this.#next++
    const { rightsOf, wake } = this.#needs
    this.#connections.set(number, new Connection(pid, rightsOf(pid), wake))
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
    for (const connection of this.#connections.values()) {
      if (connection.pid === pid) return true
    }
    return false
  }

  disconnect(number: number): void {
    const connection = this.#connections.get(number)
    this.#connections.delete(number)
    for (const task of connection?.tasks() ?? []) this.#needs.signal(task)
  }
}
