// The transport that tests boot their machines on: devfuse, or that of MODBOX_TEST_TRANSPORT.

import type { Test } from 'tap'

/** What docs/transports.md says that fuse-native does not carry. */
export type Need =
  | 'callers' // their pids, names and memory; signals sent to them; other users
  | 'device nodes' // that look like device nodes
  | 'files without names' // that are open still
  | 'ioctl'
  | 'lone signals' // one of several programs that sleep alike
  | 'mapped memory'
  | 'open flags' // all of them, and their changes
  | 'poll'
  | 'positions' // pread(2), ESPIPE
  | 'run' // modbox run
  | 'two calls at once' // on one file, while one sleeps

export function testTransport(): string {
  return process.env.MODBOX_TEST_TRANSPORT ?? 'devfuse'
}

/**
 * Whether the transport carries all that. If not, the test is skipped with the reason: it is so, and
 * no failure even where nothing may be skipped. Call it first in a test.
 */
export function requireTransport(t: Test, ...needs: Need[]): boolean {
  if (testTransport() !== 'fuse-native') return true
  t.plan(0, `fuse-native does not carry ${needs.join(', ')}`)
  return false
}
