// What the host's capabilities mean in a machine: of root's, of an ordinary user's.
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted, machineFolder, shell } from '../harness/mounted.ts'
import { commandAsNobody, NOBODY, requireNobody } from '../harness/nobody.ts'
import { requireRun, WITH_ADMINISTRATORS_TOOLS } from '../harness/run.ts'

const HELLO = join(packageRoot(), 'drivers/hello/hello.ko')
const AS_NOBODY = `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups`
const WITHOUT = (cap: string) => `setpriv --bounding-set=-${cap} --inh-caps=-${cap}`
const ONLY = (cap: string) => `${AS_NOBODY} --inh-caps=+${cap} --ambient-caps=+${cap}`

/** What a script prints under `modbox run`, in root's machine. */
function inRootsMachine(t: Test, script: string): string {
  const { sh, mnt } = bootMounted(t)
  chmodSync(join(mnt, '..'), 0o755)
  const { out } = sh(
    `modbox run bash -c '${WITH_ADMINISTRATORS_TOOLS}; exec 2>&1; ${script}'`,
  )
  return out.replaceAll(/.*libkmod-module.*\n/g, '') // rmmod says it twice
}

t.test('an ordinary user sees the EPERM that Linux gives', async t => {
  if (!requireNobody(t) || !requireRun(t, 'insmod', 'dmesg')) return
  const out = inRootsMachine(
    t,
    `insmod ${HELLO}; mkdir /dev/open; chmod 777 /dev/open
     ${AS_NOBODY} bash -c "rmmod hello; insmod ${HELLO}; mknod /dev/open/x c 240 0; mknod /dev/x c 240 0
       dmesg; dmesg -C"
     echo 0 > /proc/sys/kernel/dmesg_restrict; ${AS_NOBODY} dmesg | grep -c Good; dmesg | grep -c Good`,
  )
  t.equal(
    out,
    `rmmod: ERROR: could not remove module hello: Operation not permitted
insmod: ERROR: could not insert module ${HELLO}: Operation not permitted
mknod: /dev/open/x: Operation not permitted
mknod: /dev/x: Permission denied
dmesg: read kernel buffer failed: Operation not permitted
dmesg: clear kernel buffer failed: Operation not permitted
1
1
`,
  )
})

t.test('in root’s machine it is the capability that counts, not the user', async t => {
  if (!requireNobody(t) || !requireRun(t, 'insmod', 'dmesg')) return
  const out = inRootsMachine(
    t,
    `${WITHOUT('sys_module')} insmod ${HELLO}
     ${ONLY('sys_module')} insmod ${HELLO} && lsmod | grep -o ^hello
     echo 1 > /proc/sys/kernel/dmesg_restrict
     ${WITHOUT('syslog,-sys_admin')} dmesg
     ${ONLY('syslog')} dmesg | grep -c Good
     ${WITHOUT('sys_module')} modbox rmmod hello; modbox rmmod hello; lsmod | grep -c hello`,
  )
  t.equal(
    out,
    `insmod: ERROR: could not insert module ${HELLO}: Operation not permitted
hello
dmesg: read kernel buffer failed: Operation not permitted
1
rmmod: ERROR: could not remove module hello: Operation not permitted
0
`,
  )
})

t.test('root of a user namespace is nobody in root’s machine', async t => {
  if (!requireNobody(t) || !requireRun(t, 'insmod')) return
  const out = inRootsMachine(
    t,
    `${AS_NOBODY} unshare -r insmod ${HELLO}; unshare -r insmod ${HELLO}; cat /proc/modules`,
  )
  const refused = `insmod: ERROR: could not insert module ${HELLO}: Operation not permitted\n`
  t.equal(out, refused.repeat(2))
})

t.test('a user who boots a machine is its root, and can give that away', async t => {
  if (!requireNobody(t) || !requireRun(t, 'insmod')) return
  const dir = machineFolder(t)
  const script = `${WITH_ADMINISTRATORS_TOOLS}; exec 2>&1
    insmod ${HELLO} && ${WITHOUT('sys_module')} rmmod hello; modbox rmmod hello; modbox lsmod | wc -l`
  const command = commandAsNobody(dir, 'modbox', 'run', 'bash', '-c', script)
  const quoted = command.map(word => `'${word}'`).join(' ')
  const { out, err } = shell(dir, quoted)
  t.match(out, /could not remove module hello: Operation not permitted\n1\n$/, err)
})

t.test('two users at the same time each have their own', async t => {
  if (!requireNobody(t) || !requireRun(t, 'insmod')) return
  const { sh, mnt } = bootMounted(t)
  chmodSync(join(mnt, '..'), 0o755)
  const script = (what: string) =>
    `modbox run bash -c '${WITH_ADMINISTRATORS_TOOLS}; exec 2>&1; ${what}'`
  const { out } = sh(
    `mkfifo go; ${script(`read x < go; ${AS_NOBODY} rmmod hello; rmmod hello; lsmod | wc -l`)} &
     ${script(`insmod ${HELLO}; lsmod | wc -l; echo > go`)}; wait`,
  )
  t.match(out, /^2\n.*Operation not permitted\n.*Operation not permitted\n1\n$/)
})
