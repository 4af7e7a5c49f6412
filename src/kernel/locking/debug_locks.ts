// Are locks still being debugged? The first mistake that is found ends it: what comes after may only
// be its consequence. Linux: lib/debug_locks.c.

export class DebugLocks {
  #on = true

  /** So it is until somebody says otherwise. */
  get on(): boolean {
    return this.#on
  }

  /** End it; false if somebody else has. */
  off(): boolean {
    const was = this.#on
    this.#on = false
    return was
  }
}
