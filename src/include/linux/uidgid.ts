// Ids of users and groups, which in C are structs so that nobody confuses them with numbers. Here they
// are numbers. Linux: include/linux/uidgid.h.

export type kuid_t = number
export type kgid_t = number
export type uid_t = number
export type gid_t = number

/** Where ids are counted. There is one on this machine. */
export interface user_namespace {
  readonly level: 0
}

/** The only one. */
export const init_user_ns: user_namespace = { level: 0 }
export const current_user_ns = (): user_namespace => init_user_ns

export const GLOBAL_ROOT_UID: kuid_t = 0
export const GLOBAL_ROOT_GID: kgid_t = 0
export const KUIDT_INIT = (value: number): kuid_t => value
export const KGIDT_INIT = (value: number): kgid_t => value
export const __kuid_val = (uid: kuid_t): uid_t => uid
export const __kgid_val = (gid: kgid_t): gid_t => gid

export const uid_eq = (left: kuid_t, right: kuid_t): boolean => left === right
export const gid_eq = (left: kgid_t, right: kgid_t): boolean => left === right
export const uid_lt = (left: kuid_t, right: kuid_t): boolean => left < right
export const uid_gt = (left: kuid_t, right: kuid_t): boolean => left > right
/** All but (uid_t)-1 are. */
export const uid_valid = (uid: kuid_t): boolean => uid >>> 0 !== 0xffffffff
export const gid_valid = (gid: kgid_t): boolean => gid >>> 0 !== 0xffffffff

export const make_kuid = (_from: user_namespace, uid: uid_t): kuid_t => uid
export const make_kgid = (_from: user_namespace, gid: gid_t): kgid_t => gid
export const from_kuid = (_to: user_namespace, uid: kuid_t): uid_t => uid
export const from_kgid = (_to: user_namespace, gid: kgid_t): gid_t => gid
export const from_kuid_munged = from_kuid
export const from_kgid_munged = from_kgid
