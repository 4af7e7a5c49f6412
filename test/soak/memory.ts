// Whether a daemon's memory grows from round to round.
//
// The first rounds are warm-up: code is compiled, tables find their size. From then on what is in use after
// garbage has been collected may rise and fall by some noise; what rises with every round is lost.

import type { Probed } from './probe.ts'

const MiB = 1 << 20

/** Rounds that are not compared. */
const WARM_UP = 2

/** Bytes in use that may be more: once, and for each round. */
const NOISE = 3 * MiB
const PER_ROUND = MiB / 8

/** Bytes that the process has from the host, which V8 and malloc give back when they find the time. */
const RESIDENT_NOISE = 96 * MiB

export class MemoryWatch {
  #round = 0
  #least: Probed | undefined
  /** Bytes in use that are more than after the warm-up. */
  grown = 0

  /** After each round: what is wrong. */
  problem(now: Probed): string | undefined {
    if (this.#round++ < WARM_UP) return undefined
    const before = (this.#least ??= now)
    const rounds = this.#round - WARM_UP
    this.grown = now.used - before.used
    if (this.grown > NOISE + rounds * PER_ROUND)
      return grew('in use', before.used, now.used, rounds)
    const resident = now.resident - before.resident
    if (resident > RESIDENT_NOISE + rounds * PER_ROUND)
      return grew('resident', before.resident, now.resident, rounds)
    return undefined
  }
}

function grew(what: string, before: number, now: number, rounds: number): string {
  const kib = (bytes: number) => Math.round(bytes / 1024)
  return `memory: ${kib(before)} KiB ${what} after the warm-up, ${kib(now)} after ${rounds} rounds more`
}
