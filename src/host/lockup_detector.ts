// Notices that this process's main thread runs without ever coming back to its event loop, and has it
// say what it is running: a thread that watches a counter which the event loop moves.
//
// The thread asks through the inspector, whose questions the main thread answers in the middle of
// whatever it runs, on top of that stack. It is told how long the main thread has been busy, on
// its own clock, which stands still while the whole process does.

import { Worker } from 'node:worker_threads'

/** Indexes of what both threads share. */
export const BEAT = 0
export const LIMIT_MS = 1
export const SHARED_LENGTH = 2

/** Name on globalThis under which the thread finds what it is to call. */
export const REPORT = 'modbox.lockup'

/** How often the event loop is looked at, as a part of the limit. */
export const LOOKS = 10

/** A small heap: the thread does next to nothing. */
const RESOURCES = {
  maxOldGenerationSizeMb: 16,
  maxYoungGenerationSizeMb: 1,
  stackSizeMb: 1,
}

/**
 * The main thread has been busy for `seconds`; `report` counts from 1 while it is. Called on top of what
 * it is busy with.
 */
export type OnLockup = (seconds: number, report: number) => void

export class LockupDetector {
  readonly #script: string
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * SHARED_LENGTH))
  #watching = false
  #heart: NodeJS.Timeout | undefined

  /** `script`: lockup_thread.ts, as it can be run. One detector a process. */
  constructor(script: string, onLockup: OnLockup) {
    this.#script = script
    Object.defineProperty(globalThis, Symbol.for(REPORT), { value: onLockup })
  }

  /** Watch for what runs longer than so many seconds; 0: for nothing. */
  watch(seconds: number): void {
    clearInterval(this.#heart)
    Atomics.store(this.#shared, LIMIT_MS, seconds * 1000)
    if (seconds === 0) return
    const beat = () => void Atomics.add(this.#shared, BEAT, 1)
    beat()
    this.#heart = setInterval(beat, (seconds * 1000) / LOOKS).unref()
    if (!this.#watching) this.#start()
    this.#watching = true
  }

  #start(): void {
    const thread = new Worker(this.#script, {
      workerData: this.#shared,
      resourceLimits: RESOURCES,
      execArgv: [],
      env: {},
    })
    // Without it nothing is watched, and all else works.
    thread.on('error', () => {})
    thread.unref()
  }
}
