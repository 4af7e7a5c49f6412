// execvp(3): this process becomes another program.

import type { Koffi, Library } from './koffi.ts'

const SIGPIPE = 13
const SIGXFSZ = 25
const SIG_DFL = 0

/** What node sets to be ignored when it starts; a program expects to find it as usual. */
const IGNORED_BY_NODE = [SIGPIPE, SIGXFSZ]

const STDIO = [0, 1, 2]
const F_SETFD = 2

export class Exec {
  readonly #koffi: Koffi
  readonly #execvp: (file: Uint8Array, argv: BigUint64Array) => number
  readonly #signal: (signal: number, handler: number) => unknown
  readonly #fcntl: (fd: number, cmd: number, arg: number) => number

  constructor(koffi: Koffi, libc: Library) {
    this.#koffi = koffi
    this.#execvp = libc.func('int execvp(void *, void *)')
    this.#signal = libc.func('void *signal(int, intptr_t)')
    this.#fcntl = libc.func('int fcntl(int, int, long)')
  }

  /** `file` is looked for in PATH. Only returns if it fails: -errno. */
  execvp(file: string, argv: readonly string[]): number {
    for (const signal of IGNORED_BY_NODE) this.#signal(signal, SIG_DFL)
    // Node marks these three close-on-exec.
    for (const fd of STDIO) this.#fcntl(fd, F_SETFD, 0)

    const strings = argv.map(word => Buffer.from(`${word}\0`))
    const pointers = strings.map(string => this.#koffi.address(string))
    this.#execvp(Buffer.from(`${file}\0`), BigUint64Array.from([...pointers, 0n]))
    return -this.#koffi.errno()
  }
}
