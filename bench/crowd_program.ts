// bench/crowd.c, running: very many readers and open files, and work to be timed.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** How often to look whether all readers sleep, in milliseconds. */
const LOOK_AGAIN = 5

/** What crowd.c does: the lines of its input begin so. */
export type CrowdWork = 'read' | 'open' | 'stat' | 'wake' | 'turn'

export abstract class CrowdProgram {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>

  /** `program`: bench/crowd.c, compiled. Its readers wait in `queue`, and two, whom 'wake' wakes, in `pair`. */
  constructor(program: string, queue: string, file: string, pair?: string) {
    const devices = pair === undefined ? [queue, file] : [queue, file, pair]
    const child = spawn(program, devices, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child = child
    this.#answers = createInterface(child.stdout)[Symbol.asyncIterator]()
  }

  get pid(): number {
    const { pid } = this.#child
    if (pid === undefined) throw new Error(`Cannot start ${this.#child.spawnfile}`)
    return pid
  }

  /** How often `file` is open, without the once that the program needs itself. */
  async files(count: number): Promise<void> {
    await this.#tell('files', count)
  }

  /** Threads that wait in a read(2) of `queue`; all sleep when this is over. */
  async readers(count: number): Promise<void> {
    await this.#tell('readers', count)
    while (this.waiting !== count) {
      await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN))
    }
  }

  /** How many the device has waiting now. */
  abstract get waiting(): number

  /** Do it `count` times. */
  async work(what: CrowdWork, count: number): Promise<void> {
    await this.#tell(what, count)
  }

  /** Let it end, without readers. */
  async end(): Promise<void> {
    const ended = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.stdin?.end()
    await ended
  }

  /** End it at once. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async #tell(what: string, count: number): Promise<void> {
    this.#child.stdin?.write(`${what} ${count}\n`)
    const { value } = (await this.#answers.next()) as { value: string | undefined }
    if (value !== 'done') throw new Error(`The crowd has ended at: ${what} ${count}`)
  }
}
