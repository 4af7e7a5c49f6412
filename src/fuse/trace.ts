// DEBUG=fuse:*: a line for each request, a line for each reply. DEBUG=fuse:READ: only those.

import createDebug from 'debug'
import * as errno from '../include/uapi/errno.ts'
import type { Header, Operation } from './operation.ts'

/** What the dispatcher tells, if anyone listens. */
export interface Trace {
  request(row: Operation, arg: unknown, at: Header): void
  /** `error` is 0 or negative; `size` counts the bytes after the header. */
  reply(name: string, unique: number, error: number, size: number): void
  /** A request that has no row, or makes no sense. */
  refused(name: string, unique: number, error: number): void
}

type Log = (line: string) => void

/** A trace onto stderr, or undefined when DEBUG names no part of fuse. */
export function openTrace(names: readonly string[]): Trace | undefined {
  if (!names.some(name => createDebug.enabled(`fuse:${name}`))) return undefined

  const logs = new Map<string, Log>()
  return new LineTrace(name => {
    const log = logs.get(name) ?? createDebug(`fuse:${name}`)
    logs.set(name, log)
    return log
  })
}

/** The lines themselves; `log` gives the writer for each operation. */
export class LineTrace implements Trace {
  readonly #log: (name: string) => Log
  readonly #errors = new Map<number, string>()

  constructor(log: (name: string) => Log) {
    this.#log = log
    for (const [name, value] of Object.entries(errno)) {
      if (!this.#errors.has(value)) this.#errors.set(value, name)
    }
  }

  request(row: Operation, arg: unknown, at: Header): void {
    const text = row.text?.(arg) ?? ''
    const who = `p${at.caller.pid}`
    this.#log(row.name)(
      ['rx', at.caller.unique, `n${at.nodeid}`, text, who]
        .filter(part => part !== '')
        .join(' '),
    )
  }

  reply(name: string, unique: number, error: number, size: number): void {
    this.#log(name)(`tx ${unique} → ${error < 0 ? this.#name(error) : `${size} bytes`}`)
  }

  refused(name: string, unique: number, error: number): void {
    this.#log(name)(`rx ${unique} refused: ${this.#name(error)}`)
  }

  #name(error: number): string {
    return `-${this.#errors.get(-error) ?? -error}`
  }
}
