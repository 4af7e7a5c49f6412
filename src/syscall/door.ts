// Names of /dev/modbox on the transport fuse-native: one for each process that calls.
//
// There the host has one inode for a name, and locks it while a write(2) sleeps. The call of a module that
// loads another one would wait for that other's.

const DOOR = /^modbox\.\d+$/

/** The name in /dev by which process `pid` calls, where there is such a thing. */
export function doorOf(pid: number): string {
  return `modbox.${pid}`
}

export function isDoor(name: string): boolean {
  return DOOR.test(name)
}
