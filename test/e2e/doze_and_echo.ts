// The drivers doze and echo through the mount, with shells and a program that does not want to wait.
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const module = (name: string) => join(packageRoot(), `drivers/${name}/${name}.ko`)

t.test('doze: a file in /proc that only one program can have open', async t => {
  if (!requireTransport(t, 'lone signals')) return
  if (!requireTool(t, 'gcc')) return
  const { out, sh } = bootMounted(t)
  out(
    `gcc -Wall -Werror -o cat_nonblock ${join(packageRoot(), 'test/programs/cat_nonblock.c')}`,
  )
  out(`modbox insmod ${module('doze')}`)
  out('echo asleep > mnt/proc/doze')
  t.equal(out('./cat_nonblock mnt/proc/doze'), 'asleep\n')

  const busy = sh('exec 8< mnt/proc/doze; ./cat_nonblock mnt/proc/doze')
  t.equal(busy.out, 'Open would block\n')
  t.equal(busy.status, 2)

  // The second cat sleeps in open(2) until the shell lets go.
  t.equal(
    out(`exec 8< mnt/proc/doze
         (timeout 10 cat mnt/proc/doze; echo done) 8<&- &
         timeout 0.3 cat mnt/proc/doze || echo "interrupted: $?"
         exec 8<&-; wait`),
    'interrupted: 124\nasleep\ndone\n',
  )
  out('modbox rmmod doze')
})

t.test('echo: everybody writes, and is named', async t => {
  if (!requireTransport(t, 'callers')) return
  if (!requireTool(t, 'setpriv')) return
  const { out, sh } = bootMounted(t)
  out(`modbox insmod ${module('echo')}`)
  t.match(out('ls -l mnt/dev/echo'), /^crw-rw-rw- 1 root root 10, /)
  t.match(out('cat mnt/proc/misc'), /^ *\d+ echo\n/)
  out('echo hello > mnt/dev/echo')
  t.equal(out('cat mnt/dev/echo'), '0: hello\n')
  t.equal(sh('echo me > mnt/dev/echo', { uid: 65534 }).status, 0)
  t.equal(out('cat mnt/dev/echo'), '65534: me\n')
  out('modbox rmmod echo')
  t.match(sh('cat mnt/dev/echo').err, /No such file or directory/)
})
