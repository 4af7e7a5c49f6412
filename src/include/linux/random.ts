// Random bytes. Implemented in lib/random.ts. Linux: include/linux/random.h.
import type * as random from '../../lib/random.ts'

/** Fill the first `nbytes` of `buf`. */
export declare const get_random_bytes: typeof random.get_random_bytes
