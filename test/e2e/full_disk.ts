// A disk that is full, and one that may only be read: one sentence, and nothing half done.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packageRoot } from '../../src/package.ts'
import { isMounted, machineFolder, type Ran, shell } from '../harness/mounted.ts'
import { requireThat } from '../harness/require.ts'
import { requireRun } from '../harness/run.ts'
import { hasFuse, mountFolder } from '../harness/tiny_mount.ts'

const HELLO = join(packageRoot(), 'drivers/hello/hello')

const NO_FOLDER = /^modbox: Cannot make a folder for running machines in .*\n$/

/** What a bad disk is asked for, and the sentence, by errno's words. */
const ASKED: Record<string, { command: string; full: RegExp; readOnly: RegExp }> = {
  boot: {
    command: 'MODBOX_RUNTIME_DIR=$PWD/disk/run modbox boot mnt',
    full: /^modbox: Cannot write ".*\.json": ENOSPC: no space left on device\n$/,
    readOnly: NO_FOLDER,
  },
  make: {
    command: 'modbox make disk/src',
    full: /^modbox: Cannot write ".*\/hello\.o": No space left on device\n$/,
    readOnly: /^modbox: Cannot open ".*\/hello\.o": Read-only file system\n$/,
  },
  run: {
    command: 'MODBOX_RUNTIME_DIR=$PWD/disk/run modbox run true',
    full: /^modbox: Cannot write ".*\.json": ENOSPC: no space left on device\n$/,
    readOnly: NO_FOLDER,
  },
  depmod: {
    command: 'modbox depmod -b disk 1.0; (exit 1)',
    full: /^depmod: ERROR: openat\(.*modules\.dep\..*\): No space left on device$/m,
    readOnly: /^depmod: ERROR: openat\(.*modules\.dep\..*\): Read-only file system$/m,
  },
}

/** A small disk below the test's folder, with a driver and a module on it. */
function withDisk(t: Test): (command: string) => Ran {
  mountFolder(t)
  const dir = machineFolder(t)
  const disk = join(dir, 'disk')
  mkdirSync(disk)
  const sh = (command: string) => shell(dir, command)
  sh('mount -t tmpfs -o size=128k tmpfs disk')
  for (const name of ['src', 'run', 'lib/modules/1.0']) {
    mkdirSync(join(disk, name), { recursive: true })
  }
  copyFileSync(`${HELLO}.ts`, join(disk, 'src/hello.ts'))
  writeFileSync(join(disk, 'src/Kbuild'), 'obj-m := hello.o\n')
  copyFileSync(`${HELLO}.ko`, join(disk, 'lib/modules/1.0/hello.ko'))
  return sh
}

for (const [how, spoil] of [
  ['full', 'cat /dev/zero > disk/fill 2> /dev/null'],
  ['readOnly', 'mount -o remount,ro disk'],
] as const) {
  t.test(`a disk that is ${how}`, async t => {
    if (!requireThat(t, process.getuid?.() === 0 && hasFuse(), 'cannot mount')) return
    if (!requireRun(t)) return
    const sh = withDisk(t)
    sh(spoil)
    const files = () => sh('find disk -type f -size +0').out
    const before = files()
    for (const [name, asked] of Object.entries(ASKED)) {
      const { status, err } = sh(asked.command)
      t.equal(status, 1, name)
      t.match(err, asked[how])
      t.notMatch(err, /^ +at |node:/m, 'no stack trace')
      sh('while grep -q " $PWD/disk/run/.* fuse" /proc/self/mounts; do sleep 0.1; done')
      t.equal(files(), before, `${name} leaves nothing half done`)
    }
    t.equal(sh('find disk -name "*.tmp" -o -name "*.new" -o -name "*.dep.*"').out, '')
    t.notOk(isMounted(join(t.testdirName, 'mnt')))
  })
}
