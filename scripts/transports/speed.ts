// How fast the transports are beside each other: a device that answers at once, read and written in turns.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { median } from '../../bench/median.ts'
import { compile } from '../../bench/servers.ts'
import { packageRoot } from '../../src/package.ts'
import { type Tried, withMachine } from './machine.ts'

/** p50 of a call of the second transport against the first's. */
export interface Ratio {
  work: string
  ratio: number
}

const WORKS = [
  { op: 'read', size: 1, count: 5000 },
  { op: 'write', size: 1, count: 5000 },
  { op: 'read', size: 64 << 10, count: 1000 },
  { op: 'write', size: 64 << 10, count: 1000 },
  { op: 'read', size: 1 << 20, count: 200 },
] as const

const ROUNDS = 5
const BENCH = join(packageRoot(), 'drivers/bench/bench.ko')

/** fuse-native against devfuse. */
export function compareSpeed(): Promise<Ratio[]> {
  return withMachine('devfuse', (devfuse, dir) =>
    withMachine('fuse-native', native => {
      const client = compile(dir, 'client')
      devfuse.insmod(BENCH)
      native.insmod(BENCH)
      return WORKS.map(work => {
        const rounds = Array.from(
          { length: ROUNDS },
          () => measure(client, native, work) / measure(client, devfuse, work),
        )
        return { work: `${work.op} of ${work.size} bytes`, ratio: median(rounds) }
      })
    }),
  )
}

function measure(client: string, { mnt }: Tried, work: (typeof WORKS)[number]): number {
  const args = [join(mnt, 'dev/bench'), work.op, String(work.size), String(work.count)]
  const json = execFileSync(client, args, { encoding: 'utf8' })
  return (JSON.parse(json) as { p50: number }).p50
}
