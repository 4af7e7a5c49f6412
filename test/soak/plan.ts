// What is done to one machine, from its boot to its end: a seed decides all of it.

import { Random } from '../fuzz/random.ts'

/** One program that uses the machine, and what it is told. `mnt` is the folder of the machine. */
export type Job = readonly string[]

/** A module and its parameters, "name=value name=value". */
export type Load = readonly [module: string, params: string]

/** Modules come, jobs use them at the same time, each with files of its own, and the modules go. */
export interface Round {
  readonly loads: readonly Load[]
  readonly jobs: readonly Job[]
  readonly unloads: readonly string[]
}

/** How a machine ends: it is told to, or its daemon gets a signal, or it crashes. */
export const ENDS = ['halt', 'SIGTERM', 'SIGINT', 'SIGKILL', 'SIGSTOP', 'crash'] as const
export type End = (typeof ENDS)[number]

export interface Life {
  readonly rounds: readonly Round[]
  readonly end: End
  /** Callers that are asleep in it then. */
  readonly asleep: number
  /** Decides what these do. */
  readonly seed: number
}

/** A machine lives for so many rounds; leaks show where these are many. */
const ROUNDS = [2, 3, 4, 6, 12]

/** Jobs at the same time. */
const AT_ONCE = 4

/** What the sleepers of a machine's end need. */
export const FOR_SLEEPERS: readonly Load[] = [
  ['scullpipe', 'nr_devs=2'],
  ['bell', ''],
  ['doze', ''],
]

export function lifeOf(seed: number): Life {
  const random = new Random(seed)
  return {
    rounds: Array.from({ length: random.pick(ROUNDS) }, () => anyRound(random)),
    end: random.pick(ENDS),
    asleep: random.pick([0, 1, 8, 30]),
    seed: random.u32(),
  }
}

/** Bytes through a pipe; a small buffer takes as many calls for few. */
const MOST_PIPED = 1_000_000
const BUFFERS_PIPED = 2000

function anyRound(random: Random): Round {
  const sizes = { pages: 1 + random.below(8), buffer: 2 + random.below(9999) }
  const loads: Load[] = [
    ['scull', `nr_devs=2 capacity=${1 + random.below(9999)}`],
    ['scullpipe', `nr_devs=2 buffer=${sizes.buffer}`],
    ['pages', `npages=${sizes.pages}`],
    ['bell', ''],
    ['dial', ''],
    ['notes', ''],
    ['mortal', ''],
  ]
  return {
    loads: shuffled(random, loads),
    jobs: shuffled(random, anyJobs(random, sizes)).slice(0, AT_ONCE),
    unloads: shuffled(
      random,
      loads.map(([name]) => name),
    ),
  }
}

interface Sizes {
  pages: number
  /** Bytes that the pipe holds. */
  buffer: number
}

/** One of each kind, two of some. */
function anyJobs(random: Random, { pages, buffer }: Sizes): Job[] {
  const seed = () => String(random.u32())
  const about = (size: number) => String(size + random.below(size))
  const piped = () => about(Math.min(MOST_PIPED, buffer * BUFFERS_PIPED))
  return [
    ['soak_memory', 'mnt/dev/scull0', seed(), about(3000)],
    ['soak_memory', 'mnt/dev/scull1', seed(), about(3000)],
    ['soak_pipe', 'mnt/dev/scullpipe0', seed(), piped()],
    ['soak_pipe', 'mnt/dev/scullpipe1', seed(), piped()],
    ['soak_pages', `mnt/dev/pages${random.below(2)}`, seed(), about(300), String(pages)],
    ['soak_bell', 'mnt/dev/bell', 'mnt/sys/class/misc/bell/ring', seed(), about(500)],
    ['mortals', 'mnt/dev/mortal', about(10), '1', seed()],
    ['modules', 'mnt', seed(), about(60)],
    ['files', 'mnt', seed(), about(150)],
  ]
}

function shuffled<T>(random: Random, all: readonly T[]): T[] {
  const left = [...all]
  return all.map(() => left.splice(random.below(left.length), 1)[0] as T)
}
