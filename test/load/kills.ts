// Processes killed in the middle of whatever they do with a device leave nothing behind.

import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { MORTAL } from '../harness/mortal_driver.ts'
import { bootMounted, type MountedMachine, start } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { until } from '../harness/until.ts'
import { size, tables } from './load.ts'

const PROCESSES = size({ short: 50, full: 200 })
const SECONDS = size({ short: 5, full: 60 })
const SEED = process.env.MODBOX_SEED ?? String(Date.now() % 1e6)

t.test(`${PROCESSES} processes killed for ${SECONDS} s, seed ${SEED}`, async t => {
  if (!requireTool(t, 'gcc')) return
  const machine = bootMounted(t)
  machine.out(
    `gcc -Wall -Werror -o mortals ${join(packageRoot(), 'test/programs/mortals.c')}`,
  )
  machine.out(`modbox insmod ${await machine.build('mortal', MORTAL)}`)
  const before = tables(machine)

  const killer = start(
    t,
    machine,
    `./mortals mnt/dev/mortal ${PROCESSES} ${SECONDS} ${SEED}`,
  )
  let said = ''
  killer.stdout.on('data', (text: Buffer) => (said += text.toString()))
  await until(() => killer.exitCode !== null && said !== '')
  t.match(said, /^\d+ killed, 0 not\n$/)
  t.equal(killer.exitCode, 0)

  // A killed process's last close comes when the host has buried it.
  await until(() => parameter(machine, 'opens') === 0)
  t.equal(machine.out('cat mnt/sys/module/mortal/refcnt'), '0\n')
  t.same(tables(machine), before, 'no handle, no sleeper stays behind')
  machine.out('modbox rmmod mortal')
  t.notMatch(machine.out('modbox dmesg'), /WARNING|BUG|refused/)
})

function parameter(machine: MountedMachine, name: string): number {
  return Number(machine.out(`cat mnt/sys/module/mortal/parameters/${name}`))
}
