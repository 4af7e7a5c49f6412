// Text to number. Implemented in lib/kstrtox.ts. Linux: include/linux/kstrtox.h.
//
// Each takes `kstrtoint(text, base, res)`: 0 and the value in `res`, or -EINVAL (no number, or more
// than one) or -ERANGE, and `res` as it was. Base 0 knows 0x and 0; one newline at the end is fine.
// A `res` that holds a bigint gets a bigint; one that holds a number gets a number, and a
// bigint only for what no number holds exactly. The _from_user ones take what a program wrote.
import type { EXPORT_SYMBOL, kstrtobool as kstrtobool_ } from '../../lib/kstrtox.ts'

type Exports = typeof EXPORT_SYMBOL

/** 0 to 255. */
export declare const kstrtou8: Exports['kstrtou8']
/** -128 to 127. */
export declare const kstrtos8: Exports['kstrtos8']
/** 0 to 65535. */
export declare const kstrtou16: Exports['kstrtou16']
/** -32768 to 32767. */
export declare const kstrtos16: Exports['kstrtos16']
/** 0 to 4294967295. */
export declare const kstrtouint: Exports['kstrtouint']
/** -2147483648 to 2147483647. */
export declare const kstrtoint: Exports['kstrtoint']
/** 64 bits. */
export declare const kstrtoul: Exports['kstrtoul']
/** 64 bits, signed. */
export declare const kstrtol: Exports['kstrtol']
/** 64 bits. */
export declare const kstrtoull: Exports['kstrtoull']
/** 64 bits, signed. */
export declare const kstrtoll: Exports['kstrtoll']
/** y, t, 1, on; n, f, 0, off: the first letters decide. 0 or -EINVAL. */
export declare const kstrtobool: typeof kstrtobool_

/** `kstrtoint_from_user(buf, count, base, res)`: also -EFAULT. */
export declare const kstrtoint_from_user: Exports['kstrtoint_from_user']
export declare const kstrtou8_from_user: Exports['kstrtou8_from_user']
export declare const kstrtos8_from_user: Exports['kstrtos8_from_user']
export declare const kstrtou16_from_user: Exports['kstrtou16_from_user']
export declare const kstrtos16_from_user: Exports['kstrtos16_from_user']
export declare const kstrtouint_from_user: Exports['kstrtouint_from_user']
export declare const kstrtoul_from_user: Exports['kstrtoul_from_user']
export declare const kstrtol_from_user: Exports['kstrtol_from_user']
export declare const kstrtoull_from_user: Exports['kstrtoull_from_user']
export declare const kstrtoll_from_user: Exports['kstrtoll_from_user']
/** `kstrtobool_from_user(buf, count, res)`. */
export declare const kstrtobool_from_user: Exports['kstrtobool_from_user']
