// Machines that are used in every way at once, one after the other, and compared with what they were.
//
// A step is a round of a machine's life (plan.ts). The first machine has the seed of the run, each other one
// the next number: so a finding is repeated from the boot of the machine that it was made at.

import { Fuzzer, type Step } from '../fuzz/fuzzer.ts'
import { OWN, type Sources } from './drivers.ts'
import { MemoryWatch } from './memory.ts'
import { FOR_SLEEPERS, type Job, type Life, lifeOf, type Round } from './plan.ts'
import { SoakedMachine } from './soaked_machine.ts'
import { Workplace } from './workplace.ts'

const GROWTH = 'KiB that a life needs more than after its warm-up, at most'

export class Soak extends Fuzzer {
  readonly #place = new Workplace()
  readonly #sources: Sources
  #isPrepared = false
  #machine: SoakedMachine | undefined
  #memory = new MemoryWatch()
  #seed: number
  #life: Life
  /** Of this life, the present one. */
  #round = -1
  #isOver = false
  #did = ''

  /** `sources`: modules to build; one with the name of a sample takes its place. */
  constructor(seed: number, sources: Sources = {}) {
    super(seed)
    this.#seed = seed
    this.#life = lifeOf(seed)
    this.#sources = { ...OWN, ...sources }
  }

  protected async step(): Promise<Step> {
    if (this.#isOver) await this.#nextLife()
    const { rounds, end, asleep } = this.#life
    const round = rounds[++this.#round] as Round
    const isLast = this.#round === rounds.length - 1
    this.#did = [
      ...round.jobs.map(words => words.join(' ')),
      ...round.loads.map(String),
    ].join(' | ')
    if (isLast) this.#did += ` | ${end}, ${asleep} asleep`
    const machine = await this.#theMachine()
    const problems = await this.#live(machine, round)
    if (isLast && problems.length === 0) problems.push(...(await this.#die(machine)))
    this.#isOver = isLast || problems.length > 0
    const problem = problems.join('; ') || undefined
    return {
      did: this.#did,
      answer: isLast ? `lives that end by ${end}` : 'other rounds',
      problem,
    }
  }

  protected async recover(): Promise<string> {
    await this.#place.clear()
    this.#machine = undefined
    this.#isOver = true
    return this.#did
  }

  override async end(): Promise<void> {
    if (this.#machine && !this.#isOver) {
      const problems = await this.#machine.end('halt', 0, 0)
      if (problems.length > 0) this.found(this.#did, problems.join('; '))
    }
    await this.recover()
    this.#place.remove()
  }

  protected override found(did: string, problem: string): void {
    this.tally.findings.push({ seed: this.#seed, step: this.#round, did, problem })
  }

  async #theMachine(): Promise<SoakedMachine> {
    if (!this.#isPrepared) await this.#place.prepare(this.#sources)
    this.#isPrepared = true
    return (this.#machine ??= await SoakedMachine.boot(this.#place))
  }

  async #nextLife(): Promise<void> {
    await this.recover()
    this.#life = lifeOf(++this.#seed)
    this.#round = -1
    this.#isOver = false
    this.#memory = new MemoryWatch()
  }

  /** A round: what is wrong with it. */
  async #live(machine: SoakedMachine, round: Round): Promise<string[]> {
    const { loads, jobs, unloads } = round
    const problems = [await machine.load(loads)]
    problems.push(...(await Promise.all(jobs.map(words => this.#work(words)))))
    problems.push(await machine.unload(unloads))
    const { problems: left, memory } = await machine.compare()
    problems.push(...left, this.#memory.problem(memory))
    this.#most(GROWTH, Math.round(this.#memory.grown / 1024))
    return problems.filter(problem => problem !== undefined)
  }

  async #die(machine: SoakedMachine): Promise<string[]> {
    const { end, asleep, seed } = this.#life
    const problem = await machine.load(FOR_SLEEPERS)
    const problems = await machine.end(end, asleep, seed)
    return problem === undefined ? problems : [problem, ...problems]
  }

  async #work(words: Job): Promise<string | undefined> {
    const { calls, problem } = await this.#place.work(words)
    const counted = `calls of ${words[0]}`
    this.tally.answers.set(counted, (this.tally.answers.get(counted) ?? 0) + calls)
    return problem === undefined ? undefined : `${words.join(' ')}: ${problem}`
  }

  #most(answer: string, n: number): void {
    this.tally.answers.set(answer, Math.max(n, this.tally.answers.get(answer) ?? 0))
  }
}
