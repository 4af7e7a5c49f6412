// `modbox run` when something ends before its time: no program hangs, and nobody else notices. And what the
// host's /dev lets nobody do outside, nobody can do inside.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import {
  bootMounted,
  machineFolder,
  type MountedMachine,
  shell,
  start,
} from '../harness/mounted.ts'
import { commandAsNobody, requireNobody } from '../harness/nobody.ts'
import { requireRun } from '../harness/run.ts'
import { rest, supervisorsOf, waiting, withIoctls } from '../harness/run_ioctl.ts'
import { until } from '../harness/until.ts'

const CROWD = join(packageRoot(), 'test/programs/run_crowd.c')
const HELLO = join(packageRoot(), 'drivers/hello/hello.ko')

const LATE = `// For tests: its init sleeps until it is killed.
import { EINTR } from '#linux/errno'
import { MAX_SCHEDULE_TIMEOUT } from '#linux/jiffies'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { schedule_timeout_killable } from '#linux/sched'

module_init(async () => {
  await schedule_timeout_killable(MAX_SCHEDULE_TIMEOUT)
  return -EINTR
})
module_exit(() => {})
MODULE_LICENSE('GPL')
`

t.test('a crowd gets its answers, also when some of it are killed', async t => {
  if (!requireRun(t, 'gcc')) return
  const machine = await withIoctls(t)
  machine.out(`gcc -Wall -Werror -pthread -o crowd ${CROWD}`)
  t.equal(
    machine.out('modbox run ./crowd /dev/runioctl 8 4 200'),
    '4 ended, 4 killed, then 7\n',
  )
  await until(() => supervisorsOf(machine).length === 0)
  t.equal(machine.sh('modbox rmmod runioctl').status, 0, 'nothing is in use any more')
})

t.test('without its supervisor a program goes on with what needs none', async t => {
  if (!requireRun(t, 'insmod')) return
  const machine = bootMounted(t, '--load-samples')
  writeFileSync(
    join(machine.mnt, '../goes_on.sh'),
    `PATH=$PATH:/usr/sbin:/sbin
    touch ready; until [ -e go ]; do sleep 0.1; done
    echo hi > /dev/scull0; cat /dev/scull0; insmod ${HELLO}; echo $?`,
  )
  const program = start(t, machine, 'modbox run bash goes_on.sh 2>&1')
  await until(() => existsSync(join(machine.mnt, '../ready')))
  killSupervisors(machine)
  writeFileSync(join(machine.mnt, '../go'), '')
  t.match(await rest(program), /^hi\ninsmod: ERROR: .*Function not implemented\n1\n$/)
})

t.test('what sleeps in the machine when its supervisor is killed is ended', async t => {
  if (!requireRun(t, 'insmod')) return
  const machine = bootMounted(t)
  const late = await machine.build('late', LATE)
  const program = start(t, machine, `modbox run ${insmod(late)} 2>&1`)
  await comes(machine, 'late')
  killSupervisors(machine)
  t.match(await rest(program), /Function not implemented/)
  machine.out('while grep -q "^late " mnt/proc/modules; do sleep 0.1; done')
})

for (const [how, end] of [
  ['halted', ({ out }: MountedMachine) => void out('modbox halt')],
  ['killed', ({ pid }: MountedMachine) => void process.kill(pid, 'SIGKILL')],
] as const) {
  t.test(`when the machine is ${how}, what sleeps in it ends`, async t => {
    if (!requireRun(t, 'gcc', 'insmod')) return
    const machine = await withIoctls(t)
    const late = await machine.build('late', LATE)
    const asleep = await waiting(t, machine, 'wait')
    const loading = start(t, machine, `modbox run ${insmod(late)} 2>&1`)
    await comes(machine, 'late')
    const idle = start(t, machine, 'modbox run sleep 1000')
    await until(() => readFileSync(`/proc/${idle.pid}/comm`, 'utf8') === 'sleep\n')

    const ends = [rest(asleep), rest(loading)]
    end(machine)
    const [waited, loaded] = await Promise.all(ends)
    t.match(waited, /^waited: Transport endpoint is not connected\n$/)
    t.match(loaded, /^insmod: ERROR: could not insert module /)
    t.same(
      [idle.exitCode, idle.signalCode],
      [null, null],
      'who needs nothing of it goes on',
    )
    idle.kill('SIGKILL')
    await until(() => supervisorsOf(machine).length === 0)
  })
}

/** Which of the host's devices this user may read or write, and what his own nodes of their numbers are. */
const LOOK = `
may() { for f in $1/*; do
  if [ -b $f ] || [ -c $f ]; then
    [ ! -r $f ] || echo "reads \${f##*/}"; [ ! -w $f ] || echo "writes \${f##*/}"
  fi
done; }
if [ "$1" = outside ]; then may /dev; exit; fi
may /dev/.host
exec 2>&1; echo
mknod /dev/memory c 1 1; cat /dev/memory
mknod /dev/disk b 8 0; cat /dev/disk
mknod node c 1 3; cat node
grep -c "^modbox /dev .*nodev" /proc/mounts
`

t.test('no device of the host’s is open to who could not open it before', async t => {
  if (!requireNobody(t) || !requireRun(t)) return
  const dir = machineFolder(t)
  writeFileSync(join(dir, 'look.sh'), LOOK)
  const script = 'bash look.sh outside > outside; modbox run bash look.sh inside > inside'
  const quoted = commandAsNobody(dir, 'bash', '-c', script).map(word => `'${word}'`)
  const { err } = shell(dir, quoted.join(' '))
  const outside = readFileSync(join(dir, 'outside'), 'utf8')
  const [inside, made] = readFileSync(join(dir, 'inside'), 'utf8').split('\n\n')
  t.match(outside, /^reads null$/m, err)
  t.equal(`${inside}\n`, outside)
  t.equal(
    made,
    `cat: /dev/memory: No such device or address
cat: /dev/disk: No such device or address
mknod: node: Operation not permitted
cat: node: No such file or directory
1
`,
  )
})

/** The host's own, from wherever it is. */
function insmod(module: string): string {
  return `env PATH=/usr/sbin:/sbin:/usr/bin:/bin insmod ${module}`
}

/** The module's init sleeps. */
async function comes(machine: MountedMachine, module: string): Promise<void> {
  machine.out(
    `until grep -q "^${module} .* Loading" mnt/proc/modules; do sleep 0.1; done`,
  )
}

function killSupervisors(machine: MountedMachine): void {
  for (const pid of supervisorsOf(machine)) process.kill(pid, 'SIGKILL')
}
