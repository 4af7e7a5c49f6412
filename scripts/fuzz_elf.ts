// npm run fuzz:elf [-- --seed N --images N --seconds N]: gives damaged module files to the loader.
//
// The work is done in a child process, so that a crash, a hang and a memory that runs full are
// findings like any other. Exit status 1 if there is one; the seed repeats the run.

import { type ChildProcess, fork } from 'node:child_process'
import { parseArgs } from 'node:util'
import { ElfFuzzer, type Finding, goodImages } from '../test/fuzz/elf_fuzzer.ts'

/** Without a word for so long, in milliseconds, it hangs. */
const PATIENCE = 20_000

/** Images from one word to the next. */
const STRIDE = 250

interface Progress {
  images: number
  answers: [ret: number, times: number][]
  timeouts: number
  findings: Finding[]
  done: boolean
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
    images: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '600' },
    child: { type: 'boolean', default: false },
  },
})
const [seed, images, seconds] = [values.seed, values.images, values.seconds].map(Number)

if (values.child) await work(Number(seed), Number(images), Number(seconds))
else await watch()

async function work(seed: number, images: number, seconds: number): Promise<void> {
  const fuzzer = new ElfFuzzer(await goodImages(), seed)
  const { tally } = fuzzer
  const end = performance.now() + seconds * 1000
  while (tally.images < images && performance.now() < end) {
    await fuzzer.next()
    if (tally.images % STRIDE === 0) tell(false)
  }
  tell(true)

  function tell(done: boolean): void {
    process.send?.({ ...tally, answers: [...tally.answers], done } satisfies Progress)
  }
}

async function watch(): Promise<void> {
  console.log(`seed ${values.seed}`)
  const began = performance.now()
  const args = ['--child', '--seed', values.seed, '--images', values.images]
  const child = fork(process.argv[1] ?? '', [...args, '--seconds', values.seconds])
  const { last, ending } = await progressOf(child)
  const took = (performance.now() - began) / 1000
  const count = last?.images ?? 0
  console.log(
    `${count} images in ${took.toFixed(1)} s, ${Math.round(count / took)} a second, ${last?.timeouts ?? 0} of them stopped for the time limit`,
  )
  for (const [ret, times] of (last?.answers ?? []).toSorted(([a], [b]) => b - a)) {
    console.log(`${String(ret).padStart(6)} ${times} times`)
  }
  for (const { index, how, problem } of last?.findings ?? []) {
    console.log(`FOUND image ${index} (${how.join(', ')}): ${problem}`)
  }
  if (!last?.done) console.log(`FOUND ${ending} soon after image ${count}`)
  if (!last?.done || last.findings.length > 0) process.exitCode = 1
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
