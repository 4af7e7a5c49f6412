// Very many wake-ups through the mount, one poller: none is lost, whichever way it waits.

import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { COUNTER } from '../harness/counter_driver.ts'
import { bootMounted, start } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { until } from '../harness/until.ts'
import { size } from './load.ts'

/** For each way of waiting: those that wake it one by one, and those that come as fast as they can. */
const PACED = size({ short: 500, full: 100_000 })
const FREE = size({ short: 2000, full: 150_000 })

for (const how of ['poll', 'select', 'level', 'edge']) {
  t.test(`${PACED} paced and ${FREE} free events for ${how}`, async t => {
    if (!requireTool(t, 'gcc')) return
    const machine = bootMounted(t)
    const program = join(packageRoot(), 'test/programs/pollers.c')
    machine.out(`gcc -O1 -Wall -Werror -o pollers ${program}`)
    machine.out(`modbox insmod ${await machine.build('counter', COUNTER)}`)
    for (const [events, pace] of [
      [PACED, 'paced'],
      [FREE, 'free'],
    ] as const) {
      const command = `./pollers mnt/dev/counter ${how} ${events} ${pace}`
      const program = start(t, machine, command)
      let said = ''
      program.stdout.on('data', (text: Buffer) => (said += text.toString()))
      await until(() => program.exitCode !== null && said !== '')
      t.equal(said, `${how}: ${events} events\n`, pace)
    }
    machine.out('modbox rmmod counter')
  })
}
