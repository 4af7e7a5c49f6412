// Files of the host's /proc.

import { readFileSync } from 'node:fs'

/** What is in it; nothing if its process has ended, or is another user's. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
