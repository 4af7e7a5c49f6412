// One body of tests for three worlds: a machine in this process, a mounted one, and the host's own
// kernel, which decides what is right.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Door, inProcess } from './door.ts'
import { boot, build } from './machine.ts'
import { bootMounted } from './mounted.ts'
import { compileCalls, throughProgram } from './program_door.ts'
import { requireTool } from './require.ts'
import { type Need, requireTransport } from './transport.ts'

export interface Device {
  /** Of its node in /dev of the machines. */
  name: string
  /** The driver to load for it, if it is not always there. */
  driver?: string
  /** What the body asks of the mount's transport. */
  needs?: readonly Need[]
  /** The path of what the host has instead; `folder` is the test's own. */
  host: (folder: string) => string
}

/** `program` starts one more process; the first descriptor of each is 3. */
type Body = (t: Test, path: string, program: () => Door) => Promise<void>

export function throughAllDoors(device: Device, body: Body): void {
  const { name, driver, needs = [], host } = device

  t.test(`${name} in process`, async t => {
    const { insmod, process } = await boot(t)
    if (driver) t.equal(await insmod(await build(t, name, driver)), 0)
    let pid = 100
    await body(t, `/dev/${name}`, () => inProcess(process({ pid: pid++ })))
  })

  t.test(`${name} through the mount`, async t => {
    if (!requireTool(t, 'cc')) return
    if (needs.length > 0 && !requireTransport(t, ...needs)) return
    const { mnt, build, out } = bootMounted(t)
    if (driver) out(`modbox insmod ${await build(name, driver)}`)
    const calls = compileCalls(join(mnt, '..'))
    await body(t, `/dev/${name}`, () => throughProgram(t, calls, mnt))
  })

  t.test(`${name} of the host`, async t => {
    if (!requireTool(t, 'cc')) return
    const folder = t.testdir()
    const calls = compileCalls(folder)
    await body(t, host(folder), () => throughProgram(t, calls, ''))
  })
}
