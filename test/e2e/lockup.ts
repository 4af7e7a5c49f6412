// A driver that runs on and on: it is reported, and programs do not hang.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { bootMounted, isMounted } from '../harness/mounted.ts'
import { requireThat } from '../harness/require.ts'
import { until } from '../harness/until.ts'
import { requireTransport } from '../harness/transport.ts'

const SPIN = `
import { misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { module_param } from '#linux/moduleparam'
import { mdelay, msleep } from '#linux/delay'
MODULE_LICENSE('GPL')
const where = module_param('where', 'charp', '', 0o644)
function spin(here: string): number {
  let n = 0
  while (where.value === here) n++
  return 0
}
async function read(): Promise<number> {
  if (where.value === 'delay') mdelay(3000)
  spin('read')
  await msleep(1)
  return spin('late')
}
const dev = { minor: MISC_DYNAMIC_MINOR, name: 'spin', fops: { owner: THIS_MODULE, read } }
module_init(() => spin('init') || misc_register(dev))
module_exit(() => misc_deregister(dev))
`

function running(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** What the daemon has left. */
function lastWords(mnt: string): string {
  const run = join(mnt, '..', 'run')
  const [file = ''] = readdirSync(run, { recursive: true, encoding: 'utf8' }).filter(
    name => /console-.*\.log$/.test(name),
  )
  return readFileSync(join(run, file), 'utf8')
}

async function spinning(test: Test, where: string) {
  const machine = bootMounted(test, '--append', 'watchdog_thresh=1')
  const ko = await machine.build('spin', SPIN)
  return { machine, insmod: `modbox insmod ${ko} where=${where}` }
}

t.test('a driver that spins is reported, and frees the programs in the end', async t => {
  if (!requireTransport(t, 'callers')) return
  if (!requireThat(t, process.getuid?.() === 0, 'needs root')) return
  for (const where of ['read', 'late', 'init']) {
    await t.test(`in ${where}`, async t => {
      const { machine, insmod } = await spinning(t, where)
      const use = where === 'init' ? insmod : `${insmod} && cat mnt/dev/spin`
      const { status } = machine.sh(use)
      t.equal(status, 1, 'its call has failed')
      await until(() => !running(machine.pid) && !isMounted(machine.mnt))
      const said = lastWords(machine.mnt)
      const stuck =
        /watchdog: BUG: soft lockup - CPU#0 stuck for \d+s! \[(?:cat|insmod):\d+\]/g
      t.equal(said.match(stuck)?.length, 2)
      t.match(said, /RIP: 0010:spin \(src\/spin\.ts:10:\d+\) \[spin\]/)
      t.match(said, /Tainted: G +OEL /)
      t.match(said, /Kernel panic - not syncing: softlockup: hung tasks/)
    })
  }
})

t.test('one that comes to an end is only reported', async t => {
  if (!requireTransport(t, 'callers')) return
  if (!requireThat(t, process.getuid?.() === 0, 'needs root')) return
  const { machine, insmod } = await spinning(t, 'delay')
  machine.out(`${insmod} && cat mnt/dev/spin`)
  const said = machine.out('modbox dmesg')
  t.match(said, /watchdog: BUG: soft lockup - CPU#0 stuck for \d+s! \[cat:\d+\]/)
  t.match(said, /^\[.*\] {2}read \(src\/spin\.ts:\d+:\d+\) \[spin\]$/m)
  t.notMatch(said, /panic/)
  t.equal(machine.out('cat mnt/proc/sys/kernel/tainted'), `${12288 + 16384}\n`)
})

t.test(
  'nobody is told off with the watchdog off, or when the daemon was stopped',
  async t => {
    if (!requireThat(t, process.getuid?.() === 0, 'needs root')) return
    const { machine, insmod } = await spinning(t, 'delay')
    machine.out('echo 0 > mnt/proc/sys/kernel/watchdog')
    machine.out(`${insmod} && cat mnt/dev/spin`)
    machine.out('echo 1 > mnt/proc/sys/kernel/watchdog')
    machine.out(`kill -STOP ${machine.pid}; sleep 3; kill -CONT ${machine.pid}`)
    machine.out('cat mnt/proc/sys/kernel/watchdog_thresh')
    t.notMatch(machine.out('modbox dmesg'), /soft lockup/)
  },
)
