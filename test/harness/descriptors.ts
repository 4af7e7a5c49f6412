// What a process has open.

import { readdirSync, readlinkSync } from 'node:fs'

/** What its descriptors lead to; one that is closed meanwhile is left out. */
export function openFilesOf(pid: number | 'self'): string[] {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).flatMap(fd => {
    try {
      return readlinkSync(`${folder}/${fd}`)
    } catch {
      return []
    }
  })
}
