// What is mounted where: /proc/self/mountinfo.

import { readFileSync } from 'node:fs'

export interface MountEntry {
  /** Its number, as /proc/<pid>/fdinfo shows it. */
  id: number
  mountpoint: string
  /** The file system's number: "0:45". */
  device: string
  type: string
  source: string
}

/** All mounts this process sees, oldest first. */
export function mountTable(): MountEntry[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
}

/** The topmost mount on `path`, which is absolute and without symbolic links. */
export function mountedOn(path: string): MountEntry | undefined {
  return mountTable().findLast(entry => entry.mountpoint === path)
}

/** Lines of "36 35 0:30 / /mnt rw,nodev shared:1 - fuse.modbox modbox rw,user_id=0". */
export function parseMountinfo(text: string): MountEntry[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [before = '', after = ''] = line.split(' - ')
      const [type = '', source = ''] = after.split(' ')
      const [id, , device = '', , mountpoint = ''] = before.split(' ')
      return {
        id: Number(id),
        mountpoint: unescapeOctal(mountpoint),
        device,
        type,
        source: unescapeOctal(source),
      }
    })
}

/** Blanks and the like stand as \040; the bytes together are UTF-8. */
function unescapeOctal(text: string): string {
  const bytes = text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(parseInt(digits, 8)),
  )
  return text.includes('\\') ? Buffer.from(bytes, 'latin1').toString('utf8') : text
}
