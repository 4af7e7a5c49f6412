import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, closeSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { mount, unmount } from '../../src/fuse/mount.ts'
import { MountError } from '../../src/fuse/mount_error.ts'
import { mountedOn, parseMountinfo } from '../../src/fuse/mount_table.ts'
import { MNT_DETACH } from '../../src/host/constants.ts'
import { openFilesOf } from '../harness/descriptors.ts'
import { requireThat, requireTool } from '../harness/require.ts'
import { mayMount, mountFolder, requireHost } from '../harness/tiny_mount.ts'
import { isPublic, runScript } from '../harness/script.ts'

t.test('parseMountinfo() undoes the escapes', async t => {
  const text =
    '36 35 0:30 / /mnt rw,relatime shared:1 - ext4 /dev/vda rw\n' +
    '41 36 0:44 / /mnt/a\\040b\\134c rw - fuse.modbox modbox rw,user_id=0\n'
  t.same(parseMountinfo(text), [
    { id: 36, mountpoint: '/mnt', device: '0:30', type: 'ext4', source: '/dev/vda' },
    {
      id: 41,
      mountpoint: '/mnt/a b\\c',
      device: '0:44',
      type: 'fuse.modbox',
      source: 'modbox',
    },
  ])
})

t.test('mount() says in a sentence why it cannot', async t => {
  const host = await requireHost()
  const dir = t.testdir({ file: 'text' })
  const refused = async (path: string, message: string): Promise<void> => {
    await t.rejects(mount(path, host), new MountError(message))
  }
  await refused(
    join(dir, 'none'),
    `Cannot mount on "${join(dir, 'none')}": no such folder`,
  )
  await refused(join(dir, 'file'), `Cannot mount on "${join(dir, 'file')}": not a folder`)
  await refused('/proc', 'Cannot mount on "/proc": proc is mounted there already')
})

t.test('a mount has the options that keep it harmless', async t => {
  if (!mayMount(t)) return
  const host = await requireHost()
  const { fd, mountpoint, way } = await mount(mountFolder(t), host)
  t.equal(way, 'mount(2)')

  const line = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find(line => line.split(' ')[1] === mountpoint)
  t.match(line, /^modbox \S+ fuse\.modbox rw,nosuid,nodev,/)
  t.match(line, /user_id=0,group_id=0,default_permissions,allow_other/)

  await t.rejects(mount(mountpoint, host), {
    message: `Cannot mount on "${mountpoint}": fuse.modbox is mounted there already`,
  })
  closeSync(fd)
})

t.test('a dead mount is cleaned up by the next', async t => {
  if (!mayMount(t)) return
  const host = await requireHost()
  const dir = mountFolder(t)
  const first = await mount(dir, host)
  closeSync(first.fd)

  const second = await mount(dir, host)
  t.equal(second.mountpoint, first.mountpoint)
  closeSync(second.fd)
})

t.test('children do not inherit the descriptor', async t => {
  if (!mayMount(t)) return
  const host = await requireHost()
  const { fd } = await mount(mountFolder(t), host)

  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  t.teardown(() => child.kill())
  await once(child, 'spawn')
  const open = openFilesOf(child.pid ?? 0)
  t.notOk(open.includes('/dev/fuse'), open.join(' '))
  closeSync(fd)
})

t.test('unmount() detaches even when files are open', async t => {
  if (!mayMount(t)) return
  const host = await requireHost()
  const { fd, mountpoint } = await mount(mountFolder(t), host)
  // A mount upon the mount keeps it busy.
  const inner = host.mounts.mount('none', mountpoint, 'tmpfs', 0, '')
  if (inner === 0) t.teardown(() => host.mounts.umount2(mountpoint, MNT_DETACH))
  await unmount(mountpoint, host)
  if (inner === 0) await unmount(mountpoint, host)
  t.equal(mountedOn(mountpoint), undefined)
  closeSync(fd)
})

const MOUNT_AND_LOOK = `
  import { mount, unmount } from './src/fuse/mount.ts'
  import { mountedOn } from './src/fuse/mount_table.ts'
  import { openHost } from './src/host/host.ts'
  const host = await openHost()
  const { mountpoint, way } = await mount(process.argv[2], host)
  const type = mountedOn(mountpoint)?.type
  await unmount(mountpoint, host)
  console.log(way, type, mountedOn(mountpoint))
`

// In a mount namespace whose /dev/fuse all may open, as most systems have it.
const PUBLIC_DEVICE = `
  mknod "$1/fuse" c 10 229 && chmod 666 "$1/fuse" && mount --bind "$1/fuse" /dev/fuse || exit
  shift; exec "$@"
`

/** What to run before a command so that nobody runs it. */
function asNobody(dir: string): string[] {
  const user = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  return ['unshare', '-m', '/bin/sh', '-c', PUBLIC_DEVICE, 'sh', dir, ...user]
}

/** A folder of nobody's to mount on, and one for the script; undefined if that cannot be. */
function nobodysFolder(t: Test): { dir: string; mnt: string } | undefined {
  if (!mayMount(t)) return undefined
  if (!requireTool(t, 'setpriv') || !requireTool(t, 'unshare')) return undefined
  const dir = mountFolder(t, { mnt: {} })
  if (!requireThat(t, isPublic(dir), `other users cannot read ${dir}`)) return undefined

  const mnt = join(dir, 'mnt')
  chownSync(mnt, 65534, 65534)
  return { dir, mnt }
}

t.test('an ordinary user mounts with fusermount3', async t => {
  const folder = nobodysFolder(t)
  if (!folder || !requireTool(t, 'fusermount3')) return
  t.equal(
    await runScript(folder.dir, MOUNT_AND_LOOK, [folder.mnt], asNobody(folder.dir)),
    'fusermount3 fuse.modbox undefined\n',
  )
})

t.test('the root of a user namespace mounts by itself', async t => {
  const folder = nobodysFolder(t)
  if (!folder) return
  const inNamespace = [...asNobody(folder.dir), 'unshare', '-Urm']
  t.equal(
    await runScript(folder.dir, MOUNT_AND_LOOK, [folder.mnt], inNamespace),
    'mount(2) fuse.modbox undefined\n',
  )
})

t.test('without koffi mount(8) does it', async t => {
  if (!mayMount(t) || !requireTool(t, 'mount')) return
  const { fd, mountpoint, way } = await mount(mountFolder(t), undefined)
  t.equal(way, 'mount(8)')
  closeSync(fd)
  await unmount(mountpoint, undefined)
  t.equal(mountedOn(mountpoint), undefined)
})
