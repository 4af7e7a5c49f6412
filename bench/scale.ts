// `npm run bench:scale`: what calls cost on a machine that has very much: device nodes, modules, open files,
// callers that sleep in a driver. None of them should matter.
//
// One machine for each kind grows and shrinks, over and over, and is measured at each size, up and down
// alike, so that what changes with time changes all sizes. The cost is the daemon's time on the CPU: what
// the host does elsewhere does not count, and everything is on one CPU, since to wake another one costs now
// more and now less. What the host itself takes for a thread that has slept for long shows with a server in C.
// With --write there are more rounds, and the result goes to docs/performance.md and docs/scale.svg.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Machine } from '../src/syscall/client.ts'
import { Crowd, NODES_MIN } from './crowd.ts'
import { CrowdInC } from './crowd_in_c.ts'
import type { CrowdProgram } from './crowd_program.ts'
import { median } from './median.ts'
import { measureLists } from './scale_lists.ts'
import { type Costs, publishScale, reportScale } from './scale_report.ts'
import { compile, modbox, pin, startReference } from './servers.ts'

const WRITE = process.argv.includes('--write')
/** Up, or down. */
const ROUNDS = WRITE ? 10 : 2
/** Measurements at a size, in a round. */
const TIMES = WRITE ? 3 : 1
/** Rounds before, at the smallest size: until then the daemon's code is not what it will be. */
const WARM_UP = 5

/** What there may be much of. */
interface Dimension<C> {
  name: string
  sizes: readonly number[]
  fill: (crowd: C, size: number) => void | Promise<void>
}

interface Operation<C> {
  name: string
  /** Times a measurement. */
  count: number
  work: (crowd: C, count: number) => void | Promise<void>
}

const BLOCKED_CALLERS: Dimension<CrowdProgram> = {
  name: 'blocked callers',
  sizes: [2, 10, 100, 1000, 5000], // of two that are woken in turn one always sleeps
  fill: (crowd, size) => crowd.readers(size),
}

const READ: Operation<CrowdProgram> = {
  name: 'read(2) of a byte',
  count: 20_000,
  work: (crowd, n) => crowd.work('read', n),
}

const OPEN: Operation<CrowdProgram> = {
  name: 'open(2), close(2)',
  count: 2000,
  work: (crowd, n) => crowd.work('open', n),
}

/** Each has slept for as long as it took to wake all others. */
const IN_TURN: Operation<CrowdProgram> = {
  name: 'wake-up of all in turn',
  count: 10_000,
  work: (crowd, n) => crowd.work('turn', n),
}

const DIMENSIONS: readonly Dimension<Crowd>[] = [
  {
    name: 'device nodes',
    sizes: [1, 10, 100, 1000, 10_000],
    fill: (crowd, size) => crowd.nodes(size - 1 + NODES_MIN),
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
  BLOCKED_CALLERS,
]

const OPERATIONS: readonly Operation<Crowd>[] = [
  READ,
  OPEN,
  { name: 'stat(2)', count: 2000, work: (crowd, n) => crowd.work('stat', n) },
  { name: 'wake-up', count: 10_000, work: (crowd, n) => crowd.work('wake', n) },
  { name: 'insmod, rmmod', count: 20, work: (crowd, n) => crowd.reload(n) },
]

const WITH_SLEEPERS = [...OPERATIONS, IN_TURN]
const IN_C = [READ, OPEN, IN_TURN].map(operation => ({
  ...operation,
  name: `${operation.name}, server in C`,
}))

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'modbox-scale-'))
  try {
    const program = compile(dir, 'crowd', ['-pthread'])
    const all: Costs[] = []
    for (const dimension of DIMENSIONS) {
      const operations = dimension === BLOCKED_CALLERS ? WITH_SLEEPERS : OPERATIONS
      const measured = await withCrowd(dir, program, (crowd, { pid }) =>
        measure(dimension, operations, crowd, pid),
      )
      all.push(...measured)
    }
    const measured = await withReference(dir, program, (crowd, pid) =>
      measure(BLOCKED_CALLERS, IN_C, crowd, pid),
    )
    all.push(...measured)
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
      return await use(crowd, { mnt, pid })
    } finally {
      crowd.kill()
    }
  } finally {
    modbox('halt', '--machine', mnt)
  }
}

/** Use a server in C in whose device there are readers. */
async function withReference<T>(
  dir: string,
  program: string,
  use: (crowd: CrowdProgram, pid: number) => Promise<T>,
): Promise<T> {
  const server = await startReference(dir)
  try {
    const crowd = new CrowdInC(program, server.devices)
    try {
      pin([server, crowd], 0)
      return await use(crowd, server.pid)
    } finally {
      crowd.kill()
    }
  } finally {
    await server.stop()
  }
}

async function measure<C extends CrowdProgram>(
  { name: dimension, sizes, fill }: Dimension<C>,
  operations: readonly Operation<C>[],
  crowd: C,
  pid: number,
): Promise<Costs[]> {
  const results = operations.map(() => sizes.map((): number[] => []))
  const eachOnce = async (): Promise<void> => {
    for (const { work, count } of operations) await work(crowd, count)
  }
  await fill(crowd, sizes[0] ?? 0)
  for (let i = 0; i < WARM_UP; i++) await eachOnce()
  for (let round = 0; round < ROUNDS; round++) {
    const all = [...sizes.entries()]
    for (const [at, size] of round % 2 ? all.toReversed() : all) {
      await fill(crowd, size)
      await eachOnce() // growing and shrinking leaves code to compile anew
      for (const [i, operation] of operations.entries()) {
        results[i]?.[at]?.push(...(await costs(operation, crowd, pid)))
      }
    }
  }
  return operations.map(({ name: operation }, i) => ({
    dimension,
    operation,
    costs: sizes.map((size, at) => [size, median(results[i]?.[at] ?? [])]),
  }))
}

/** Microseconds on the CPU for one of them, measured some times. */
async function costs<C>(
  { work, count }: Operation<C>,
  crowd: C,
  pid: number,
): Promise<number[]> {
  await work(crowd, count) // what others have left in the caches, and for the garbage collector, is not its own
  const all: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const before = cpuTime(pid)
    await work(crowd, count)
    all.push((cpuTime(pid) - before) / 1000 / count)
  }
  return all
}

/** Nanoseconds that all threads of a process have had the CPU. */
function cpuTime(pid: number): number {
  const ofThread = (tid: string): number =>
    Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0])
  return readdirSync(`/proc/${pid}/task`).reduce((sum, tid) => sum + ofThread(tid), 0)
}

await main()
