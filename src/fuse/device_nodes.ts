// Device nodes that look like device nodes and still open to us.
//
// The host opens an S_IFCHR inode itself, with its own drivers, so a node that is to be
// opened must be shown as a regular file; one that is looked at must not. Which of the two a
// LOOKUP is for, the calling thread tells: it waits inside its system call, and
// /proc/<pid>/syscall begins with the number of that call.

import { closeSync, openSync, readSync } from 'node:fs'

// Calls that go by a path and do not open: they see, or change, the node itself. execve and
// truncate are here because both must fail on a device, and do when the host sees one.
const LOOKING_X64 = [
  4, // stat
  6, // lstat
  21, // access
  59, // execve
  76, // truncate
  82, // rename
  86, // link
  87, // unlink
  90, // chmod
  92, // chown
  94, // lchown
  132, // utime
  133, // mknod
  137, // statfs
  188, // setxattr
  189, // lsetxattr
  191, // getxattr
  192, // lgetxattr
  194, // listxattr
  195, // llistxattr
  197, // removexattr
  198, // lremovexattr
  235, // utimes
  259, // mknodat
  260, // fchownat
  261, // futimesat
  262, // newfstatat
  263, // unlinkat
  264, // renameat
  265, // linkat
  268, // fchmodat
  269, // faccessat
  280, // utimensat
  316, // renameat2
  322, // execveat
  332, // statx
]

const LOOKING_ARM64 = [
  5, // setxattr
  6, // lsetxattr
  8, // getxattr
  9, // lgetxattr
  11, // listxattr
  12, // llistxattr
  14, // removexattr
  15, // lremovexattr
  33, // mknodat
  35, // unlinkat
  37, // linkat
  38, // renameat
  43, // statfs
  45, // truncate
  48, // faccessat
  53, // fchmodat
  54, // fchownat
  79, // newfstatat
  88, // utimensat
  221, // execve
  276, // renameat2
  281, // execveat
  291, // statx
]

/** Newer calls have one number on all machines. */
const LOOKING_EVERYWHERE = [
  439, // faccessat2
  452, // fchmodat2
  463, // setxattrat
  464, // getxattrat
  465, // listxattrat
  466, // removexattrat
]

const ZERO = 0x30

export class DeviceNodes {
  readonly #looking: ReadonlySet<number>
  /** Only the number is read; a call number has at most three digits. */
  readonly #text = new Uint8Array(8)

  constructor(arch: string = process.arch) {
    const table = arch === 'arm64' ? LOOKING_ARM64 : LOOKING_X64
    this.#looking = new Set([...table, ...LOOKING_EVERYWHERE])
  }

  /**
   * Is thread `pid` in a call that looks at a node rather than opens it? False when that
   * cannot be known: opening has to work, looking right is a courtesy.
   */
  looksOnly(pid: number): boolean {
    if (pid === 0) return false
    const call = this.#callOf(pid)
    return call !== undefined && this.#looking.has(call)
  }

  #callOf(pid: number): number | undefined {
    let fd = -1
    try {
      fd = openSync(`/proc/${pid}/syscall`, 'r')
      const n = readSync(fd, this.#text, 0, this.#text.length, null)
      return leadingNumber(this.#text, n)
    } catch {
      return undefined // another user's process, or one that has ended
    } finally {
      if (fd >= 0) closeSync(fd)
    }
  }
}

/** The digits at the start of `text`; undefined for "running" and "-1". */
function leadingNumber(text: Uint8Array, length: number): number | undefined {
  let value: number | undefined
  for (let i = 0; i < length; i++) {
    const digit = (text[i] ?? 0) - ZERO
    if (digit < 0 || digit > 9) break
    value = (value ?? 0) * 10 + digit
  }
  return value
}
