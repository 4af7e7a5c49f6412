// Where the time of a read(2) of one byte goes: what the host says that program and server used, and what
// V8's profiler says of the server's own code.
//
// The first is taken with both on one CPU, where it adds up to what a call costs. The profiler goes by the
// clock on the wall, so for the second they are on a CPU each.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { locateInBundle } from '../src/bundle.ts'
import type { Locate } from '../src/kernel/stack.ts'
import { markdown } from './report.ts'
import { pin, type Server, startProfiled } from './servers.ts'

const READS = 500_000
/** The client's warming up is a tenth more. */
const ALL_READS = READS * 1.1
/** From one look of the profiler to the next, in microseconds. */
const INTERVAL = 100

/** Of one read(2), in microseconds. */
interface Split {
  program: number
  serverInHost: number
  serverItself: number
}

/** Parts of modbox, by the source that a function is in. The first that fits counts. */
const PARTS: readonly [part: string, source: RegExp][] = [
  ['src/fuse: the message, in and out', /\/src\/fuse\//],
  ['src/fs, src/kernel: the file', /\/src\/(?:fs|kernel|base|syscall)\//],
  ['the driver, and copy_to_user()', /\/src\/(?:lib|include|mm)\/|\.ko$/],
]
const COLLECTOR = 'the garbage collector'
const REST = "node's event loop, and calling libc"

interface CallFrame {
  functionName: string
  url: string
  /** From 0. */
  lineNumber: number
}

interface Profile {
  nodes: { id: number; callFrame: CallFrame }[]
  /** Of CLOCK_MONOTONIC, as all times in microseconds. */
  startTime: number
  samples: number[]
  timeDeltas: number[]
}

/** `reference` and `modbox` are on CPU 0. A machine of its own is profiled, in `dir`. */
export async function reportProfile(
  client: string,
  reference: Server,
  modbox: Server,
  dir: string,
): Promise<string> {
  const [c, ours] = [splitTime(client, reference), splitTime(client, modbox)]
  const line = (part: string, key: keyof Split) => [
    part,
    ...[c[key], ours[key], ours[key] - c[key]].map(digits),
  ]
  const parts = await partsOf(client, dir)
  const known = [...parts.values()].reduce((sum, part) => sum + part, 0)
  parts.set(REST, Math.max(0, ours.serverItself - known))
  return `## Where the time of read 1 goes

Client and server on one CPU, microseconds a call. What the server's own code does is V8's profile.

${markdown(
  ['part', 'C, libfuse 3', 'modbox', 'more than C'],
  [
    line('the program, its call, and waking it', 'program'),
    line('the server in the host: waiting, read(2), write(2)', 'serverInHost'),
    line("the server's own code", 'serverItself'),
    ...[...parts].map(([part, took]) => [`– ${part}`, '', digits(took), '']),
  ],
)}

What remains to C: a C server waits in read(2), Node's event loop in epoll_wait(2), because there are timers and
other descriptors, too. That is one more call of the host for each of a program's, and the way through libuv and koffi
to it and back. Messages are read as arrays of words, where C has a cast; and more code has gone through the CPU's
caches when the program is woken.
`
}

/** As the host's scheduler accounts for it. */
function splitTime(client: string, { pid, devices }: Server): Split {
  const before = usedBy(pid)
  const program = run(client, devices.bench, 0)
  const after = usedBy(pid)
  return {
    program: (program.user + program.system) / 1000,
    serverInHost: (after.system - before.system) / ALL_READS,
    serverItself: (after.user - before.user) / ALL_READS,
  }
}

/** In microseconds, since its start. */
function usedBy(pid: number): { user: number; system: number } {
  const tick = 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { user: Number(fields[11]) * tick, system: Number(fields[12]) * tick }
}

/** What the client used for one call, in nanoseconds. */
function run(
  client: string,
  path: string,
  cpu: number,
): { user: number; system: number } {
  const args = ['-c', String(cpu), client, path, 'read', '1', String(READS)]
  return JSON.parse(execFileSync('taskset', args, { encoding: 'utf8' })) as {
    user: number
    system: number
  }
}

/** How long each part of modbox takes of a call, in microseconds. */
async function partsOf(client: string, dir: string): Promise<Map<string, number>> {
  const server = await startProfiled(dir, INTERVAL)
  try {
    pin([server], 0)
    const start = microseconds()
    run(client, server.devices.bench, availableParallelism() > 1 ? 1 : 0)
    const end = microseconds()
    return addUp(JSON.parse(await server.end()) as Profile, start, end)
  } finally {
    await server.stop()
  }
}

/** Of CLOCK_MONOTONIC, which V8's profiler has as well. */
function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

function addUp(profile: Profile, start: number, end: number): Map<string, number> {
  const locate = locateInBundle()
  const parts = new Map(
    profile.nodes.map(node => [node.id, partOf(node.callFrame, locate)]),
  )
  const sums = new Map([...PARTS.map(([part]) => part), COLLECTOR].map(part => [part, 0]))
  let now = profile.startTime
  for (const [i, delta] of profile.timeDeltas.entries()) {
    now += delta
    const part = parts.get(profile.samples[i] ?? 0)
    if (part === undefined || now < start || now > end) continue
    sums.set(part, (sums.get(part) ?? 0) + delta / ALL_READS)
  }
  return sums
}

function partOf(frame: CallFrame, locate: Locate): string | undefined {
  const { functionName, url, lineNumber } = frame
  if (functionName === '(garbage collector)') return COLLECTOR
  const { script } = locate(url, lineNumber + 1, functionName)
  return PARTS.find(([, source]) => source.test(script))?.[0]
}

function digits(microseconds: number): string {
  return microseconds.toFixed(2)
}
