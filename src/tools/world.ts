// What a tool sees of the world around it. Tests bring a world of their own.

import { writeSync } from 'node:fs'
import { Machine } from '../syscall/client.ts'

export interface World {
  readonly env: NodeJS.ProcessEnv
  /** Called by the plain name of a tool, such as insmod: then it is Linux's, without our additions. */
  readonly plainName?: boolean
  /** Standard output is a terminal. */
  readonly terminal: boolean
  readonly out: (text: string | Uint8Array) => void
  readonly err: (text: string) => void
  /** The machine `option` names, or the one there is. Throws a MachineError. */
  readonly machine: (option: string | undefined) => Machine
}

/** Nobody reads our output any more, as in `dmesg | head`: end without a word. */
export class BrokenPipe extends Error {}

const STDOUT = 1
const STDERR = 2

/** How long to wait for a slow reader of a non-blocking output, in milliseconds. */
const RETRY = 5

/** The world of this process. */
export function thisWorld(): World {
  return {
    env: process.env,
    terminal: process.stdout.isTTY === true,
    out: text => writeAll(STDOUT, text),
    err: text => writeAll(STDERR, text),
    machine: option => Machine.find(option),
  }
}

/** Written at once: a tool that blocks in a read must not sit on its output. */
function writeAll(fd: number, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  for (let at = 0; at < bytes.length;) at += writeSome(fd, bytes, at)
}

function writeSome(fd: number, bytes: Uint8Array, at: number): number {
  try {
    return writeSync(fd, bytes, at)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EPIPE') throw new BrokenPipe()
    if (code !== 'EAGAIN') throw error

    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY)
    return 0
  }
}
