// A crowd of processes blocked in one driver: one wake_up_all() is enough for all.

import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootSmall, start } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { until } from '../harness/until.ts'
import { size, tables } from './load.ts'

const READERS = size({ short: 500, full: 5000 })
/**
 * MiB of heap for the daemon: less than 5,000 readers would need if each kept the 128 KiB
 * that it asks for.
 */
const HEAP = 96

/** A read waits for a write, which lets everybody go. `waiting` tells how many there are. */
const CROWD = `
import { EFAULT } from '#linux/errno'
import { stream_open } from '#linux/fs'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { module_param } from '#linux/moduleparam'
import { copy_to_user } from '#linux/uaccess'
import { wait_event_interruptible, wait_queue_head, wake_up_all } from '#linux/wait'

MODULE_LICENSE('GPL')
const waiting = module_param('waiting', 'int', 0, 0o444)
const queue = new wait_queue_head()
let round = 0

const dev: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'crowd',
  fops: {
    owner: THIS_MODULE,
    open: stream_open,
    async read(_filp, buf) {
      const mine = round
      waiting.value++
      const err = await wait_event_interruptible(queue, () => round !== mine)
      waiting.value--
      if (err) return err
      return copy_to_user(buf, Uint8Array.of(120), 1) ? -EFAULT : 1
    },
    write(_filp, _buf, count) {
      round++
      wake_up_all(queue)
      return count
    },
  },
}
module_init(() => misc_register(dev))
module_exit(() => misc_deregister(dev))
`

t.test(`${READERS} blocked readers are woken by one wake_up_all()`, async t => {
  if (!requireTool(t, 'gcc')) return
  const machine = bootSmall(t, HEAP)
  machine.out(
    `gcc -Wall -Werror -o readers ${join(packageRoot(), 'test/programs/readers.c')}`,
  )
  machine.out(`modbox insmod ${await machine.build('crowd', CROWD)}`)
  const before = tables(machine)

  const readers = start(t, machine, `./readers mnt/dev/crowd ${READERS}`)
  let said = ''
  readers.stdout.on('data', (text: Buffer) => (said += text.toString()))
  const waiting = () =>
    Number(machine.out('cat mnt/sys/module/crowd/parameters/waiting').trim())
  await until(() => waiting() === READERS)

  t.equal(tables(machine).sleeping, READERS)
  t.match(
    machine.out('cat mnt/proc/uptime'),
    /^\d+\.\d\d /,
    'others are served meanwhile',
  )
  t.match(machine.out('modbox lsmod'), new RegExp(`^crowd +\\d+ +${READERS}`, 'm'))

  machine.out('echo > mnt/dev/crowd')
  await until(() => readers.exitCode !== null)
  await until(() => said !== '')
  t.equal(said, `${READERS} woken, 0 not\n`)
  t.equal(waiting(), 0)
  t.same(tables(machine), before, 'no handle, no sleeper stays behind')
  machine.out('modbox rmmod crowd')
})
