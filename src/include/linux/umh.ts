// Programs started by the kernel. Implemented in kernel/umh.ts. Linux: include/linux/umh.h.
import type { UsermodeHelpers } from '../../kernel/umh.ts'

/** Start it and go on: 0 at once. */
export const UMH_NO_WAIT = 0
/** Wait until it has been executed: 0, or why not. */
export const UMH_WAIT_EXEC = 1
/** Wait until it has ended: its wait(2) status, which is its exit status << 8. */
export const UMH_WAIT_PROC = 2
/** To be added to one of the above: a signal that kills the caller ends the waiting. */
export const UMH_KILLABLE = 4

/**
 * Start the host's program `path` with `argv` and the environment `envp` ("NAME=value"), as
 * the user whose machine this is. -ENOENT if there is none, or in a machine that cannot start any.
 */
export declare const call_usermodehelper: UsermodeHelpers['call_usermodehelper']
