// Mounting as an ordinary user: fusermount3 mounts, and sends the descriptor back over a socket.

import { closeSync } from 'node:fs'
import type { Host } from '../host/host.ts'
import { run } from './command.ts'
import { MountError } from './mount_error.ts'

/** The mounted descriptor. Throws MountError. */
export async function mountWithFusermount(
  mountpoint: string,
  host: Host,
  options: readonly string[],
): Promise<number> {
  const pair = host.sockets.pair()
  if (typeof pair === 'number') {
    throw new MountError(`Cannot mount: error ${-pair} of socketpair(2)`)
  }
  const [ours, theirs] = pair
  try {
    const args = ['-o', options.join(','), '--', mountpoint]
    const env = { ...process.env, _FUSE_COMMFD: '3' }
    const { status, stderr } = await run('fusermount3', args, { inherited: theirs, env })
    if (status === 127) {
      throw new MountError(
        'Cannot mount: only root can without fusermount3 (package fuse3)',
      )
    }
    if (status !== 0) throw new MountError(`Cannot mount on "${mountpoint}": ${stderr}`)
    return receive(host, ours)
  } finally {
    closeSync(ours)
    closeSync(theirs)
  }
}

function receive(host: Host, socket: number): number {
  const fd = host.sockets.receiveDescriptor(socket)
  if (fd >= 0) return fd
  throw new MountError(`Cannot mount: fusermount3 sent no descriptor (error ${-fd})`)
}
