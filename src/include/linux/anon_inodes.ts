// Files without a name, which a driver makes for its caller. Implemented in fs/anon_inodes.ts.
// Linux: include/linux/anon_inodes.h.
import type { AnonInodes } from '../../fs/anon_inodes.ts'

/**
 * A descriptor of the calling process for a new file with the operations `fops`, whose `private_data` is
 * `priv`; or -EMFILE, if it has no room for one more, -ENOENT, if the module of `fops` is going. `name` is
 * what /proc/<pid>/fd shows, by custom in brackets: "[eventfd]". `flags`: O_RDONLY, O_WRONLY or O_RDWR, with
 * O_NONBLOCK, O_CLOEXEC.
 */
export declare const anon_inode_getfd: AnonInodes['anon_inode_getfd']
/** The file alone, for fd_install(); or an error, see IS_ERR(). */
export declare const anon_inode_getfile: AnonInodes['anon_inode_getfile']
