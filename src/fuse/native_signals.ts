// Which sleeping call a signal is for, where fuse-native carries neither signals nor callers.
//
// libfuse answers the host's INTERRUPT by signalling one of its own threads: all that is heard of it here
// is that some caller got a signal, again each second until its call has ended. Who it was is in
// /proc: a thread with a signal pending, in a call on a file of this mount. Of several programs that
// sleep alike the one that came first is taken; if it was another's signal, that one's turn is next.

import { readdirSync, readlinkSync } from 'node:fs'
import { textOf } from './host_text.ts'
import type { Kind, NativeCalls, Sleeper } from './native_calls.ts'
import { type MountEntry, parseMountinfo } from './mount_table.ts'
import type { SystemCalls } from './system_call.ts'

/** With what libfuse signals its thread. Node keeps SIGUSR1 for its debugger. */
export const SIGNAL = 'SIGUSR2'

/** A thread of the host that has got a signal while it waits for us. */
interface Interrupted {
  tid: number
  kind: Kind
  /** Of the file, below the mount point; undefined if /proc does not tell: any of them. */
  path: string | undefined
}

/** Wake those of `calls` whose callers have a signal pending; how many that did not know it. */
export function interruptSignalled(
  calls: NativeCalls,
  mount: MountEntry,
  systemCalls: SystemCalls,
): number {
  const sleepers = [...calls.sleepers]
  if (sleepers.length === 0) return 0
  let news = 0
  const awake = new Set<Sleeper>()
  for (const thread of interrupted(mount, systemCalls)) {
    const alike = sleepers.filter(([, s]) => isCallOf(thread, s) && !awake.has(s))
    // One that was told before, and goes on all the same, stands for this thread.
    const [unique, sleeper] = alike.find(([, s]) => s.interrupted) ?? alike[0] ?? []
    if (unique === undefined || !sleeper) continue
    awake.add(sleeper)
    if (!sleeper.interrupted) news++
    calls.interrupt(unique, sleeper, thread.tid)
  }
  return news
}

function isCallOf({ kind, path }: Interrupted, sleeper: Sleeper): boolean {
  return kind === sleeper.kind && (path === undefined || path === sleeper.path)
}

function interrupted(
  { mountpoint, device }: MountEntry,
  systemCalls: SystemCalls,
): Interrupted[] {
  return threads()
    .filter(hasSignal)
    .flatMap((tid): Interrupted[] => {
      const call = systemCalls.fileCall(tid)
      if (!call) return []
      const { kind, fd } = call
      if (fd === undefined) return [{ tid, kind, path: undefined }]
      if (deviceOf(tid, fd) !== device) return []
      const file = linkOf(`/proc/${tid}/fd/${fd}`)
      const isHere = file.startsWith(`${mountpoint}/`)
      return [{ tid, kind, path: isHere ? file.slice(mountpoint.length) : undefined }]
    })
}

/** The file system that an open file of thread `tid` is on; it may be mounted elsewhere, too. */
function deviceOf(tid: number, fd: number): string | undefined {
  const [, id] = /^mnt_id:\s+(\d+)/m.exec(textOf(`/proc/${tid}/fdinfo/${fd}`)) ?? []
  const mounts = parseMountinfo(textOf(`/proc/${tid}/mountinfo`))
  return mounts.find(mount => mount.id === Number(id))?.device
}

/** All threads of the host but this process's. */
function threads(): number[] {
  return numbersIn('/proc')
    .filter(pid => pid !== process.pid)
    .flatMap(pid => numbersIn(`/proc/${pid}/task`))
}

/** Is a signal pending that it has not blocked? */
function hasSignal(tid: number): boolean {
  const status = textOf(`/proc/${tid}/status`)
  const set = (name: string): bigint =>
    BigInt(`0x${new RegExp(`^${name}:\\s+(\\w+)`, 'm').exec(status)?.[1] ?? '0'}`)
  return ((set('SigPnd') | set('ShdPnd')) & ~set('SigBlk')) !== 0n
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder)
      .map(Number)
      .filter(n => n > 0)
  } catch {
    return [] // it has ended
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
