// Who the caller is, to the permission checks. Implemented in kernel/capability.ts.
// Linux: include/linux/cred.h.
import type { task_struct } from './sched.ts'

export * from './uidgid.ts'

declare const current: task_struct

/** What the caller may do is decided by. */
export const current_cred = (): task_struct['cred'] => current.cred
/** User id of `task`. */
export const task_uid = (task: task_struct): number => task.cred.uid
/** Effective user id of `task`. */
export const task_euid = (task: task_struct): number => task.cred.euid

/** User id of the caller. */
export declare const current_uid: () => number
/** Group id of the caller. */
export declare const current_gid: () => number
/** Effective user id of the caller; here the same as current_uid(). */
export declare const current_euid: () => number
