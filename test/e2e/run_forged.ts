// What `modbox run` forwards, forwarded by somebody else: nobody can act for a process that he could not
// trace, nor in another supervisor's name.
import { once } from 'node:events'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { EPERM, ENOTCONN } from '../../src/include/uapi/errno.ts'
import { packageRoot } from '../../src/package.ts'
import { type MountedMachine, start } from '../harness/mounted.ts'
import { NOBODY, requireNobody } from '../harness/nobody.ts'
import { requireRun } from '../harness/run.ts'
import { withIoctls } from '../harness/run_ioctl.ts'
import { until } from '../harness/until.ts'

const PROGRAM = join(packageRoot(), 'test/programs/forged.c')
const HELLO = join(packageRoot(), 'drivers/hello/hello.ko')
const AS_NOBODY = `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups`

async function withForger(t: Test): Promise<MountedMachine> {
  const machine = await withIoctls(t)
  machine.out(`gcc -Wall -Werror -o forged ${PROGRAM}`)
  chmodSync(join(machine.mnt, '..'), 0o755)
  return machine
}

t.test('memory is that of processes which the caller could trace', async t => {
  if (!requireNobody(t) || !requireRun(t, 'gcc')) return
  const { out } = await withForger(t)
  const forged = `${AS_NOBODY} ./forged memory mnt/dev/modbox mnt/dev/runioctl`
  t.equal(out(forged), '0 written\n', 'a child of his own')
  t.equal(out(`${forged} hidden`), `${-EPERM} untouched\n`, 'one that hides')
})

t.test('capabilities of another process are not to be borrowed', async t => {
  if (!requireNobody(t) || !requireRun(t, 'gcc')) return
  const machine = await withForger(t)
  machine.out(`modbox insmod ${HELLO}`)
  const able = '--inh-caps=+sys_module --ambient-caps=+sys_module'
  const bait = start(t, machine, `${AS_NOBODY} ${able} ./forged bait hello`)
  const [address] = (await once(bait.stdout, 'data')) as [Buffer]
  const remove = `./forged remove mnt/dev/modbox ${bait.pid} ${address.toString()}`
  t.equal(machine.out(`${AS_NOBODY} ${remove}`), `${-EPERM}\n`)
  t.match(machine.out('modbox lsmod'), /^hello /m)
  t.equal(machine.out(remove), '0\n', 'root acts for everybody')
})

t.test('a connection is its supervisor’s', async t => {
  if (!requireNobody(t) || !requireRun(t, 'gcc')) return
  const machine = await withForger(t)
  const first = start(t, machine, 'modbox run sleep 1000')
  await until(() => readFileSync(`/proc/${first.pid}/comm`, 'utf8') === 'sleep\n')
  const forged = (number: number) =>
    machine.out(`${AS_NOBODY} ./forged connection mnt/dev/modbox ${number}`)
  t.equal(forged(1), `${-ENOTCONN}\n`)
  first.kill('SIGKILL')
})
