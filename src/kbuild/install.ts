// Copies built modules to where modprobe looks for them. Linux: scripts/Makefile.modinst
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { KbuildError } from './errors.ts'
import type { KbuildOptions } from './options.ts'
import { Site } from './site.ts'
import { orderedModules } from './stages.ts'

export interface InstallOptions extends KbuildOptions {
  /** `/lib/modules/<release>`, or the same below another root. */
  modlib: string
  /** Folder in `modlib`; `extra` if not given: INSTALL_MOD_DIR. */
  folder?: string
  /** "1", or options for strip(1): INSTALL_MOD_STRIP. */
  strip?: string
}

/** Install what was built in `dir`. Throws KbuildError; returns the files, absolute. */
export function installModules(dir: string, options: InstallOptions): string[] {
  const site = new Site(dir, options)
  const target = join(options.modlib, options.folder ?? 'extra')
  return orderedModules(site.dir)
    .toSorted()
    .map(module =>
      install(site, module, join(target, relative(site.dir, module)), options),
    )
}

function install(
  site: Site,
  module: string,
  file: string,
  { strip }: InstallOptions,
): string {
  site.line(`  INSTALL ${file}`)
  try {
    mkdirSync(dirname(file), { recursive: true })
    copyFileSync(module, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new KbuildError(`Cannot install "${site.shown(module)}": ${error.message}`)
  }
  if (strip !== undefined) stripFile(site, file, strip)
  return file
}

function stripFile(site: Site, file: string, options: string): void {
  site.line(`  STRIP   ${file}`)
  const words = options === '1' ? ['--strip-debug'] : options.split(' ')
  const { status, error, stderr } = spawnSync('strip', [...words, file], {
    encoding: 'utf8',
  })
  if (status === 0) return
  throw new KbuildError(`Cannot strip "${file}": ${error?.message ?? stderr.trim()}`)
}
