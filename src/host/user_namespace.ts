// Whether this process is in a user namespace of its own making, or somebody else's.

import { readFileSync } from 'node:fs'

/** Outside of user namespaces every uid means itself. */
export function inUserNamespace(): boolean {
  return (
    readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[2] !== '4294967295'
  )
}
