// The supervisor's process: one for each `modbox run`, from before its command begins until the last
// program that it has started is over.
//
//   main.js MOUNTPOINT [last]
//
// Descriptor 3 is a socket to enter.ts, which sends the listener and waits for "ok", or for the reason
// why not.

import { closeSync, writeSync } from 'node:fs'
import { type Host, openHost } from '../host/host.ts'
import { EAGAIN } from '../include/uapi/errno.ts'
import { Supervisor } from './supervisor.ts'

const CONTROL = 3

/** Call `got` with the listener when it comes. No program comes if the other end is closed. */
function awaitListener(host: Host, got: (listener: number) => void): void {
  const watch = host.readiness.readable(CONTROL, () => {
    const listener = host.sockets.receiveDescriptor(CONTROL)
    if (listener === -EAGAIN) return
    watch.close()
    if (listener < 0) process.exit(1)
    got(listener)
  })
}

function tell(text: string): void {
  try {
    writeSync(CONTROL, text)
    closeSync(CONTROL)
  } catch {
    // Killed in the meantime: the listener tells.
  }
}

async function main(): Promise<void> {
  const [mountpoint = '', last] = process.argv.slice(2)
  process.chdir('/') // keep no folder busy
  const host = await openHost()
  if (!host) throw new Error('Cannot supervise without the koffi package')

  const supervisor = new Supervisor({
    host,
    mountpoint,
    last: last !== undefined,
    ended: () => process.exit(0),
  })
  awaitListener(host, listener => {
    supervisor.serve(listener)
    tell('ok')
  })
}

try {
  await main()
} catch (error) {
  tell((error as Error).message)
  process.exit(1)
}
