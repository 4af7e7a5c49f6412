// What all parts of the fuzzer have in common: steps that a seed decides, what is counted of them, what
// was found.

import { createHash } from 'node:crypto'
import { Random } from './random.ts'

/** One thing that was done to the machine. */
export interface Step {
  /** In words, enough to see what it was. */
  did: string
  /** Counted: the same answers are one line of the summary. */
  answer: string
  /** What is wrong with the answer, or with what is left. */
  problem?: string | undefined
}

export interface Finding {
  /** Which step, from 0 on, of this seed. */
  step: number
  /** The seed that repeats it, where that is another than the run's. */
  seed?: number
  did: string
  problem: string
}

export interface Tally {
  steps: number
  answers: Map<string, number>
  findings: Finding[]
}

export abstract class Fuzzer {
  readonly tally: Tally = { steps: 0, answers: new Map(), findings: [] }
  protected readonly random: Random
  readonly #hash = createHash('sha256')

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  protected abstract step(): Promise<Step>

  /** A step has thrown: what it was about, as far as that is known. The next one begins anew. */
  protected abstract recover(): Promise<string> | string

  /** What is left to look at when all steps are taken. */
  async end(): Promise<void> {}

  /** Throws nothing: what goes wrong is among the findings. */
  async next(): Promise<void> {
    const { tally } = this
    const step = tally.steps++
    try {
      const { did, answer, problem } = await this.step()
      this.#hash.update(`${did}\n`)
      tally.answers.set(answer, (tally.answers.get(answer) ?? 0) + 1)
      if (problem !== undefined) this.found(did, problem, step)
    } catch (error) {
      const problem = error instanceof Error ? (error.stack ?? error.message) : 'thrown'
      this.found(await this.recover(), problem, step)
    }
  }

  /** The same for every run of a seed that is as long. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }

  protected found(did: string, problem: string, step = this.tally.steps - 1): void {
    this.tally.findings.push({ step, did, problem })
  }
}
