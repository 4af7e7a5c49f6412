// Descriptors of the calling process. Implemented in fs/current_files.ts. Linux: include/linux/file.h.
import type { CurrentFiles } from '../../fs/current_files.ts'

/**
 * Reserve the lowest free descriptor, closed on exec with O_CLOEXEC in `flags`; or -EMFILE. Up to
 * fd_install() it is no open file, and put_unused_fd() takes it back.
 */
export declare const get_unused_fd_flags: CurrentFiles['get_unused_fd_flags']
/** Free what get_unused_fd_flags() has reserved. */
export declare const put_unused_fd: CurrentFiles['put_unused_fd']
/** From now on the reserved `fd` is `file`, which belongs to the program then. */
export declare const fd_install: CurrentFiles['fd_install']
/** One reference less; the last one releases the file. */
export declare const fput: CurrentFiles['fput']
