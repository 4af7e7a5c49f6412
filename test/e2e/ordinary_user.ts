// Machines of people who are not root: through fusermount3, or in a user namespace. Who boots a
// machine is root in it.
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isMounted, machineFolder, shell } from '../harness/mounted.ts'
import { requireThat, requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const NOBODY = 65534

const SESSION = `
modbox boot --load-samples mnt > /dev/null || exit 1
ls -ln mnt/dev/scull0 | cut -c1-10
echo hello > mnt/dev/scull0 && cat mnt/dev/scull0
cut -d' ' -f1,3-5 mnt/proc/modules
chmod 640 mnt/dev/scull1 && stat -c %a mnt/dev/scull1
modbox rmmod scull && modbox lsmod
modbox halt
`

const EXPECTED = `crw-------
hello
scull 0 - Live
640
Module                  Size  Used by
`

/** Where only root may open /dev/fuse, show one that everybody may, as udev makes it. */
const WITH_FUSE = `
mknod -m 666 fuse c 10 229 && mount --bind fuse /dev/fuse
exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups bash session.sh
`

t.test('fusermount3 mounts for a user', async t => {
  if (!requireTransport(t, 'device nodes')) return
  if (!requireThat(t, process.getuid?.() === 0, 'this test becomes another user')) return
  if (!requireTool(t, 'setpriv') || !requireTool(t, 'fusermount3')) return
  const dir = machineFolder(t)
  for (const name of ['.', 'mnt', 'run']) chownSync(join(dir, name), NOBODY, NOBODY)
  chmodSync(dir, 0o755)
  writeFileSync(join(dir, 'session.sh'), SESSION)
  writeFileSync(join(dir, 'with_fuse.sh'), WITH_FUSE)
  const { out, err } = shell(dir, 'unshare -m bash with_fuse.sh')
  t.equal(out, EXPECTED, err)
  t.notOk(isMounted(join(dir, 'mnt')))
})

t.test('in a user namespace no helper is needed', async t => {
  if (!requireTransport(t, 'device nodes')) return
  if (!requireTool(t, 'unshare')) return
  const dir = machineFolder(t)
  writeFileSync(join(dir, 'session.sh'), SESSION)
  const { out, err } = shell(dir, 'unshare -Urm bash session.sh')
  if (/unshare failed/.test(err)) {
    requireThat(t, false, 'user namespaces are not permitted here')
    return
  }
  t.equal(out, EXPECTED, err)
})
