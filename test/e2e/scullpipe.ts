// scullpipe through the mount: shells, and a C program that waits in every way there is.
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const MODULE = join(packageRoot(), 'drivers/scull/scullpipe.ko')

t.test('a C program waits for others', async t => {
  if (!requireTransport(t, 'two calls at once', 'poll')) return
  if (!requireTool(t, 'gcc')) return
  const { out } = bootMounted(t)
  out(`modbox insmod ${MODULE} buffer=16`)
  out(
    `gcc -Wall -Werror -o scullpipe ${join(packageRoot(), 'test/programs/scullpipe.c')}`,
  )
  t.equal(
    out('./scullpipe mnt/dev/scullpipe0'),
    `read of nothing: Resource temporarily unavailable
ready: 0x4
write too much: 15
ready: 0x1
write on: Resource temporarily unavailable
read all: 15
seek: Illegal seek
bad pointer: Bad address
blocked read: 1
writer: 0
blocked write: 1
reader: 0
poll in vain: 0
poll: 1
writer: 0
select: 1
writer: 0
epoll, by edge: 1
writer: 0
epoll, by edge: 1
writer: 0
no edge: 0
read both: 2
`,
  )
  out('modbox rmmod scullpipe')
})

t.test('shells: a whole file goes through a small pipe', async t => {
  const { out } = bootMounted(t)
  out(`modbox insmod ${MODULE} buffer=64 nr_devs=1`)
  out('seq 1 500 > numbers')
  t.equal(
    out(`wc -c < numbers > size
         head -c "$(cat size)" mnt/dev/scullpipe0 > copy & cat numbers > mnt/dev/scullpipe0
         wait; cmp numbers copy && echo same`),
    'same\n',
  )
  t.match(out('cat mnt/proc/devices'), / scullp\n/)
  out('modbox rmmod scullpipe')
})
