// The modules that the soak loads: samples, and a few of its own.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kbuild } from '../../src/kbuild/kbuild.ts'
import { packageRoot } from '../../src/package.ts'
import { MORTAL } from '../harness/mortal_driver.ts'

/** What soak_user needs. */
const BASE = `
import { EXPORT_SYMBOL_GPL, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
MODULE_LICENSE('GPL')
export function soak_answer(): number {
  return 42
}
EXPORT_SYMBOL_GPL(soak_answer)
module_init(() => 0)
module_exit(() => {})
`

const USER = `
import { EINVAL } from '#linux/errno'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
MODULE_LICENSE('GPL')
declare function soak_answer(): number
module_init(() => (soak_answer() === 42 ? 0 : -EINVAL))
module_exit(() => {})
`

/** Sources by name. */
export type Sources = Readonly<Record<string, string>>

export const OWN: Sources = { mortal: MORTAL, soak_base: BASE, soak_user: USER }

/** The sample drivers that are in another's folder. */
const FOLDERS: Record<string, string> = { scullpipe: 'scull' }

/** Build `sources` in a folder below `dir`. */
export async function buildOwn(dir: string, sources: Sources): Promise<void> {
  const src = join(dir, 'src')
  mkdirSync(src)
  for (const [name, source] of Object.entries(sources)) {
    writeFileSync(join(src, `${name}.ts`), source)
  }
  const objects = Object.keys(sources).map(name => `${name}.o`)
  writeFileSync(join(src, 'Kbuild'), `obj-m := ${objects.join(' ')}\n`)
  await kbuild(src)
}

/** The file of a module: one that was built in `dir`, else a sample. */
export function moduleFile(dir: string, name: string): string {
  const own = join(dir, 'src', `${name}.ko`)
  if (existsSync(own)) return own
  return join(packageRoot(), 'drivers', FOLDERS[name] ?? name, `${name}.ko`)
}
