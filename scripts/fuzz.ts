// npm run fuzz [-- --part NAME --seed N --steps N --seconds N]: treats machines badly, in several ways
// one after the other, each for so many seconds at most.
//
// The work is done in a child process, so that a crash, a hang and a memory that runs full are
// findings like any other. Exit status 1 if there is one; the seed and the step repeat it.

import { type ChildProcess, fork } from 'node:child_process'
import { parseArgs } from 'node:util'
import type { Finding } from '../test/fuzz/fuzzer.ts'
import { PARTS } from '../test/fuzz/parts.ts'

/** Without a word for so long, in milliseconds, it hangs. */
const PATIENCE = 90_000

/** From one word to the next, in milliseconds. */
const STRIDE = 250

interface Progress {
  steps: number
  answers: [answer: string, times: number][]
  findings: Finding[]
  digest: string
  done: boolean
}

const { values } = parseArgs({
  options: {
    part: { type: 'string', multiple: true, default: Object.keys(PARTS) },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
    steps: { type: 'string', default: 'Infinity' },
    seconds: { type: 'string', default: '60' },
    child: { type: 'boolean', default: false },
  },
})
const [seed, steps, seconds] = [values.seed, values.steps, values.seconds].map(Number)

if (values.child) await work(values.part[0] ?? '', Number(seed))
else for (const part of values.part) await watch(part)

async function work(part: string, seed: number): Promise<void> {
  const fuzzer = await PARTS[part]?.(seed)
  if (!fuzzer) throw new Error(`there is no part "${part}"`)
  const { tally } = fuzzer
  const stray = (error: unknown) =>
    void tally.findings.push({
      step: tally.steps,
      did: 'at some time',
      problem: `stray ${String((error as Error).stack)}`,
    })
  process.on('uncaughtException', stray).on('unhandledRejection', stray)
  const end = performance.now() + Number(seconds) * 1000
  let next = performance.now()
  while (tally.steps < Number(steps) && performance.now() < end) {
    await fuzzer.next()
    if (performance.now() < next) continue
    tell(false)
    next = performance.now() + STRIDE
  }
  await fuzzer.end()
  tell(true)
  process.disconnect()

  function tell(done: boolean): void {
    const { steps, answers, findings } = tally
    const digest = done ? (fuzzer?.digest() ?? '') : ''
    process.send?.({
      steps,
      answers: [...answers],
      findings,
      digest,
      done,
    } satisfies Progress)
  }
}

async function watch(part: string): Promise<void> {
  const again = `--part ${part} --seed ${values.seed}`
  console.log(`fuzz ${again}`)
  const began = performance.now()
  const args = ['--child', '--part', part, '--seed', values.seed, '--steps', values.steps]
  const child = fork(process.argv[1] ?? '', [...args, '--seconds', values.seconds])
  const { last, ending } = await progressOf(child)
  const took = (performance.now() - began) / 1000
  const { steps = 0, answers = [], findings = [], digest = '' } = last ?? {}
  console.log(`${steps} steps in ${took.toFixed(1)} s, ${digest.slice(0, 16)}`)
  for (const [answer, times] of answers.toSorted(([, a], [, b]) => b - a)) {
    console.log(`${String(times).padStart(9)} ${answer}`)
  }
  for (const { step, did, problem } of findings) {
    console.log(`FOUND ${again} --steps ${step + 1}: ${did}: ${problem}`)
  }
  if (!last?.done) console.log(`FOUND ${again}: ${ending} soon after step ${steps}`)
  if (!last?.done || findings.length > 0) process.exitCode = 1
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
