// Descriptors that drivers make for programs under `modbox run`.
import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packageRoot } from '../../src/package.ts'
import { GIVER } from '../harness/anon_driver.ts'
import { bootMounted, start } from '../harness/mounted.ts'
import { requireRun } from '../harness/run.ts'
import { asleep } from '../harness/run_ioctl.ts'

const PROGRAM = join(packageRoot(), 'test/programs/given.c')

const GIVEN = `the lowest free: 1
flags 02, close on exec 0
read: 1
letter a
write: 1
ioctl: 98
lseek: Illegal seek
pread: Illegal seek
poll: 1
anon_inode:[letter]
open again: No such device or address
in a child: 98
close: 0
at an address: 0
the lowest free: 1
nonblocking 1, close on exec 1
write: Bad file descriptor
at a bad address: Bad address
still free: 1
too many: Too many open files
in 8 threads: 8
late
late read: 1
`

async function withGiver(t: Test) {
  const machine = bootMounted(t)
  machine.out(`modbox insmod ${await machine.build('giver', GIVER)}`)
  machine.out(`gcc -Wall -Werror -pthread -o given ${PROGRAM}`)
  machine.out('modbox dmesg --clear')
  return machine
}

t.test('a program gets the descriptors that a driver makes for it', async t => {
  if (!requireRun(t, 'gcc')) return
  const { out } = await withGiver(t)
  t.equal(out('modbox run ./given /dev/giver'), GIVEN)
  const released = out('modbox dmesg --notime').split('\n')
  t.same(released.filter(line => line.includes('released')).sort(), [
    'anon_inode:[late] is released at l',
    ...Array.from({ length: 8 }, () => 'anon_inode:[letter] is released at a'),
    'anon_inode:[letter] is released at b',
    'anon_inode:[letter] is released at x',
    'anon_inode:[letter] is released at x',
  ])
  t.equal(out('modbox rmmod giver && echo gone'), 'gone\n')
})

t.test('who is killed before he has it leaves no file behind', async t => {
  if (!requireRun(t, 'gcc')) return
  const machine = await withGiver(t)
  const program = start(t, machine, 'modbox run ./given /dev/giver late')
  await once(program.stdout, 'data')
  await asleep(machine)
  program.kill('SIGKILL')
  await once(program, 'close')
  machine.out('echo > mnt/dev/giver')
  machine.out('until modbox rmmod giver 2>/dev/null; do sleep 0.1; done')
  t.match(machine.out('modbox dmesg'), /anon_inode:\[late\] is released at l/)
})

t.test('through the mount alone there are none, and the log says why', async t => {
  if (!requireRun(t, 'gcc')) return
  const { out } = await withGiver(t)
  t.equal(out('./given mnt/dev/giver once'), 'given: Too many open files\n')
  t.match(
    out('modbox dmesg --notime'),
    /modbox: given\[\d+\] gets no descriptor from a driver: run it by modbox run\n/,
  )
})
