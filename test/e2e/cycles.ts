// What comes and goes a thousand times leaves nothing behind.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { Machine } from '../../src/syscall/client.ts'
import { bootSmall } from '../harness/mounted.ts'
import { until } from '../harness/until.ts'

const CYCLES = 1000
/**
 * MiB of heap for the daemon. Each module has a vm context of some hundred KiB: were they kept,
 * it would be full long before the end. How much memory is resident says nothing of that, as
 * it depends on when V8 collects.
 */
const HEAP = 64

t.test('insmod, open, read, close, rmmod: no table grows', async t => {
  const { mnt } = bootSmall(t, HEAP)
  const machine = new Machine(mnt)
  const image = readFileSync(join(packageRoot(), 'drivers/scull/scull.ko'))
  const buffer = Buffer.alloc(16)
  const cycle = () => {
    if (machine.finitModule(image, 'nr_devs=1', 0) !== 0) throw new Error('insmod failed')
    for (const name of ['dev/scull0', 'proc/modules', 'sys/module/scull/refcnt']) {
      const fd = openSync(join(mnt, name), 'r')
      readSync(fd, buffer)
      closeSync(fd)
    }
    if (machine.deleteModule('scull', 0) !== 0) throw new Error('rmmod failed')
  }
  const tables = () => {
    const { modules, openFiles, sleeping } = machine.status()
    return { modules, openFiles, sleeping }
  }
  const nodes = () => machine.status().nodes
  cycle()
  const before = tables()
  const nodesBefore = nodes()
  for (let i = 0; i < CYCLES; i++) cycle()
  t.same(tables(), before)
  // The host forgets nodes when it finds the time, those of the first cycle and of asking, too.
  await until(() => nodes() <= nodesBefore)
  t.pass('the host has forgotten the nodes of all other cycles')
})
