// Runs fuzzers, one after the other, each for so many seconds at most.
//
// The work is done in a child process, so that a crash, a hang and a memory that runs full are
// findings like any other. Exit status 1 if there is one; the seed and the step repeat it. Ctrl-C ends the
// run after the step that it is in.

import { type ChildProcess, fork } from 'node:child_process'
import { Command as Program, InvalidArgumentError, Option } from 'commander'
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
  summary: string
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
  seed: number
  steps: number
  seconds: number
  child: boolean
}

/** The command with the options that it was started with: --part, --seed, --steps, --seconds. */
export async function runWatched(command: Command): Promise<void> {
  const options = parse(command)
  const [part = ''] = options.part
  if (options.child) return work(command.parts[part], options)
  let goesOn = true
  process.on('SIGINT', () => void (goesOn = false)) // the child has got it, too
  for (const part of options.part) if (goesOn) await watch(command, part, options)
}

/** A wrong one ends the program with a sentence. */
function parse({ name, summary, parts, seconds }: Command): Options {
  const all = Object.keys(parts)
  const part = new Option('--part <names...>', 'only these').choices(all).default(all)
  if (all.length === 1) part.hideHelp()
  const child = new Option('--child', 'what the command starts').default(false).hideHelp()
  const seed = number('seed', 'what decides all that happens').default(
    Date.now() % 1_000_000_007,
    'another one each time',
  )
  const steps = number('steps', 'at most so many').default(Infinity, 'no limit')
  const time = number('seconds', 'at most so long, each part').default(seconds)
  const program = new Program(name).description(summary)
  for (const option of [part, seed, steps, time, child]) program.addOption(option)
  return program.parse().opts<Options>()
}

function number(name: string, what: string): Option {
  return new Option(`--${name} <n>`, what).argParser(count)
}

function count(text: string): number {
  if (/^(?:\d+|Infinity)$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It has to be a number.')
}

async function work(part: Part | undefined, options: Options): Promise<void> {
  const fuzzer = await part?.(options.seed)
  if (!fuzzer) throw new Error(`there is no part "${options.part[0]}"`)
  const { tally } = fuzzer
  const stray = (error: unknown) =>
    void tally.findings.push({
      step: tally.steps,
      did: 'at some time',
      problem: `stray ${String((error as Error).stack)}`,
    })
  process.on('uncaughtException', stray).on('unhandledRejection', stray)
  let end = performance.now() + options.seconds * 1000
  process.on('SIGINT', () => void (end = 0))
  let next = performance.now()
  const goesOn = () => tally.steps < options.steps && tally.findings.length < ENOUGH
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
  const numbers = Object.entries({ seed, steps, seconds })
  const args = numbers.flatMap(([option, n]) => [`--${option}`, String(n)])
  const { last, ending } = await progressOf(
    fork(process.argv[1] ?? '', ['--child', '--part', part, ...args]),
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
