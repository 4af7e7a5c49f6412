// What comes and goes a thousand times leaves nothing behind.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { Machine } from '../../src/syscall/client.ts'
import { bootMounted } from '../harness/mounted.ts'
import { until } from '../harness/until.ts'

const CYCLES = 1000
/** Bytes. Each module has a vm context of half a MiB and more: were they kept, this would not do. */
const SLACK = 200 << 20

t.test('insmod, open, read, close, rmmod: no table grows', async t => {
  const { mnt, pid } = bootMounted(t)
  const machine = new Machine(mnt)
  const image = readFileSync(join(packageRoot(), 'drivers/scull/scull.ko'))
  const buffer = Buffer.alloc(16)
  const cycle = () => {
    if (machine.initModule(image, 'nr_devs=1', 0) !== 0) throw new Error('insmod failed')
    for (const name of ['dev/scull0', 'proc/modules', 'sys/module/scull/refcnt']) {
      const fd = openSync(join(mnt, name), 'r')
      readSync(fd, buffer)
      closeSync(fd)
    }
    if (machine.deleteModule('scull', 0) !== 0) throw new Error('rmmod failed')
  }
  const tables = () => {
    const { modules, openFiles, nodes, sleeping } = machine.status()
    return { modules, openFiles, nodes, sleeping }
  }
  const resident = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

  cycle()
  const before = tables()
  for (let i = 0; i < CYCLES; i++) cycle()
  const warm = resident()
  for (let i = 0; i < CYCLES; i++) cycle()
  t.ok(resident() - warm < SLACK, `${warm} bytes, then ${resident()}`)
  // The host forgets nodes when it finds the time.
  await until(() => tables().nodes <= before.nodes)
  t.same(tables(), before)
})
