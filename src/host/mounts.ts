// mount(2) and umount2(2).

import type { Koffi, Library } from './koffi.ts'

type Umount2 = ((target: string, flags: number) => number) & {
  async(
    target: string,
    flags: number,
    done: (error: Error | null, result: number) => void,
  ): void
}

export class Mounts {
  readonly #errno: () => number
  readonly #mount: (
    source: string,
    target: string,
    type: string,
    flags: number,
    data: string,
  ) => number
  readonly #umount2: Umount2

  constructor(koffi: Koffi, libc: Library) {
    this.#errno = koffi.errno
    this.#mount = libc.func(
      'int mount(const char *, const char *, const char *, unsigned long, const char *)',
    )
    this.#umount2 = libc.func('int umount2(const char *, int)') as Umount2
  }

  /** 0 or -errno. */
  mount(
    source: string,
    target: string,
    type: string,
    flags: number,
    data: string,
  ): number {
    return this.#mount(source, target, type, flags, data) < 0 ? -this.#errno() : 0
  }

  /**
   * 0 or -errno. Not for a mount that this very process serves: the host may ask the
   * server for something before it lets go.
   */
  umount2(target: string, flags: number): number {
    return this.#umount2(target, flags) < 0 ? -this.#errno() : 0
  }

  /** As umount2(), on another thread: safe for our own mounts. */
  async umount2InBackground(target: string, flags: number): Promise<boolean> {
    return await new Promise((resolve, reject) => {
      this.#umount2.async(target, flags, (error, result) => {
        // koffi calls back without running microtasks afterwards; an immediate gets them run.
        setImmediate(() => (error ? reject(error) : resolve(result === 0)))
      })
    })
  }
}
