// `npm run bench`: what a call costs through the mount, against C and against fuse-native; and what
// programs pay under `modbox run`, which is all that is measured with --run.
//
// All servers run at once and take turns in short rounds, so that a busy moment of the machine hits
// all alike. On one CPU the price of the software shows; on two, that of waking another CPU is
// added, which is the same for all. With --write the result goes to docs/performance.md.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './median.ts'
import { reportProfile } from './profile.ts'
import { conditions, reportComparisons, reportStart, reportTables } from './report.ts'
import type { Figures, Row } from './report.ts'
import { scalePart } from './scale_report.ts'
import {
  compile,
  pin,
  ROOT,
  startFuseNative,
  startModbox,
  startReference,
} from './servers.ts'
import type { Operation, Server } from './servers.ts'
import { compareUnderRun } from './under_run.ts'

interface Work {
  op: Operation
  /** In bytes. */
  size: number
  /** Operations a round. */
  count: number
}

const WORKS: readonly Work[] = [
  { op: 'read', size: 1, count: 10_000 },
  { op: 'write', size: 1, count: 10_000 },
  { op: 'ioctl', size: 4096, count: 10_000 },
  { op: 'read', size: 64 << 10, count: 2000 },
  { op: 'write', size: 64 << 10, count: 2000 },
  { op: 'read', size: 1 << 20, count: 300 },
  { op: 'write', size: 1 << 20, count: 300 },
  { op: 'wake-read', size: 1, count: 1000 },
  { op: 'wake-poll', size: 1, count: 1000 },
]

const ROUNDS = 5

/** What is measured of a server, under the name it has in the tables. */
interface Contestant {
  name: string
  path: string
  works: readonly Work[]
}

function contestants({ name, devices, lacks }: Server): Contestant[] {
  const able = WORKS.filter(({ op }) => !lacks.includes(op))
  const waking = able.filter(({ op }) => op.startsWith('wake-'))
  const direct = able.filter(work => !waking.includes(work))
  const all = [
    { name, path: devices.bench, works: direct },
    { name, path: devices.wait, works: waking },
  ]
  if (devices.copying === undefined) return all

  const works = WORKS.filter(({ op, size }) => op === 'read' && size > 1)
  return [...all, { name: `${name}, copying`, path: devices.copying, works }]
}

/** One round of one contestant; `cpu` is where the client runs. */
function measure(client: string, cpu: number, path: string, work: Work): Figures {
  const args = [path, work.op, String(work.size), String(work.count)]
  const json = execFileSync('taskset', ['-c', String(cpu), client, ...args], {
    encoding: 'utf8',
  })
  return JSON.parse(json) as Figures
}

function summary(rounds: readonly Figures[]): Figures {
  const of = (key: keyof Figures): number => median(rounds.map(figures => figures[key]))
  return { p50: of('p50'), p99: of('p99'), ops: of('ops') }
}

function measureAll(client: string, cpu: number, all: readonly Contestant[]): Row[] {
  return WORKS.flatMap(work => {
    const taking = all.filter(({ works }) => works.includes(work))
    const rounds = taking.map(() => [] as Figures[])
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, { path }] of taking.entries()) {
        rounds[i]?.push(measure(client, cpu, path, work))
      }
    }
    const results = rounds.map(summary)
    const reference = results[0]?.p50
    return taking.map(({ name }, i) => {
      const figures = results[i] as Figures
      const ratio = i > 0 && reference ? figures.p50 / reference : undefined
      return { server: name, work: nameOf(work), figures, ratio }
    })
  })
}

function nameOf({ op, size }: Work): string {
  if (op === 'wake-read') return 'wake a read'
  return op === 'wake-poll' ? 'wake a poll' : `${op} ${size}`
}

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'modbox-bench-'))
  const servers: Server[] = []
  try {
    const client = compile(dir, 'client')
    const [modbox, start] = await startModbox(dir)
    servers.push(modbox)
    pin(servers, 0)
    const underRun = reportComparisons(compareUnderRun(client, modbox, dir))
    if (process.argv.includes('--run')) return console.log(underRun)

    const reference = await startReference(dir)
    servers.unshift(reference)
    servers.push(await startFuseNative(dir))
    const all = servers.flatMap(contestants)

    const tables = new Map<string, Row[]>()
    pin(servers, 0)
    const profile = await reportProfile(client, reference, modbox, dir)
    tables.set('Client and server on one CPU', measureAll(client, 0, all))
    if (availableParallelism() > 1) {
      tables.set('Client and server on a CPU each', measureAll(client, 1, all))
    }
    const parts = [
      conditions(),
      reportStart(start),
      underRun,
      reportTables(tables),
      profile,
    ]
    publish(parts.map(part => part.trim()).join('\n\n'))
  } finally {
    for (const server of servers) await server.stop()
    await new Promise(resolve => setTimeout(resolve, 500))
    rmSync(dir, { recursive: true })
  }
}

function publish(text: string): void {
  console.log(text)
  if (process.argv.includes('--write')) {
    writeFileSync(join(ROOT, 'docs/performance.md'), `${HEAD}\n${text}\n${scalePart()}`)
  }
}

const HEAD = `# Performance

\`npm run bench -- --write\` makes this page. A device that answers at once (drivers/bench) is read
and written through the mount, and compared with the same device on libfuse 3's low-level API in C
(bench/reference.c) and on fuse-native (bench/fuse_native.ts). Each figure is the median of ${ROUNDS} rounds,
in which the servers take turns. "C, copying" copies each read(2) once, as copy_to_user() does; plain C
answers out of the device's own memory. "wake a read" and "wake a poll" are the time from before one program's
write(2) until another, asleep in read(2) or poll(2), is back from it. Under \`modbox run\` the machine's own
part is measured against the same program outside (bench/under_run.ts).
`

await main()
