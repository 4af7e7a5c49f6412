// The two halves of a build one by one, for the Makefiles of the build tree: GNU make has read the
// Kbuild file, and calls each half when its turn has come.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compileModules } from './compile_stage.ts'
import { KbuildError } from './errors.ts'
import { definesIn, shellWords } from './flags.ts'
import { linkModules } from './modpost_stage.ts'
import type { BuiltModule, KbuildOptions } from './options.ts'
import { module, sourcesOf } from './plan.ts'
import type { PlannedModule } from './plan.ts'
import { Site } from './site.ts'

/**
 * Compile the modules of `plan`: a line each, `target.o=object,object|flags`. Throws KbuildError.
 */
export async function compileStage(
  dir: string,
  plan: string,
  options: KbuildOptions,
): Promise<void> {
  const site = new Site(dir, options)
  const modules = plan
    .split('\n')
    .filter(line => line !== '')
    .map(line => plannedModule(site, line))
  await compileModules(site, modules)
}

function plannedModule(site: Site, line: string): PlannedModule {
  const [, target = '', objects = '', flags = ''] =
    /^\s*([^=]+)\.o=([^|]*)\|(.*)$/s.exec(line) ?? []
  const sources = sourcesOf(objects.split(','), site.dir, '*** ', path =>
    site.shown(path),
  )
  return module(target, sources, site.dir, false, definesIn(shellWords(flags)))
}

/** Link the modules that `modules.order` in `dir` names. Throws KbuildError. */
export function modpostStage(dir: string, options: KbuildOptions): BuiltModule[] {
  const site = new Site(dir, options)
  const targets = orderedModules(site.dir).map(file => ({
    target: file.replace(/\.ko$/, ''),
    builtin: false,
  }))
  return linkModules(site, targets, join(site.dir, 'Module.symvers'))
}

/** The .ko files that `modules.order` in `dir` names, absolute. Throws KbuildError if there is none. */
export function orderedModules(dir: string): string[] {
  const order = join(dir, 'modules.order')
  if (!existsSync(order)) {
    throw new KbuildError(`Cannot read "${order}": build the modules first`)
  }
  return readFileSync(order, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => resolve(dir, line))
}
