// `modbox run` where the host does not permit what it needs: one sentence, and nothing left behind.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { callNumbers } from '../../src/host/call_numbers.ts'
import { EBUSY, ENOSYS, EPERM } from '../../src/include/uapi/errno.ts'
import { packageRoot } from '../../src/package.ts'
import { machineFolder, shell } from '../harness/mounted.ts'
import { commandAsNobody, requireNobody } from '../harness/nobody.ts'
import { requireRun } from '../harness/run.ts'
import { until } from '../harness/until.ts'

const DENY = join(packageRoot(), 'test/programs/deny.c')
const UNSHARE = process.arch === 'arm64' ? 97 : 272
const { seccomp } = callNumbers()
const STILL =
  /; without it, modbox boot mounts a machine, for modbox insmod, .* its files\n$/

/** `modbox run` without a system call: what it says. */
async function denied(t: Test, call: number, errno: number, asNobody = false) {
  const dir = machineFolder(t)
  shell(dir, `gcc -Wall -Werror -o deny ${DENY}`)
  const command = `./deny ${call} ${errno} modbox run echo never`
  writeFileSync(join(dir, 'command.sh'), command)
  const words = asNobody
    ? commandAsNobody(dir, 'bash', 'command.sh')
    : ['bash', 'command.sh']
  const { status, out, err } = shell(dir, words.map(word => `'${word}'`).join(' '))
  t.equal(out, '')
  t.equal(status, 1)
  const left = () =>
    readdirSync(join(dir, 'run')).flatMap(name => readdirSync(join(dir, 'run', name)))
  await until(() => left().length === 0)
  t.match(err, STILL)
  t.equal(err.match(/\n/g)?.length, 1, 'one line')
  return err
}

t.test('without mounts root is told which right is missing', async t => {
  if (!requireRun(t, 'gcc') || !requireNobody(t)) return
  t.match(
    await denied(t, UNSHARE, EPERM),
    /^modbox: Cannot run programs on a machine: root may not mount here \(unshare failed: Operation not permitted\); give the container CAP_SYS_ADMIN/,
  )
})

t.test('without user namespaces an ordinary user is told what to do', async t => {
  if (!requireRun(t, 'gcc') || !requireNobody(t)) return
  t.match(
    await denied(t, UNSHARE, EPERM, true),
    /^modbox: Cannot run programs on a machine: user namespaces are not permitted \(.*Operation not permitted\); be root/,
  )
})

t.test('without seccomp user notification it is said who takes the calls', async t => {
  if (!requireRun(t, 'gcc')) return
  t.match(
    await denied(t, seccomp, ENOSYS),
    /no seccomp user notification; Linux 5.9 has it/,
  )
  t.match(await denied(t, seccomp, EBUSY), /taken over already, by a container/)
  t.match(await denied(t, seccomp, EPERM), /not permitted \(error 1\); let the container/)
})
