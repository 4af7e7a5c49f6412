// This package as it is where some of what it depends on is not installed.

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { packageRoot } from '../../src/package.ts'

/** For a shell: `modbox` of a package made of links, in a place from where `missing` is not found. */
export function modboxWithout(t: Test, missing: RegExp): string {
  const root = packageRoot()
  const copy = mkdtempSync(join(tmpdir(), 'modbox-without-'))
  chmodSync(copy, 0o755)
  t.teardown(() => rmSync(copy, { recursive: true }))
  mkdirSync(join(copy, 'node_modules'))
  for (const name of ['package.json', 'bin', 'dist', 'drivers', 'src']) {
    symlinkSync(join(root, name), join(copy, name))
  }
  const packages = readdirSync(join(root, 'node_modules'))
  for (const name of packages.filter(name => !missing.test(name))) {
    symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
  }
  return `export NODE_OPTIONS="--preserve-symlinks --preserve-symlinks-main"
    modbox() { "${process.execPath}" "${join(copy, 'bin/modbox.js')}" "$@"; }`
}
