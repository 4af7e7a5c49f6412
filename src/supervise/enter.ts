// The program before the program: in a new mount namespace it mounts the machine's files, puts itself
// under its supervisor, and becomes the command that was asked for.
//
//   enter.js CONTROL MOUNTPOINT COMMAND [ARGUMENT…]
//
// CONTROL is a socket that leads to the supervisor (main.ts).

import { closeSync, readSync } from 'node:fs'
import { callNumbers } from '../host/call_numbers.ts'
import { type Host, openHost } from '../host/host.ts'
import { inUserNamespace } from '../host/user_namespace.ts'
import { become } from './become.ts'
import { seccompFilter } from './filter.ts'
import { enterNamespace } from './namespace.ts'
import { whyNoFilter } from './permitted.ts'

function superviseMe(host: Host, control: number): void {
  const filter = seccompFilter({ numbers: callNumbers(), mknod: inUserNamespace() })
  const listener = host.seccomp.listen(filter)
  if (listener < 0) throw new Error(whyNoFilter(-listener))

  const err = host.sockets.sendDescriptor(control, listener)
  if (err) throw new Error(`Cannot reach the supervisor: error ${-err}`)
  closeSync(listener)
  const answer = Buffer.alloc(256)
  const n = readSync(control, answer)
  if (n === 0) throw new Error('Cannot start: the supervisor has ended')
  const text = answer.toString('utf8', 0, n)
  if (text !== 'ok') throw new Error(text)
  closeSync(control)
}

async function main(): Promise<void> {
  const [control, mountpoint = '', ...command] = process.argv.slice(2)
  const host = await openHost()
  if (!host) throw new Error('Cannot enter a machine without the koffi package')

  enterNamespace(host, mountpoint)
  superviseMe(host, Number(control))
  become(host, command)
}

try {
  await main()
} catch (error) {
  console.error(`modbox: ${(error as Error).message}`)
  process.exit(1)
}
