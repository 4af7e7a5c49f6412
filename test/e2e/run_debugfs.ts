// mount -t debugfs under `modbox run`, as course notes have it.
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireThat, requireTool } from '../harness/require.ts'
import { requireRun } from '../harness/run.ts'

const PROGRAM = join(packageRoot(), 'test/programs/mount_debugfs.c')
const STILL_THE_MACHINES = 'ls -d /sys/kernel/debug/dynamic_debug'

t.test('debugfs is mounted where it belongs: a second time is refused', async t => {
  if (!requireRun(t, 'mount')) return
  if (!requireThat(t, process.getuid?.() === 0, 'only root mounts debugfs')) return
  const { sh } = bootMounted(t)
  const script = `cd /sys/kernel; mount -t debugfs none /sys/kernel/debug; mount -t debugfs d debug
    ${STILL_THE_MACHINES}`
  const { out, err } = sh(`modbox run bash -c '${script}'`)
  t.equal(out, '/sys/kernel/debug/dynamic_debug\n')
  t.match(err, /^mount: \/sys\/kernel\/debug: none already mounted/m)
  t.match(err, /^mount: \/sys\/kernel\/debug: d already mounted/m)
})

t.test('so it is with the calls of newer programs', async t => {
  if (!requireRun(t, 'gcc')) return
  if (!requireThat(t, process.getuid?.() === 0, 'only root mounts debugfs')) return
  const { out } = bootMounted(t)
  out(`gcc -Wall -Werror -o mount_debugfs ${PROGRAM}`)
  const run = 'modbox run bash -c'
  t.equal(
    out(`${run} './mount_debugfs /sys/kernel/debug; ${STILL_THE_MACHINES}'`),
    'Device or resource busy\n/sys/kernel/debug/dynamic_debug\n',
  )
  t.match(out(`${run} 'mkdir d && ./mount_debugfs d && ls d | grep -c .'`), /^[1-9]/)
})

t.test('who may not mount is told so, not that it is mounted', async t => {
  if (!requireRun(t, 'gcc') || !requireTool(t, 'setpriv')) return
  if (!requireThat(t, process.getuid?.() === 0, 'this test gives rights away')) return
  const { sh } = bootMounted(t)
  const { err } = sh(
    'modbox run setpriv --bounding-set -sys_admin mount -t debugfs none /sys/kernel/debug',
  )
  t.match(err, /permission denied/)
})
