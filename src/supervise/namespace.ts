// What a program under `modbox run` sees as its files: the machine's /dev, /proc, /sys and
// /lib/modules, with the host's own entries in them (src/fuse/host_entries.ts), and all else of the host's.
//
// Called in a mount namespace of its own. Nothing of it can be seen outside.

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  HOST_FOLDER,
  MOUNTED_FOLDERS,
  RUN_VIEW,
  SHARED_FOLDERS,
} from '../fuse/run_view.ts'
import { MS_BIND, MS_REC } from '../host/constants.ts'
import type { Host } from '../host/host.ts'
import { O_PATH } from '../include/uapi/fcntl.ts'

/** What the machine's owner has configured; what came with the host's packages stays. */
const CONFIGURATION = ['etc/modprobe.d', 'etc/depmod.d']
const MODULES = 'lib/modules'

/** Throws an Error with one sentence if a mount fails. */
export function enterNamespace(host: Host, mountpoint: string): void {
  const view = join(mountpoint, RUN_VIEW)
  const mounter = new Mounter(host)
  mounter.makeModulesFolder()
  for (const folder of [MODULES, ...CONFIGURATION]) {
    if (existsSync(`/${folder}`)) mounter.bind(join(view, folder), `/${folder}`)
  }
  // The host's goes into the machine's first, then the machine's covers it.
  for (const folder of SHARED_FOLDERS) {
    mounter.bind(`/${folder}`, join(view, folder, HOST_FOLDER))
  }
  for (const folder of MOUNTED_FOLDERS.filter(folder => existsSync(`/${folder}`))) {
    mounter.bind(`/${folder}`, join(view, folder))
  }
  for (const folder of SHARED_FOLDERS) mounter.bind(join(view, folder), `/${folder}`)
}

class Mounter {
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  /** With all that is mounted below. */
  bind(source: string, target: string): void {
    this.#mount(source, target, '', MS_BIND | MS_REC)
  }

  /** A host that has never had modules has no folder for them. Nor may this program make one there. */
  makeModulesFolder(): void {
    if (existsSync(`/${MODULES}`)) return
    const lib = realpathSync('/lib')
    const original = openSync(lib, O_PATH)
    try {
      this.#mount('modbox', lib, 'tmpfs', 0, 'mode=755')
      this.#copy(`/proc/self/fd/${original}`, lib)
      mkdirSync(join(lib, 'modules'))
    } finally {
      closeSync(original)
    }
  }

  /** All entries of `source` in the empty folder `target`, as the same files. */
  #copy(source: string, target: string): void {
    for (const entry of readdirSync(source, { withFileTypes: true })) {
      const from = join(source, entry.name)
      const to = join(target, entry.name)
      if (entry.isSymbolicLink()) {
        symlinkSync(readlinkSync(from), to)
        continue
      }
      if (entry.isDirectory()) mkdirSync(to)
      else writeFileSync(to, '')
      this.bind(from, to)
    }
  }

  #mount(source: string, target: string, type: string, flags: number, data = ''): void {
    const err = this.#host.mounts.mount(source, target, type, flags, data)
    if (err) throw new Error(`Cannot mount on "${target}": error ${-err} of mount(2)`)
  }
}
