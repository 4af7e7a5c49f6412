// Signals to the owners of files that are ready: SIGIO. Linux: fs/fcntl.c.

import type { fasync_struct } from '../include/linux/fasync.ts'
import type { file } from '../include/linux/fs.ts'
import type { ref } from '../include/linux/types.ts'
import { FASYNC } from '../include/uapi/fcntl.ts'
import { SIGIO, SIGURG } from '../include/uapi/signal.ts'
import type { FileOwner, OpenFile } from './file.ts'

type List = ref<fasync_struct | null>

export function fasync_helper(fd: number, filp: file, on: number, fapp: List): number {
  return on ? add(fd, filp, fapp) : remove(filp, fapp)
}

function add(fd: number, filp: file, fapp: List): number {
  const there = entries(fapp.value).find(({ fa_file }) => fa_file === filp)
  if (there) {
    there.fa_fd = fd
    return 0
  }
  fapp.value = { fa_file: filp, fa_fd: fd, fa_next: fapp.value }
  filp.f_flags |= FASYNC
  return 1
}

function remove(filp: file, fapp: List): number {
  const all = entries(fapp.value)
  const at = all.findIndex(({ fa_file }) => fa_file === filp)
  const entry = all[at]
  if (!entry) return 0
  const before = all[at - 1]
  if (before) before.fa_next = entry.fa_next
  else fapp.value = entry.fa_next
  filp.f_flags &= ~FASYNC
  return 1
}

export function kill_fasync(fapp: List, sig: number, _band: number): void {
  for (const { fa_file } of entries(fapp.value)) {
    const { f_owner } = fa_file as OpenFile
    // A SIGURG comes by itself; it is sent here only to those who chose a signal of their own.
    if (sig === SIGURG && f_owner.signum === 0) continue
    send_sigio(f_owner)
  }
}

/** Root may signal all, others themselves: who set the owner decides. */
function send_sigio({ targets, uid, signum }: FileOwner): void {
  for (const target of targets()) {
    if (uid === 0 || uid === target.uid) target.kill(signum || SIGIO)
  }
}

function entries(first: fasync_struct | null): fasync_struct[] {
  const all: fasync_struct[] = []
  for (let at = first; at; at = at.fa_next) all.push(at)
  return all
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = {
  fasync_helper,
  kill_fasync,
}
