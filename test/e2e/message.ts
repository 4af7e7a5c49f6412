// A C program and the message driver: strings, structs and wrong pointers in ioctls.
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireThat, requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const SOURCE = join(packageRoot(), 'test/programs/message.c')
const COMPAT = join(packageRoot(), 'test/programs/message_compat.c')
const MESSAGE = join(packageRoot(), 'drivers/message/message.ko')

const EXPECTED = `set: 0
get: 0
hello world
nth: 111
nth of many: Invalid argument
nth below 0: Invalid argument
part: 0
size 4 text worl..
options: 0
info: 0
length 11 upper 1 times 1 who message
first byte: 72
later options: 0
unknown options: Argument list too long
part at NULL: Bad address
part in the kernel: Bad address
set from PROT_NONE: Bad address
set too much: Invalid argument
set over the edge: Bad address
set: 0
get to a read-only page: Bad address
get to PROT_NONE: Bad address
get across: Bad address
hello|xxx
part up to the edge: 0
part over the edge: Bad address
hhello world
unknown: Inappropriate ioctl for device
`

t.test('a program and a driver share structs and strings', async t => {
  if (!requireTransport(t, 'ioctl')) return
  if (!requireTool(t, 'gcc')) return
  const { out } = bootMounted(t)
  out(`modbox insmod ${MESSAGE}`)
  out(`gcc -Wall -Werror -o message ${SOURCE}`)
  t.equal(out('./message mnt/dev/message'), EXPECTED)
})

/** What the program says of a host without system calls of 32 bits. */
const NO_COMPAT = 77

t.test('a program of 32 bits reaches drivers that have a compat_ioctl', async t => {
  if (!requireTransport(t, 'ioctl')) return
  if (!requireTool(t, 'gcc')) return
  const { out, sh } = bootMounted(t, '--load-samples')
  out(`modbox insmod ${MESSAGE}`)
  out(`gcc -Wall -Werror -o compat ${COMPAT}`)
  const ran = sh('./compat mnt/dev/message')
  if (!requireThat(t, ran.status !== NO_COMPAT, 'the host has no 32-bit system calls')) {
    return
  }
  t.equal(ran.out, 'nth 109\ninfo 0\nlength 5\nbad pointer -14\n')
  t.equal(
    sh('./compat mnt/dev/scull0').out,
    'nth -25\ninfo -25\nlength 0\nbad pointer -25\n',
    'others are ENOTTY',
  )
})
