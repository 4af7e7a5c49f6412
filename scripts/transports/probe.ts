// What a transport carries: tried on a machine of its own, by programs.

import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { mountedOn } from '../../src/fuse/mount_table.ts'
import { kbuild } from '../../src/kbuild/kbuild.ts'
import { packageRoot } from '../../src/package.ts'
import { Machine } from '../../src/syscall/client.ts'
import { PROBE } from './driver.ts'
import { type Tried, withMachine } from './machine.ts'

/** What was tried, and what came of it: "yes", the name of an error, … */
export type Outcomes = Record<string, string>

/** How long a mount may take to go away, in milliseconds. */
const PATIENCE = 10_000

/** Reads from a device that never answers, and prints the error that it gets in the end. */
const READER = `
import errno, os, sys
try:
    os.read(os.open(sys.argv[1], os.O_RDONLY), 1)
except OSError as error:
    print(errno.errorcode[error.errno])
`

export async function probe(transport: string): Promise<Outcomes> {
  return {
    ...(await withMachine(transport, async (machine, dir) => {
      await load(machine, dir)
      const script = join(packageRoot(), 'scripts/transports/probes.py')
      const json = execFileSync('python3', [script, machine.mnt], { encoding: 'utf8' })
      return JSON.parse(json) as Outcomes
    })),
    'a sleeping read when the machine halts': await withMachine(
      transport,
      (machine, dir) => whenItEnds(machine, dir, () => machine.halt()),
    ),
    'a sleeping read when the daemon is killed': await withMachine(
      transport,
      (machine, dir) =>
        whenItEnds(machine, dir, () => process.kill(machine.pid, 'SIGKILL')),
    ),
  }
}

/** What a sleeping read ends with, and whether the mount goes. */
async function whenItEnds(machine: Tried, dir: string, end: () => void): Promise<string> {
  await load(machine, dir)
  const reader = spawn('python3', ['-c', READER, join(machine.mnt, 'dev/probe_sleep')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const printed: string[] = []
  reader.stdout.setEncoding('utf8').on('data', (text: string) => printed.push(text))
  const closed = new Promise(resolve => reader.on('close', resolve))
  await asleep(machine)
  end()
  await closed
  const unmounted = await becomes(() => mountedOn(machine.mnt) === undefined)
  return `${printed.join('').trim()}, ${unmounted ? 'unmounted' : 'a dead mount stays'}`
}

async function asleep({ mnt }: Tried): Promise<void> {
  await becomes(() => new Machine(mnt).status().sleeping > 0)
}

async function becomes(is: () => boolean): Promise<boolean> {
  const deadline = performance.now() + PATIENCE
  while (performance.now() < deadline) {
    if (is()) return true
    await sleep(20)
  }
  return false
}

async function load({ insmod }: Tried, dir: string): Promise<void> {
  const source = join(dir, 'driver')
  mkdirSync(source)
  writeFileSync(join(source, 'probe.ts'), PROBE)
  writeFileSync(join(source, 'Kbuild'), 'obj-m := probe.o\n')
  const { modules } = await kbuild(source)
  insmod(modules[0]?.file ?? '')
  insmod(join(packageRoot(), 'drivers/pages/pages.ko'))
}
