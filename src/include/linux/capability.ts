// Capabilities. Implemented in kernel/capability.ts. Linux: include/linux/capability.h.
import type { Capabilities } from '../../kernel/capability.ts'
import { CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN } from '../uapi/capability.ts'

export * from '../uapi/capability.ts'

/** May the caller do what `cap`, one of CAP_*, stands for? A number that is none is a bug: BUG(). */
export declare const capable: Capabilities['capable']
/** The same in user namespace `ns`, of which there is one. */
export declare const ns_capable: Capabilities['ns_capable']
/** As ns_capable(), without a note that the capability was used; none is kept anyway. */
export declare const ns_capable_noaudit: Capabilities['ns_capable_noaudit']
/** As ns_capable(), for a check that is part of setting ids. */
export declare const ns_capable_setid: Capabilities['ns_capable_setid']
/** Might whoever opened `file` have done it? Here that is root: what else he could then is not kept. */
export declare const file_ns_capable: Capabilities['file_ns_capable']
/** May task `t` do it? */
export declare const has_capability: Capabilities['has_capability']

export const perfmon_capable = (): boolean =>
  capable(CAP_PERFMON) || capable(CAP_SYS_ADMIN)
export const bpf_capable = (): boolean => capable(CAP_BPF) || capable(CAP_SYS_ADMIN)
