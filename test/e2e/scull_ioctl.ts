// A C program that was not written with us in mind talks to scull.
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const SOURCE = join(packageRoot(), 'test/programs/scull_ioctl.c')

t.test('ioctls reach into the memory of the program', async t => {
  if (!requireTransport(t, 'ioctl')) return
  if (!requireTool(t, 'gcc')) return
  const { out } = bootMounted(t, '--load-samples')
  out(`gcc -Wall -Werror -o scull_ioctl ${SOURCE}`)
  t.equal(
    out('./scull_ioctl mnt/dev/scull0'),
    `reset: 0
get: 0
capacity 4096
set: 0
write: 8
write on: No space left on device
get size: 0
size 8
set 0: Invalid argument
bad pointer: Bad address
read-only page: Bad address
unknown: Inappropriate ioctl for device
not a terminal: Inappropriate ioctl for device
`,
  )
})
