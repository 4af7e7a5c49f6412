import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findMachine } from '../../src/syscall/locate.ts'
import type { HostView } from '../../src/syscall/locate.ts'
import { findMount, machineMounts, mountAround } from '../../src/syscall/mounts.ts'

const NONE = 'no machine is running (start one with: modbox boot)'

function host(cwd: string, view: Partial<HostView> = {}): HostView {
  return { env: {}, cwd, mounts: [], running: [], ...view }
}

t.test('machineMounts() reads the mount table', async t => {
  const table = [
    'proc /proc proc rw 0 0',
    'modbox /home/me/my\\040machine/mnt fuse rw,nosuid,nodev 0 0',
    'modbox /m2 fuse.modbox rw 0 0',
    'modbox /other ext4 rw 0 0',
    'sshfs /ssh fuse.sshfs rw 0 0',
    '',
  ].join('\n')
  t.same(machineMounts(table), ['/home/me/my machine/mnt', '/m2'])
})

t.test('findMount() follows links to a mount, and never goes into one', async t => {
  const dir = t.testdir({ real: { mnt: {} }, other: {} })
  const mount = join(dir, 'real/mnt')
  symlinkSync('real', join(dir, 'parent'))
  symlinkSync('real/mnt', join(dir, 'direct'))
  symlinkSync('loop', join(dir, 'loop'))
  const rows = new Map([
    ['real/mnt', mount],
    ['real/../real/mnt', mount],
    ['parent/mnt', mount],
    ['direct', mount],
    ['other', undefined],
    ['missing/mnt', undefined],
    ['real/mnt/dev', undefined],
    ['loop', undefined],
  ])
  for (const [path, expected] of rows) {
    t.equal(findMount(join(dir, path), [mount]), expected, path)
  }
})

t.test('findMachine() takes the named one, else ./mnt, else the only one', async t => {
  const dir = t.testdir({ mnt: {}, other: {} })
  const mnt = { mountpoint: join(dir, 'mnt'), pid: 11 }
  const other = { mountpoint: join(dir, 'other'), pid: 22 }
  const two = host(dir, {
    mounts: [mnt.mountpoint, other.mountpoint],
    running: [mnt, other],
  })

  t.same(findMachine('other', two), other)
  t.same(findMachine(undefined, two), mnt)
  t.same(findMachine(undefined, { ...two, env: { MODBOX_MNT: other.mountpoint } }), other)
  t.same(findMachine('mnt', { ...two, env: { MODBOX_MNT: 'other' } }), mnt)
  t.same(
    findMachine(undefined, host('/', { mounts: two.mounts, running: [other] })),
    other,
  )
})

t.test('findMachine() takes the machine around it, whose /dev is at /dev', async t => {
  const outside = { mountpoint: '/m', pid: 11 }
  const other = { mountpoint: '/other', pid: 22 }
  const mounts = ['/m', '/other', '/dev']
  const inside = host('/', { mounts, around: '/m', running: [outside, other] })
  t.same(findMachine(undefined, inside), { mountpoint: '/', pid: 11 })
  t.same(findMachine('/m', inside), { mountpoint: '/', pid: 11 })
  t.same(findMachine('/other', inside), other)
})

t.test('a machine that was booted for one program is no other program’s', async t => {
  const machine = { mountpoint: '/m', pid: 11, private: true }
  const outside = host('/', { mounts: ['/m'], running: [machine] })
  t.equal(findMachine(undefined, outside), NONE)
  t.same(findMachine('/m', outside), machine)
})

t.test('mountAround() finds the machine whose /dev is the process’s own', async t => {
  const table = [
    '22 1 0:20 / /proc rw - proc proc rw',
    '40 1 0:45 / /home/me/my\\040machine/mnt rw,nosuid - fuse.modbox modbox rw',
    '41 1 0:46 / /m2 rw,nosuid - fuse.modbox modbox rw',
  ]
  t.equal(mountAround(table.join('\n')), undefined)
  const inside = [...table, '50 1 0:45 /.run/dev /dev rw - fuse.modbox modbox rw']
  t.equal(mountAround(inside.join('\n')), '/home/me/my machine/mnt')
})

t.test('findMachine() says in one sentence why there is none', async t => {
  const machines = [
    { mountpoint: '/a', pid: 1 },
    { mountpoint: '/b', pid: 2 },
  ]
  t.equal(findMachine(undefined, host('/')), NONE)
  t.equal(findMachine('x', host('/')), 'no machine is running at x')
  t.equal(
    findMachine('/a', host('/', { mounts: ['/a'] })),
    'the machine at /a is dead: nobody serves its mount (unmount it with: umount -l /a)',
  )
  t.equal(
    findMachine(undefined, host('/', { mounts: ['/a', '/b'], running: machines })),
    'several machines are running, choose one with --machine: /a (pid 1), /b (pid 2)',
  )
  t.equal(
    findMachine(undefined, host('/', { running: machines })),
    NONE,
    'in another mount namespace',
  )
})
