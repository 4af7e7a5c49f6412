// Getting a /dev/fuse descriptor that serves a folder, and giving the folder back.
//
// Four ways, tried in this order: mount(2), for root and for the root of a user namespace;
// fusermount3, which is set-uid, for everyone else; mount(8), where libc cannot be called.
// The descriptor is close-on-exec always: were it open in another process too, the mount would
// outlive this one.

import {
  closeSync,
  constants,
  existsSync,
  openSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { MNT_DETACH, MS_NODEV, MS_NOSUID } from '../host/constants.ts'
import type { Host } from '../host/host.ts'
import { inUserNamespace } from '../host/user_namespace.ts'
import { EPERM } from '../include/uapi/errno.ts'
import { run } from './command.ts'
import { mountWithFusermount } from './fusermount.ts'
import { mountedOn } from './mount_table.ts'
import type { MountEntry } from './mount_table.ts'
import { MountError } from './mount_error.ts'

export const FUSE_DEVICE = '/dev/fuse'
export const NO_FUSE = `Cannot mount: this system has no ${FUSE_DEVICE} (try "modprobe fuse" as root)`
/** How long a living daemon may take to answer, in milliseconds. */
const PATIENCE = 1000
/** As /proc/mounts shows it; also how a later boot knows a dead mount as ours. */
export const SOURCE = 'modbox'
export const FILESYSTEM = 'fuse.modbox'

export type MountWay = 'mount(2)' | 'fusermount3' | 'mount(8)'

export interface Mounted {
  /** An open /dev/fuse: the caller's to close. */
  fd: number
  /** Absolute, without symbolic links. */
  mountpoint: string
  way: MountWay
}

/** Mount on `folder`. Throws MountError, whose message is one sentence for the user. */
export async function mount(folder: string, host: Host | undefined): Promise<Mounted> {
  const mountpoint = await prepareMountpoint(folder, host)
  if (!host) return await mountWithCommand(mountpoint)

  const mounted = mountDirectly(mountpoint, host)
  if (mounted) return mounted

  const fd = await mountWithFusermount(mountpoint, host, ['nodev', 'nosuid', ...OPTIONS])
  return { fd, mountpoint, way: 'fusermount3' }
}

/** Detach the mount, even while programs have files open in it. Throws MountError. */
export async function unmount(mountpoint: string, host: Host | undefined): Promise<void> {
  if (host && (await host.mounts.umount2InBackground(mountpoint, 0))) return
  if (host && (await host.mounts.umount2InBackground(mountpoint, MNT_DETACH))) return
  if (mountedOn(mountpoint)?.type !== FILESYSTEM) return

  const byRoot = host === undefined && process.geteuid?.() === 0
  const [command, args] = byRoot
    ? (['umount', ['-l', mountpoint]] as const)
    : (['fusermount3', ['-u', '-z', '--', mountpoint]] as const)
  const { status, stderr } = await run(command, args)
  if (status !== 0) throw new MountError(`Cannot unmount "${mountpoint}": ${stderr}`)
}

const OPTIONS = ['default_permissions', `fsname=${SOURCE}`, 'subtype=modbox']

/**
 * `folder` as a mount point: its real path. A dead mount of ours is taken away first. Throws MountError
 * where nothing can be mounted.
 */
export async function prepareMountpoint(
  folder: string,
  host: Host | undefined,
): Promise<string> {
  await removeDeadMount(folder, host)

  const stat = statSync(folder, { throwIfNoEntry: false })
  if (!stat) throw new MountError(`Cannot mount on "${folder}": no such folder`)
  if (!stat.isDirectory())
    throw new MountError(`Cannot mount on "${folder}": not a folder`)

  const mountpoint = realpathSync(folder)
  const other = mountedOn(mountpoint)
  if (other) throw busy(folder, other)
  return mountpoint
}

/**
 * A daemon that was killed can leave a mount on which every call fails. Throws MountError if
 * the mount is alive. Until that is known nobody here may touch it: if its daemon hangs, or
 * is this very process, the call would never return.
 */
async function removeDeadMount(folder: string, host: Host | undefined): Promise<void> {
  const path = resolve(folder)
  if (!existsSync(dirname(path))) return

  const mountpoint = join(realpathSync(dirname(path)), basename(path))
  const mounted = mountedOn(mountpoint)
  if (mounted?.type !== FILESYSTEM) return
  if (!(await isDead(mountpoint))) throw busy(folder, mounted)

  await unmount(mountpoint, host)
  await removeDeadMount(folder, host) // there may be several, one upon the other
}

/** A child that waits for a daemon can be killed; a thread of ours could not. */
async function isDead(mountpoint: string): Promise<boolean> {
  const { status } = await run('test', ['-d', mountpoint], { timeout: PATIENCE })
  return status === 1
}

function busy(folder: string, other: MountEntry): MountError {
  return new MountError(
    `Cannot mount on "${folder}": ${other.type} is mounted there already`,
  )
}

/** mount(2); undefined if this user may not. */
function mountDirectly(mountpoint: string, host: Host): Mounted | undefined {
  const ours = process.geteuid?.() ?? 0
  const fd = openFuseDevice()
  if (fd === undefined) return undefined

  const options = [
    `fd=${fd}`,
    'rootmode=40000',
    `user_id=${ours}`,
    `group_id=${process.getegid?.() ?? 0}`,
    'default_permissions',
  ]
  // In a user namespace there is nobody else to allow.
  if (ours === 0 && !inUserNamespace()) options.push('allow_other')

  const flags = MS_NODEV | MS_NOSUID
  const err = host.mounts.mount(SOURCE, mountpoint, FILESYSTEM, flags, options.join(','))
  if (err === 0) return { fd, mountpoint, way: 'mount(2)' }

  closeSync(fd)
  if (err === -EPERM) return undefined
  throw new MountError(`Cannot mount on "${mountpoint}": error ${-err} of mount(2)`)
}

/** mount(8) gets the descriptor as its number 3. */
async function mountWithCommand(mountpoint: string): Promise<Mounted> {
  if (process.geteuid?.() !== 0) {
    throw new MountError('Cannot mount: only root can without the koffi package')
  }
  const fd = openFuseDevice()
  if (fd === undefined) {
    throw new MountError(`Cannot mount: no permission to open ${FUSE_DEVICE}`)
  }
  const options =
    'fd=3,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions'
  const args = [
    '-i',
    '-t',
    FILESYSTEM,
    '-o',
    `nodev,nosuid,${options}`,
    SOURCE,
    mountpoint,
  ]
  const { status, stderr } = await run('mount', args, { inherited: fd })
  if (status === 0) return { fd, mountpoint, way: 'mount(8)' }

  closeSync(fd)
  throw new MountError(`Cannot mount on "${mountpoint}": ${stderr}`)
}

/** undefined if this user may not. Throws MountError where nobody can. */
function openFuseDevice(): number | undefined {
  try {
    return openSync(FUSE_DEVICE, constants.O_RDWR)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EACCES' || code === 'EPERM') return undefined
    throw new MountError(NO_FUSE)
  }
}
