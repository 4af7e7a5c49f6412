// The second view of the machine's files: where `modbox run` finds it, and what it mounts there.

/** In the mount's root, but in no listing: the tree in which the host's entries are, too. */
export const RUN_VIEW = '.run'

/** In dev, proc and sys of that tree: where the host's own are mounted. */
export const HOST_FOLDER = '.host'

/** Folders that the machine and the host both have. */
export const SHARED_FOLDERS = ['dev', 'proc', 'sys']

/** Folders of the host's that are mounted at their own place, so that tty(1) says /dev/pts/0. */
export const MOUNTED_FOLDERS = ['dev/pts', 'dev/shm']
