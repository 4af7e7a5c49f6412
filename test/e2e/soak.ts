// A short run of the soak finds nothing, and what it is there to find is found.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packageRoot } from '../../src/package.ts'
import { AS_USERS } from '../harness/mounted.ts'
import { requireThat, requireTool } from '../harness/require.ts'
import { hasFuse } from '../harness/tiny_mount.ts'
import { OWN } from '../soak/drivers.ts'
import { differences, type Inventory } from '../soak/inventory.ts'
import { MemoryWatch } from '../soak/memory.ts'
import { lifeOf } from '../soak/plan.ts'
import { Soak } from '../soak/soak.ts'
import { SoakedMachine } from '../soak/soaked_machine.ts'
import { outcome, Workplace } from '../soak/workplace.ts'

const SOAK = join(packageRoot(), 'dist/scripts/soak.js')
const PATIENCE = 110_000
const MiB = 1 << 20

/** A life of two rounds in which /dev/scull0 is used at once. */
const SEED = seedOf(({ rounds: [first, , third] }) =>
  Boolean(!third && first?.jobs.some(([, file]) => file === 'mnt/dev/scull0')),
)

/** Leaves a file and a timer. */
const LEAKY = `
import { jiffies } from '#linux/jiffies'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { proc_create_single } from '#linux/proc_fs'
import { DEFINE_TIMER, mod_timer } from '#linux/timer'
MODULE_LICENSE('GPL')
function late() {}
const timer = DEFINE_TIMER(late)
module_init(() => {
  proc_create_single('leaky', 0, null, () => 0)
  mod_timer(timer, jiffies + 1_000_000)
  return 0
})
module_exit(() => {})
`

/** Has the files of scull, and knows none of its ioctls. */
const BROKEN_SCULL = `
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
MODULE_LICENSE('GPL')
const devices = ['scull0', 'scull1'].map(name => ({
  minor: MISC_DYNAMIC_MINOR,
  name,
  fops: { owner: THIS_MODULE, read: () => 0 },
}))
module_init(() => {
  for (const dev of devices) misc_register(dev)
  return 0
})
module_exit(() => {
  for (const dev of devices) misc_deregister(dev)
})
`

function seedOf(isFit: (life: ReturnType<typeof lifeOf>) => boolean): number {
  for (let seed = 1; ; seed++) if (isFit(lifeOf(seed))) return seed
}

function requireSoak(t: Test): boolean {
  const isRoot = process.getuid?.() === 0
  return requireTool(t, 'gcc') && requireThat(t, isRoot && hasFuse(), 'cannot mount')
}

t.test('one life of a machine', async t => {
  if (!requireSoak(t)) return
  const args = [
    ...AS_USERS,
    process.execPath,
    SOAK,
    '--seed',
    String(SEED),
    '--steps',
    '2',
  ]
  const { status, stdout, stderr } = spawnSync('env', args, {
    encoding: 'utf8',
    timeout: PATIENCE,
  })
  t.equal(status, 0, stdout + stderr)
  t.match(stdout, /^2 steps in /m)
  t.match(stdout, /^ +[1-9]\d+ calls of soak_memory$/m)
  t.match(stdout, /^ +1 lives that end by /m)
})

t.test('a seed is one plan, another is another', async t => {
  t.strictSame(lifeOf(7), lifeOf(7))
  t.notSame(lifeOf(7), lifeOf(8))
})

t.test('an answer that is wrong is found, with the seed and the call', async t => {
  if (!requireSoak(t)) return
  const soak = new Soak(SEED, { scull: BROKEN_SCULL })
  t.teardown(() => soak.end())
  await soak.next()
  t.match(soak.tally.findings, [
    {
      seed: SEED,
      step: 0,
      problem: /soak_memory mnt\/dev\/scull0 \d+ \d+: call \d+: .* answers -\d+, not/,
    },
  ])
})

t.test('what a machine holds too much is found', async t => {
  if (!requireSoak(t)) return
  const place = new Workplace()
  t.teardown(async () => {
    await place.clear()
    place.remove()
  })
  await place.prepare({ ...OWN, leaky: LEAKY })
  const machine = await SoakedMachine.boot(place)
  t.strictSame((await machine.compare()).problems, [], 'nothing at first')

  t.equal(await machine.load([['leaky', '']]), undefined)
  const there = (await machine.compare(0)).problems.join('\n')
  t.match(there, /^counts: 1 modules, not 0$/m)
  t.match(there, /^counts: \d+ timers, not \d+$/m)
  t.match(there, /^left: proc\/leaky$/m)

  t.equal(await machine.unload(['leaky']), undefined)
  const left = (await machine.compare(0)).problems.join('\n')
  t.match(left, /^the kernel says: ODEBUG: .*timer_list/m)
  t.match(left, /^left: proc\/leaky$/m)
})

t.test('each kind of difference is named', async t => {
  const before: Inventory = {
    counts: { modules: 0, openFiles: 1, nodes: 9, sleeping: 0, timers: 1 },
    paths: ['dev', 'dev/null'],
    complaints: [],
    descriptors: 20,
    threads: 11,
    probed: { used: 1, resident: 1, resources: { PipeWrap: 1, Timeout: 1 } },
  }
  t.strictSame(differences(before, before), [])
  const now: Inventory = {
    counts: { modules: 0, openFiles: 2, nodes: 3, sleeping: 0, timers: 1 },
    paths: ['dev', 'dev/x'],
    complaints: ['BUG: bad'],
    descriptors: 21,
    threads: 11,
    probed: { used: 1, resident: 1, resources: { PipeWrap: 2, Timeout: 9 } },
  }
  t.strictSame(differences(before, now), [
    'the kernel says: BUG: bad',
    'counts: 2 openFiles, not 1',
    'resources: 2 PipeWrap, not 1',
    'of the daemon: 21 descriptors, not 20',
    'left: dev/x',
    'missing: dev/null',
  ])
})

t.test('memory that grows with each round is found, and noise is not', async t => {
  const problems = (used: (round: number) => number) => {
    const watch = new MemoryWatch()
    const rounds = Array.from({ length: 40 }, (_, round) => round)
    return rounds
      .map(round => watch.problem({ used: used(round), resident: 0, resources: {} }))
      .filter(problem => problem !== undefined)
  }
  t.strictSame(
    problems(round => 20 * MiB + (round % 3) * MiB),
    [],
  )
  t.strictSame(
    problems(round => (round < 2 ? 20 * MiB : 40 * MiB)),
    [],
    'the warm-up',
  )
  t.match(
    problems(round => 20 * MiB + round * (MiB / 2)),
    [/^memory: \d+ KiB in use after the warm-up, \d+ after \d+ rounds more$/],
  )
})

t.test('what a program says besides its calls is a problem', async t => {
  const ran = { status: 0, signal: null }
  t.strictSame(outcome({ ...ran, said: '12 calls\n30 calls\n' }), {
    calls: 42,
    problem: undefined,
  })
  const { problem } = outcome({
    ...ran,
    said: 'call 3: read answers 0, not 1\n',
    status: 1,
  })
  t.equal(problem, 'call 3: read answers 0, not 1, exit status 1')
  t.equal(outcome({ ...ran, said: '3 killed, 1 not\n' }).problem, '3 killed, 1 not')
  const killed = { status: null, signal: 'SIGKILL' as const, said: '' }
  t.equal(outcome(killed).problem, 'SIGKILL')
})
