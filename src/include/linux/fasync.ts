// Telling programs by signal that a file is ready. Implemented in fs/fasync.ts.
// Linux: a part of include/linux/fs.h.
import type * as fasync from '../../fs/fasync.ts'
import type { file } from './fs.ts'

/** A file whose owner wants a SIGIO. A driver keeps a list of them: `ref<fasync_struct | null>(null)`. */
export interface fasync_struct {
  readonly fa_file: file
  /** The descriptor that O_ASYNC was set with. */
  fa_fd: number
  fa_next: fasync_struct | null
}

/**
 * What a driver's fasync() does: put `filp` on the list `fapp`, or take it off if `on` is 0. Positive if
 * that changed it, else 0.
 */
export declare const fasync_helper: typeof fasync.fasync_helper
/** Send `sig` (SIGIO) to the owners of the files on the list; `band` is POLL_IN, POLL_OUT … */
export declare const kill_fasync: typeof fasync.kill_fasync
