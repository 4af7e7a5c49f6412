// A machine that is booted on a transport to be tried, and halted afterwards.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mountedOn } from '../../src/fuse/mount_table.ts'
import { packageRoot } from '../../src/package.ts'
import { Machine } from '../../src/syscall/client.ts'

export interface Tried {
  /** Where it is mounted. */
  mnt: string
  /** Its daemon. */
  pid: number
  insmod: (file: string) => void
  halt: () => void
}

const MODBOX = join(packageRoot(), 'bin', 'modbox.js')

/** What `use` makes of a machine of its own on `transport`, and of a folder for its files. */
export async function withMachine<T>(
  transport: string,
  use: (machine: Tried, dir: string) => Promise<T> | T,
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'modbox-transport-'))
  chmodSync(dir, 0o755) // other users are tried, too
  const mnt = join(dir, 'mnt')
  mkdirSync(mnt)
  const modbox = (...args: string[]) =>
    execFileSync(process.execPath, [MODBOX, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, MODBOX_RUNTIME_DIR: dir },
    })
  modbox('boot', '--transport', transport, mnt)
  try {
    const { pid } = new Machine(mnt).status()
    const insmod = (file: string) => modbox('insmod', '--machine', mnt, file)
    return await use(
      { mnt, pid, insmod, halt: () => modbox('halt', '--machine', mnt) },
      dir,
    )
  } finally {
    if (mountedOn(mnt)) modbox('halt', '--machine', mnt)
    rmSync(dir, { recursive: true })
  }
}
