// Which transport serves a machine, and why that one.

import type { Host } from '../host/host.ts'
import { DevFuse } from './devfuse.ts'
import { MountError } from './mount_error.ts'
import { FuseNative } from './native.ts'
import type { Transport } from './transport.ts'

export interface Choice {
  transport: Transport
  /** For the log: "preferred". */
  why: string
}

/**
 * The transport called `name`, on `folder`; 'auto' is devfuse, or fuse-native where devfuse cannot mount.
 * Throws MountError, or a plain Error for a name that there is not.
 */
export async function chooseTransport(
  name: string,
  folder: string,
  host: Host | undefined,
): Promise<Choice> {
  const why = 'as asked for'
  switch (name) {
    case 'auto':
      return await preferDevFuse(folder, host)
    case 'devfuse':
      return { transport: await DevFuse.mount(folder, host), why }
    case 'fuse-native':
      return { transport: await FuseNative.open(folder, host), why }
    default:
      throw new Error(
        `there is no transport "${name}": only devfuse, fuse-native and auto`,
      )
  }
}

async function preferDevFuse(folder: string, host: Host | undefined): Promise<Choice> {
  try {
    return { transport: await DevFuse.mount(folder, host), why: 'preferred' }
  } catch (error) {
    if (!(error instanceof MountError)) throw error
    const transport = await FuseNative.open(folder, host).catch(() => {
      throw error // of two reasons the first one tells what to do
    })
    return { transport, why: `not devfuse: ${error.message}` }
  }
}
