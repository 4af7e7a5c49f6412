// Text from values and values from text, among much else. Implemented in kernel/formats.ts,
// kernel/user_pointers.ts and lib/vsscanf.ts, lib/cmdline.ts. Linux: include/linux/kernel.h.
import type { Formats } from '../../kernel/formats.ts'
import type { UserPointers } from '../../kernel/user_pointers.ts'
import type {
  get_option as get_option_,
  get_options as get_options_,
} from '../../lib/cmdline.ts'
import type { EXPORT_SYMBOL } from '../../lib/vsscanf.ts'

export type { scan_target } from '../../lib/vsscanf.ts'
export * from './kstrtox.ts'

/** The pointer that a number is which the calling program has put into a struct. */
export declare const u64_to_user_ptr: UserPointers['u64_to_user_ptr']

/**
 * The text, as a C string, into `buf`, which should be large enough; the text's bytes. Formats are
 * printk's. Where no C string is needed, kasprintf() gives a string at once.
 */
export declare const sprintf: Formats['sprintf']
/** As sprintf(), with the arguments in an array. */
export declare const vsprintf: Formats['vsprintf']
/** At most `size` bytes, the NUL included; how many the whole text would have had, without. */
export declare const snprintf: Formats['snprintf']
/** As snprintf(), with the arguments in an array. */
export declare const vsnprintf: Formats['vsnprintf']
/** As snprintf(); how many bytes were written, without the NUL. */
export declare const scnprintf: Formats['scnprintf']
/** As scnprintf(), with the arguments in an array. */
export declare const vscnprintf: Formats['vscnprintf']
/** The text as a string of TypeScript's. */
export declare const kasprintf: Formats['kasprintf']
/** As kasprintf(), with the arguments in an array. */
export declare const kvasprintf: Formats['kvasprintf']

/**
 * Values from `buf`: `sscanf(text, '%d %i', a, b)`, with `const a = ref(0)`. How many there
 * were.
 */
export declare const sscanf: (typeof EXPORT_SYMBOL)['sscanf']
/** As sscanf(), with the targets in an array. */
export declare const vsscanf: (typeof EXPORT_SYMBOL)['vsscanf']

/**
 * One int off the front of `str`: 0 if there is none, 1 at the end of the list, 2 if a comma
 * came after it, 3 if a dash does.
 */
export declare const get_option: typeof get_option_
/** The ints of "3,5,7-9" from place 1 of `ints` on, their count in place 0; what is left. */
export declare const get_options: typeof get_options_
