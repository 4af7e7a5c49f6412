// System calls that come to the machine under `modbox run`: module loading, the log, ioctls that a
// mount cannot carry.
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireRun } from '../harness/run.ts'
import { asleep, rest, supervisorOf, waiting, withIoctls } from '../harness/run_ioctl.ts'

const PROGRAMS = join(packageRoot(), 'test/programs')
const HELLO = join(packageRoot(), 'drivers/hello/hello.ko')

const IOCTLS = `by value: 5
by value, both ways: 6
number 1: 11
number 2: 0
block size 4096
FIONREAD: 12
unknown: Inappropriate ioctl for device
long text: 0
99 bytes
pointer inside: 0
16 after
bad pointer inside: Bad address
bad pointer: Bad address
epoll without poll: Operation not permitted
epoll of the log: 0
epoll of an attribute: 0
epoll of a pipe: 0
epoll of a folder: Operation not permitted
epoll of nothing: Bad file descriptor
in a thread: 33
in a child: 44
by a copy: 55
closed: Bad file descriptor
no descriptor: Bad file descriptor
`

const MODULE_CALLS = `finit_module: 0
again: File exists
delete_module: 0
bad flags: Invalid argument
bad parameters: Bad address
position: 0
no descriptor: Bad file descriptor
a directory: Invalid argument
a device: Invalid argument
write-only: Bad file descriptor
O_PATH: Bad file descriptor
init_module: 0
not empty: No such file or directory
unknown: No such file or directory
bad name: Bad address
delete_module: 0
nothing: Exec format error
10 bytes: Exec format error
100 bytes: Exec format error
bad image: Bad address
klogctl clear: 0
klogctl read all: 0
klogctl NULL: Invalid argument
klogctl length: Invalid argument
klogctl level: Invalid argument
klogctl unknown: Invalid argument
`

t.test('every ioctl reaches the driver, and who cannot be polled says so', async t => {
  if (!requireRun(t, 'gcc')) return
  const machine = await withIoctls(t)
  t.equal(machine.out('modbox run ./ioctls /dev/runioctl'), IOCTLS)
})

t.test('module and log calls give each errno that Linux gives', async t => {
  if (!requireRun(t, 'gcc')) return
  const { out } = bootMounted(t)
  out(`gcc -Wall -Werror -o calls ${PROGRAMS}/module_calls.c`)
  t.equal(out(`modbox run ./calls ${HELLO} hello`), MODULE_CALLS)
})

const COMPRESSED = `good.ko.xz: as it is: Exec format error
good.ko.xz: compressed: 0
crc64.ko.xz: as it is: Exec format error
crc64.ko.xz: compressed: Invalid argument
cut.ko.xz: as it is: Exec format error
cut.ko.xz: compressed: Invalid argument
good.ko.gz: as it is: Exec format error
good.ko.gz: compressed: Invalid argument
good.ko: as it is: File exists
good.ko: compressed: Invalid argument
`

t.test('the kernel decompresses what xz has made for it', async t => {
  if (!requireRun(t, 'gcc', 'insmod', 'xz', 'gzip')) return
  const { out } = bootMounted(t)
  out(`gcc -Wall -Werror -o calls ${PROGRAMS}/module_calls.c && cp ${HELLO} good.ko`)
  out(
    'xz --check=crc32 -k good.ko; xz --check=crc64 -c good.ko > crc64.ko.xz; gzip -k good.ko',
  )
  out('head -c 1000 good.ko.xz > cut.ko.xz')
  const files = 'good.ko.xz crc64.ko.xz cut.ko.xz good.ko.gz good.ko'
  t.equal(out(`modbox run ./calls --compressed ${files}`), COMPRESSED)
  t.match(
    out('modbox dmesg --notime'),
    /with status 6\n.*with status 7\n.*(not an xz compressed module\n){2}$/s,
  )
  t.equal(
    out('modbox run bash -c "rmmod hello; insmod good.ko.xz && lsmod"').slice(0, 5),
    'Modul',
    'insmod does it by itself',
  )
})

const SIGIO = `no signal
F_SETOWN: 0
owner is me: 1
F_SETFL: 0
I/O possible
F_SETSIG: 0
User defined signal 1
bad signal: Invalid argument
FIOASYNC: 0
F_SETOWN nobody: 0
no signal
`

t.test('a program is sent SIGIO when its device has something to read', async t => {
  if (!requireRun(t, 'gcc')) return
  const { out } = bootMounted(t, '--load-samples')
  out('modbox modprobe scullpipe')
  out(`gcc -Wall -Werror -o sigio ${PROGRAMS}/sigio.c`)
  t.equal(out('modbox run ./sigio /dev/scullpipe0'), SIGIO)
})

const SIGIO_OF_OTHERS = `O_ASYNC: 0
F_SETOWN a child: 0
bi
F_SETOWN their group: 0
aibi
F_SETSIG: 0
arbr
F_SETOWN_EX: 0
ar
of a thread: 0
br
of nobody: No such process
`

t.test('other processes and groups of them can be sent SIGIO, too', async t => {
  if (!requireRun(t, 'gcc')) return
  const { out } = bootMounted(t, '--load-samples')
  out('modbox modprobe scullpipe')
  out(`gcc -Wall -Werror -o sigio ${PROGRAMS}/sigio_others.c`)
  t.equal(out('modbox run ./sigio /dev/scullpipe0'), SIGIO_OF_OTHERS)
})

t.test('a signal ends a sleeping ioctl, or has it made anew', async t => {
  if (!requireRun(t, 'gcc')) return
  const machine = await withIoctls(t)
  const interrupted = await waiting(t, machine, 'wait')
  interrupted.kill('SIGUSR1')
  t.equal(await rest(interrupted), 'waited: Interrupted system call\n')

  const restarted = await waiting(t, machine, 'restart')
  restarted.kill('SIGUSR1')
  await asleep(machine)
  t.equal(machine.out('modbox run ./ioctls /dev/runioctl wake'), 'woke: 0\n')
  t.equal(await rest(restarted), 'waited: 1\n')
})

t.test('a signal to a process is one thread’s, and the others sleep on', async t => {
  if (!requireRun(t, 'gcc')) return
  const machine = await withIoctls(t)
  const program = await waiting(t, machine, 'threads', 3)
  program.kill('SIGUSR1')
  const text = rest(program)
  await asleep(machine, 2)
  machine.out('sleep 0.2') // for a signal that is taken for theirs
  await asleep(machine, 2)
  t.equal(machine.out('modbox run ./ioctls /dev/runioctl wake'), 'woke: 0\n')
  t.equal(
    await text,
    'waited: Interrupted system call\nthread waited: 1\nthread waited: 1\n',
  )
})

t.test('who is killed while his call is served leaves nothing behind', async t => {
  if (!requireRun(t, 'gcc')) return
  const machine = await withIoctls(t)
  const killed = await waiting(t, machine, 'wait')
  killed.kill('SIGKILL')
  await once(killed, 'close')
  t.equal(
    machine.out('until modbox rmmod runioctl 2>/dev/null; do sleep 0.1; done; echo gone'),
    'gone\n',
  )
})

t.test('when the supervisor dies, nobody waits for it', async t => {
  if (!requireRun(t, 'gcc')) return
  const machine = await withIoctls(t)
  const program = await waiting(t, machine, 'wait')
  const supervisor = supervisorOf(machine)
  process.kill(supervisor, 'SIGKILL')
  t.equal(await rest(program), 'waited: Function not implemented\n')
  t.equal(
    machine.out('until modbox rmmod runioctl 2>/dev/null; do sleep 0.1; done; echo gone'),
    'gone\n',
  )
})

t.test('when the machine dies, nobody waits for it', async t => {
  if (!requireRun(t, 'gcc')) return
  const machine = await withIoctls(t)
  const program = await waiting(t, machine, 'wait')
  process.kill(machine.pid, 'SIGKILL')
  t.equal(await rest(program), 'waited: Transport endpoint is not connected\n')
})
