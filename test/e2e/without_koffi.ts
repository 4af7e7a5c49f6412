// The same machine where libc cannot be called: mount(8), and node's thread pool for reading.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { packageRoot } from '../../src/package.ts'
import { machineFolder, shell } from '../harness/mounted.ts'
import { requireThat } from '../harness/require.ts'

/** This package again, made of links, in a place from where no koffi is found. */
function packageWithoutKoffi(t: Test): string {
  const root = packageRoot()
  const copy = mkdtempSync(join(tmpdir(), 'modbox-without-koffi-'))
  t.teardown(() => rmSync(copy, { recursive: true }))
  mkdirSync(join(copy, 'node_modules'))
  for (const name of ['package.json', 'bin', 'dist', 'drivers', 'src']) {
    symlinkSync(join(root, name), join(copy, name))
  }
  const packages = readdirSync(join(root, 'node_modules'))
  for (const name of packages.filter(name => !/koffi|koromix/.test(name))) {
    symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
  }
  return copy
}

t.test('without koffi the machine works, slower', async t => {
  if (!requireThat(t, process.getuid?.() === 0, 'mount(8) needs root')) return
  const dir = machineFolder(t)
  const modbox = join(packageWithoutKoffi(t), 'bin/modbox.js')
  const { out, err } = shell(
    dir,
    `export NODE_OPTIONS="--preserve-symlinks --preserve-symlinks-main"
    modbox() { "${process.execPath}" "${modbox}" "$@"; }
    modbox boot --load-samples mnt > /dev/null
    modbox dmesg -t | grep mounted | grep -o 'by .*'
    ls -l mnt/dev/scull0 | cut -c1-10
    echo hello > mnt/dev/scull0 && cat mnt/dev/scull0
    head -c 100000 mnt/dev/zero | wc -c
    modbox rmmod scull && modbox lsmod
    (cat mnt/dev/kmsg > /dev/null & sleep 0.2; kill $!; wait $!; echo "interrupted")
    modbox halt`,
  )
  t.equal(
    out,
    `by mount(8)
crw-------
hello
100000
Module                  Size  Used by
interrupted
`,
    err,
  )
})
