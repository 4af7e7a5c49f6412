// Runs fuzzers, one after the other, each for so many seconds at most.
//
// The work is done in a child process, so that a crash, a hang and a memory that runs full are
// findings like any other. Exit status 1 if there is one; the seed and the step repeat it. Ctrl-C ends the
// run after the step that it is in.

import { type ChildProcess, fork } from 'node:child_process'
import { parseArgs } from 'node:util'
import type { Finding, Fuzzer } from './fuzzer.ts'

/** Without a word for so long, in milliseconds, it hangs. */
const PATIENCE = 90_000

/** So many findings end a run. */
const ENOUGH = 20

/** From one word to the next, in milliseconds. */
const STRIDE = 250

/** A fuzzer for a seed. */
export type Part = (seed: number) => Fuzzer | Promise<Fuzzer>

export interface Command {
  name: string
  parts: Record<string, Part>
  /** For each part, unless --seconds says another number. */
  seconds: number
}

interface Progress {
  steps: number
  answers: [answer: string, times: number][]
  findings: Finding[]
  digest: string
  done: boolean
}

interface Options {
  part: string[]
  seed: string
  steps: string
  seconds: string
  child: boolean
}

/** The command with the options that it was started with: --part, --seed, --steps, --seconds. */
export async function runWatched(command: Command): Promise<void> {
  const { values } = parseArgs({
    options: {
      part: { type: 'string', multiple: true, default: Object.keys(command.parts) },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
      steps: { type: 'string', default: 'Infinity' },
      seconds: { type: 'string', default: String(command.seconds) },
      child: { type: 'boolean', default: false },
    },
  })
  const [part = ''] = values.part
  if (values.child) return work(command.parts[part], values)
  let goesOn = true
  process.on('SIGINT', () => void (goesOn = false)) // the child has got it, too
  for (const part of values.part) if (goesOn) await watch(command, part, values)
}

async function work(part: Part | undefined, options: Options): Promise<void> {
  const fuzzer = await part?.(Number(options.seed))
  if (!fuzzer) throw new Error(`there is no part "${options.part[0]}"`)
  const { tally } = fuzzer
  const stray = (error: unknown) =>
    void tally.findings.push({
      step: tally.steps,
      did: 'at some time',
      problem: `stray ${String((error as Error).stack)}`,
    })
  process.on('uncaughtException', stray).on('unhandledRejection', stray)
  let end = performance.now() + Number(options.seconds) * 1000
  process.on('SIGINT', () => void (end = 0))
  let next = performance.now()
  const goesOn = () =>
    tally.steps < Number(options.steps) && tally.findings.length < ENOUGH
  while (goesOn() && performance.now() < end) {
    await fuzzer.next()
    if (performance.now() < next) continue
    tell(fuzzer, false)
    next = performance.now() + STRIDE
  }
  await fuzzer.end()
  tell(fuzzer, true)
  process.disconnect()
}

function tell(fuzzer: Fuzzer, done: boolean): void {
  const { steps, answers, findings } = fuzzer.tally
  const digest = done ? fuzzer.digest() : ''
  const progress: Progress = { steps, answers: [...answers], findings, digest, done }
  process.send?.(progress)
}

async function watch({ name, parts }: Command, part: string, options: Options) {
  const { seed, steps, seconds } = options
  const which = Object.keys(parts).length > 1 ? `--part ${part} ` : ''
  console.log(`${name} ${which}--seed ${seed}`)
  const began = performance.now()
  const args = ['--child', '--part', part, '--seed', seed]
  const limits = ['--steps', steps, '--seconds', seconds]
  const { last, ending } = await progressOf(
    fork(process.argv[1] ?? '', [...args, ...limits]),
  )
  const took = (performance.now() - began) / 1000
  show(last, took)
  for (const { step, seed: own = seed, did, problem } of last?.findings ?? []) {
    console.log(`FOUND ${which}--seed ${own} --steps ${step + 1}: ${did}: ${problem}`)
  }
  if (!last?.done) {
    console.log(
      `FOUND ${which}--seed ${seed}: ${ending} soon after step ${last?.steps ?? 0}`,
    )
  }
  if (!last?.done || last.findings.length > 0) process.exitCode = 1
}

function show(last: Progress | undefined, took: number): void {
  const { steps = 0, answers = [], digest = '' } = last ?? {}
  console.log(`${steps} steps in ${took.toFixed(1)} s, ${digest.slice(0, 16)}`)
  for (const [answer, times] of answers.toSorted(([, a], [, b]) => b - a)) {
    console.log(`${String(times).padStart(9)} ${answer}`)
  }
}

/** What the child said last, and how it ended. */
function progressOf(
  child: ChildProcess,
): Promise<{ last: Progress | undefined; ending: string }> {
  return new Promise(resolve => {
    let last: Progress | undefined
    let ending = 'a crash'
    const hang = () => {
      ending = 'a hang'
      child.kill('SIGKILL')
    }
    let timer = setTimeout(hang, PATIENCE)
    child.on('message', message => {
      last = message as Progress
      clearTimeout(timer)
      timer = setTimeout(hang, PATIENCE)
    })
    child.on('exit', () => {
      clearTimeout(timer)
      resolve({ last, ending })
    })
  })
}
