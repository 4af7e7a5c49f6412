// The access policies of scullaccess through the mount, with shells of several users and terminals.
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const MODULE = join(packageRoot(), 'drivers/scull/scullaccess.ko')
const ALICE = { uid: 1000 }
const BOB = { uid: 1001 }

t.test('a second program, or another user, gets EBUSY or waits', async t => {
  if (!requireTransport(t, 'callers')) return
  if (!requireTool(t, 'setpriv')) return
  const { out, sh } = bootMounted(t)
  out(`modbox insmod ${MODULE}`)
  t.match(out('grep sculla mnt/proc/devices'), /^\d+ sculla\n$/)
  t.match(
    sh('exec 8< mnt/dev/scullsingle; cat mnt/dev/scullsingle', ALICE).err,
    /scullsingle: Device or resource busy/,
  )
  t.equal(
    sh('exec 8< mnt/dev/sculluid; echo hers > mnt/dev/sculluid && cat <&8', ALICE).out,
    'hers\n',
    'a user may come back',
  )
  const together = (device: string, bob: string) =>
    sh(
      `setpriv --reuid=${ALICE.uid} --clear-groups sleep 60 < mnt/dev/${device} & sleep=$!
       until grep -q '^[1-9]' mnt/sys/module/scullaccess/refcnt; do sleep 0.05; done
       setpriv --reuid=${BOB.uid} --clear-groups ${bob} < /dev/null
       kill $sleep; wait`,
    )
  t.match(together('sculluid', 'cat mnt/dev/sculluid').err, /Device or resource busy/)
  t.match(
    together('scullwuid', 'dd if=mnt/dev/scullwuid iflag=nonblock').err,
    /Resource temporarily unavailable/,
  )
  t.equal(sh('cat mnt/dev/scullwuid', BOB).status, 0)
  out('modbox rmmod scullaccess')
})

t.test('each terminal has its own scullpriv', async t => {
  if (!requireTransport(t, 'callers')) return
  if (!requireTool(t, 'script') || !requireTool(t, 'setsid')) return
  const { out, sh } = bootMounted(t)
  out(`modbox insmod ${MODULE}`)
  t.match(sh('setsid -w cat mnt/dev/scullpriv').err, /Invalid argument/)
  const inTerminal = (command: string) =>
    out(`script -qec '${command}' /dev/null < /dev/null`)
  // Two terminals at once: one that ends would leave its number to the next.
  const outer = inTerminal(
    `echo outer > mnt/dev/scullpriv; script -qec "echo inner > mnt/dev/scullpriv; cat mnt/dev/scullpriv" /dev/null; cat mnt/dev/scullpriv`,
  )
  // A terminal shows the end of its input, too.
  t.strictSame(outer.match(/\b(?:inner|outer)\b/g), ['inner', 'outer'])
  out('modbox rmmod scullaccess')
})
