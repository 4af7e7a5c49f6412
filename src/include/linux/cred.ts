// Who the caller is, to the permission checks. Implemented in kernel/capability.ts.
// Linux: include/linux/cred.h.

/** User id of the caller. */
export declare const current_uid: () => number
/** Group id of the caller. */
export declare const current_gid: () => number
/** Effective user id of the caller; here the same as current_uid(). */
export declare const current_euid: () => number
