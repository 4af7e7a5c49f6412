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
import { conditions, reportComparisons, reportStart, reportTables } from './report.ts'
import type { Figures, Row } from './report.ts'
import { compile, ROOT, startFuseNative, startModbox, startReference } from './servers.ts'
import type { Server } from './servers.ts'
import { compareUnderRun } from './under_run.ts'

interface Work {
  op: 'read' | 'write' | 'ioctl'
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
]

const ROUNDS = 5

/** A device to measure, under the name it has in the tables. */
interface Contestant {
  name: string
  path: string
  works: readonly Work[]
}

function contestants(server: Server): Contestant[] {
  const works = WORKS.filter(({ op }) => op !== 'ioctl' || server.hasIoctl)
  const direct = { name: server.name, path: server.device, works }
  if (!server.copyingDevice) return [direct]

  const reads = WORKS.filter(({ op, size }) => op === 'read' && size > 1)
  const copying = {
    name: `${server.name}, copying`,
    path: server.copyingDevice,
    works: reads,
  }
  return [direct, copying]
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
      return { server: name, work: `${work.op} ${work.size}`, figures, ratio }
    })
  })
}

/** All threads of the servers onto one CPU. */
function pin(servers: readonly Server[], cpu: number): void {
  for (const { pid } of servers) {
    execFileSync('taskset', ['-acp', String(cpu), String(pid)], { stdio: 'ignore' })
  }
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

    servers.unshift(await startReference(dir))
    servers.push(await startFuseNative(dir))
    const all = servers.flatMap(contestants)

    const tables = new Map<string, Row[]>()
    pin(servers, 0)
    tables.set('Client and server on one CPU', measureAll(client, 0, all))
    if (availableParallelism() > 1) {
      tables.set('Client and server on a CPU each', measureAll(client, 1, all))
    }
    const parts = [conditions(), reportStart(start), underRun, reportTables(tables)]
    publish(parts.join('\n\n'))
  } finally {
    for (const server of servers) server.stop()
    await new Promise(resolve => setTimeout(resolve, 500))
    rmSync(dir, { recursive: true })
  }
}

function publish(text: string): void {
  console.log(text)
  if (process.argv.includes('--write')) {
    writeFileSync(join(ROOT, 'docs/performance.md'), `${HEAD}\n${text}`)
  }
}

const HEAD = `# Performance

\`npm run bench -- --write\` makes this page. A device that answers at once (drivers/bench) is read
and written through the mount, and compared with the same device on libfuse 3's low-level API in C
(bench/reference.c) and on fuse-native (bench/fuse_native.ts). Each figure is the median of ${ROUNDS} rounds,
in which the servers take turns. "C, copying" copies each read(2) once, as copy_to_user() does; plain C
answers out of the device's own memory. Under \`modbox run\` the machine's own part is measured against the
same program outside (bench/under_run.ts).
`

await main()
