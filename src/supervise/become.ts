// Becoming the command that was asked for.

import { getSystemErrorMap } from 'node:util'
import type { Host } from '../host/host.ts'
import { ENOENT } from '../include/uapi/errno.ts'

/** As env(1) and shells have it. */
const NOT_FOUND = 127
const NOT_EXECUTABLE = 126

/** This process becomes `command`, or ends with a word on stderr. */
export function become(host: Host, command: readonly string[]): never {
  const [file = ''] = command
  const err = host.exec.execvp(file, command)
  console.error(`modbox: ${file}: ${reason(err)}`)
  process.exit(err === -ENOENT ? NOT_FOUND : NOT_EXECUTABLE)
}

function reason(err: number): string {
  const [, message = `error ${-err}`] = getSystemErrorMap().get(err) ?? []
  return message
}
