// Very many readers that wait in the device of bench/reference.c.

import { statSync } from 'node:fs'
import { CrowdProgram } from './crowd_program.ts'
import type { Devices } from './servers.ts'

export class CrowdInC extends CrowdProgram {
  readonly #queue: string

  /** `program`: bench/crowd.c, compiled. */
  constructor(program: string, { wait, bench }: Devices) {
    super(program, wait, bench)
    this.#queue = wait
  }

  get waiting(): number {
    return statSync(this.#queue).size
  }
}
