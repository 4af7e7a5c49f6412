// bell through the mount: a C program waits with poll, select and epoll, a file in /sys rings.
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

t.test('poll, select and epoll hear the bell', async t => {
  if (!requireTransport(t, 'poll')) return
  if (!requireTool(t, 'gcc')) return
  const { out, sh } = bootMounted(t)
  out(`modbox insmod ${join(packageRoot(), 'drivers/bell/bell.ko')}`)
  out(`gcc -Wall -Werror -o bell ${join(packageRoot(), 'test/programs/bell.c')}`)
  t.equal(
    out('./bell mnt/dev/bell mnt/sys/class/misc/bell/ring'),
    `nothing yet: 0
poll: 2 ready; heard 1 and 1
select: 2 ready; heard 2 and 2
epoll: 2 ready; heard 3 and 3
blocked read: 4
no new edge: 0
`,
  )
  t.equal(out('cat mnt/sys/class/misc/bell/rung'), '10\n')
  t.match(sh('echo -1 > mnt/sys/class/misc/bell/ring').err, /Invalid argument/)
  out('modbox rmmod bell')
})
