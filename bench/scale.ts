// `npm run bench:scale`: what calls cost on a machine that has very much: device nodes, modules, open files,
// callers that sleep in a driver. None of them should matter.
//
// One machine for each kind grows and shrinks, over and over, and is measured at each size, up and down
// alike, so that what changes with time changes all sizes. The cost is the daemon's time on the CPU: what
// the host does elsewhere does not count, and everything is on one CPU, since to wake another one costs now
// more and now less. With --write there are more rounds, and the result goes to
// docs/performance.md and docs/scale.svg.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Machine } from '../src/syscall/client.ts'
import { Crowd } from './crowd.ts'
import { median } from './median.ts'
import { measureLists } from './scale_lists.ts'
import { type Costs, publishScale, reportScale } from './scale_report.ts'
import { compile, modbox, pin } from './servers.ts'

const WRITE = process.argv.includes('--write')
/** Up, or down. */
const ROUNDS = WRITE ? 10 : 2
/** Measurements at a size, in a round. */
const TIMES = WRITE ? 3 : 1
/** Rounds before, at the smallest size: until then the daemon's code is not what it will be. */
const WARM_UP = 5

/** Readers there are at least: of two that are woken in turn one always sleeps. */
const SLEEPERS = 2

/** What there may be much of. */
interface Dimension {
  name: string
  sizes: readonly number[]
  fill: (crowd: Crowd, size: number) => void | Promise<void>
}

interface Operation {
  name: string
  /** Times a measurement. */
  count: number
  work: (crowd: Crowd, count: number) => void | Promise<void>
}

const DIMENSIONS: readonly Dimension[] = [
  {
    name: 'device nodes',
    sizes: [1, 10, 100, 1000, 10_000],
    fill: (crowd, size) => crowd.nodes(size + 1),
  },
  {
    name: 'loaded modules',
    sizes: [1, 10, 100, 1000],
    fill: (crowd, size) => crowd.modules(size),
  },
  {
    name: 'open files',
    sizes: [1, 10, 100, 1000, 10_000],
    fill: (crowd, size) => crowd.files(size),
  },
  {
    name: 'blocked callers',
    sizes: [SLEEPERS, 10, 100, 1000, 5000],
    fill: (crowd, size) => crowd.readers(size),
  },
]

const OPERATIONS: readonly Operation[] = [
  { name: 'read(2) of a byte', count: 20_000, work: (crowd, n) => crowd.work('read', n) },
  { name: 'open(2), close(2)', count: 2000, work: (crowd, n) => crowd.work('open', n) },
  { name: 'stat(2)', count: 2000, work: (crowd, n) => crowd.work('stat', n) },
  { name: 'wake-up', count: 2000, work: (crowd, n) => crowd.work('wake', n) },
  { name: 'insmod, rmmod', count: 20, work: (crowd, n) => crowd.reload(n) },
]

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'modbox-scale-'))
  try {
    const program = compile(dir, 'crowd', ['-pthread'])
    const all: Costs[] = []
    for (const dimension of DIMENSIONS) {
      const measured = await withCrowd(dir, program, (crowd, { pid }) =>
        measure(dimension, crowd, pid),
      )
      all.push(...measured)
    }
    const lists = await withCrowd(dir, program, (crowd, { mnt }) =>
      measureLists(crowd, mnt),
    )
    const report = reportScale(all, lists, ROUNDS)
    console.log(report)
    if (WRITE) publishScale(report, all)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

interface Mounted {
  mnt: string
  /** The daemon. */
  pid: number
}

/** Use a machine of its own, in which there is a crowd. */
async function withCrowd<T>(
  dir: string,
  program: string,
  use: (crowd: Crowd, machine: Mounted) => T | Promise<T>,
): Promise<T> {
  const mnt = mkdtempSync(join(dir, 'mnt-'))
  modbox('boot', mnt)
  try {
    const crowd = new Crowd(mnt, program)
    try {
      const { pid } = new Machine(mnt).status()
      pin([{ pid }, crowd], 0)
      await crowd.readers(SLEEPERS)
      return await use(crowd, { mnt, pid })
    } finally {
      crowd.kill()
    }
  } finally {
    modbox('halt', '--machine', mnt)
  }
}

async function measure(
  { name: dimension, sizes, fill }: Dimension,
  crowd: Crowd,
  pid: number,
): Promise<Costs[]> {
  const results = OPERATIONS.map(() => sizes.map((): number[] => []))
  await fill(crowd, sizes[0] ?? 0)
  for (let i = 0; i < WARM_UP; i++) await costs(crowd, pid)
  for (let round = 0; round < ROUNDS; round++) {
    const all = [...sizes.entries()]
    for (const [at, size] of round % 2 ? all.toReversed() : all) {
      await fill(crowd, size)
      await costs(crowd, pid) // growing and shrinking leaves code to compile anew, and garbage
      for (let time = 0; time < TIMES; time++) {
        const measured = await costs(crowd, pid)
        for (const [i, one] of measured.entries()) results[i]?.[at]?.push(one)
      }
    }
  }
  return OPERATIONS.map(({ name: operation }, i) => ({
    dimension,
    operation,
    costs: sizes.map((size, at) => [size, median(results[i]?.[at] ?? [])]),
  }))
}

/** Of each operation once. */
async function costs(crowd: Crowd, pid: number): Promise<number[]> {
  const all: number[] = []
  for (const operation of OPERATIONS) all.push(await cost(operation, crowd, pid))
  return all
}

/** Microseconds on the CPU for one of them. */
async function cost(operation: Operation, crowd: Crowd, pid: number): Promise<number> {
  const { work, count } = operation
  await work(crowd, Math.ceil(count / 4)) // what the last one has left in the caches does not count
  const before = cpuTime(pid)
  await work(crowd, count)
  return (cpuTime(pid) - before) / 1000 / count
}

/** Nanoseconds that all threads of a process have had the CPU. */
function cpuTime(pid: number): number {
  const ofThread = (tid: string): number =>
    Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0])
  return readdirSync(`/proc/${pid}/task`).reduce((sum, tid) => sum + ofThread(tid), 0)
}

await main()
