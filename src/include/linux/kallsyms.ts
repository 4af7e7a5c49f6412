// Names of symbols. Linux: include/linux/kallsyms.h.
//
// There is no kallsyms_lookup_name(): since 5.7 Linux exports it to no module. Who wants another
// module's function uses symbol_get() of <linux/module.h>; who wants to read the list,
// /proc/kallsyms.

/** Longest name of a symbol, in bytes, with its NUL. */
export const KSYM_NAME_LEN = 512
