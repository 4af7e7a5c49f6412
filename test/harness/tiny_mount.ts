// A TinyFs mounted in a test's own folder, served by the test's own process. So the test may reach
// it through child processes only, and never wait for one synchronously.

import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { mount, unmount } from '../../src/fuse/mount.ts'
import type { Mounted } from '../../src/fuse/mount.ts'
import { mountTable } from '../../src/fuse/mount_table.ts'
import { Session } from '../../src/fuse/session.ts'
import { openHost } from '../../src/host/host.ts'
import type { Host } from '../../src/host/host.ts'
import { requireThat } from './require.ts'
import { TinyFs } from './tiny_fs.ts'
import type { TinyFile } from './tiny_fs.ts'

export const execute = promisify(execFile)

export interface TinyMount {
  /** The mount point. */
  dir: string
  fs: TinyFs
  session: Session
  mounted: Mounted
  /** What the hooks were told: panics and bad replies. */
  complaints: string[]
  /** Settles when the host has ended the session, with its error. */
  ended: Promise<number>
  unmount(): Promise<void>
}

export function hasFuse(): boolean {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Otherwise the test is skipped. */
export function mayMount(t: Test): boolean {
  return requireThat(t, hasFuse() && process.geteuid?.() === 0, 'cannot mount as root')
}

/**
 * A folder of the test's to mount in; what is mounted there when the test ends is unmounted
 * before tap removes the folder. For that it must be the test's first testdir().
 */
export function mountFolder(
  t: Test,
  content: Record<string, string | object> = {},
): string {
  t.teardown(async () => {
    const mounts = mountTable().filter(entry =>
      entry.mountpoint.startsWith(t.testdirName),
    )
    for (const { mountpoint } of mounts) await execute('umount', ['-l', mountpoint])
  })
  return t.testdir(content as Parameters<Test['testdir']>[0])
}

/** Serve `files`; without `host` over node's thread pool. Unmounted when the test ends. */
export async function mountTiny(
  t: Test,
  files: Record<string, TinyFile>,
  host?: Host,
): Promise<TinyMount> {
  const dir = mountFolder(t)
  const mounted = await mount(dir, host)
  const fs = new TinyFs(files)
  const complaints: string[] = []
  let end = (_error: number): void => {}
  const ended = new Promise<number>(resolve => (end = resolve))
  const hooks = {
    drain: runMicrotasks,
    afterBatch: runMicrotasks,
    onPanic: (error: unknown) => complaints.push(`panic: ${String(error)}`),
    onBadReply: (text: string) => complaints.push(text),
    ended: end,
  }
  const session = new Session(mounted.fd, fs, hooks, host)
  session.start()
  t.teardown(() => session.stop())
  const done = () => unmount(mounted.mountpoint, host)
  return { dir, fs, session, mounted, complaints, ended, unmount: done }
}

/** The host's libc; every machine these tests run on has koffi. */
export async function requireHost(): Promise<Host> {
  const host = await openHost()
  if (!host) throw new Error('koffi is not installed')
  return host
}

/** What node does after each of its own callbacks. */
function runMicrotasks(): void {
  const internals = process as unknown as { _tickCallback(): void }
  internals._tickCallback()
}
