// Builds the modules of a folder: plan, compile what is stale, modpost, link.
import { dirname, join } from 'node:path'
import { compileModules, targetOf } from './compile_stage.ts'
import { linkModules, modulesOrder } from './modpost_stage.ts'
import type { BuildResult, KbuildOptions } from './options.ts'
import { extraSymbols, plan } from './plan.ts'
import type { PlannedModule } from './plan.ts'
import { Site } from './site.ts'

export { KbuildError } from './errors.ts'
export type { BuildResult, BuiltModule, KbuildOptions } from './options.ts'

/** Build all modules of `dir`. Throws KbuildError, whose message is ready to print. */
export async function kbuild(
  dir: string,
  options: KbuildOptions = {},
): Promise<BuildResult> {
  const site = new Site(dir, options)
  const planOptions = {
    shown: (path: string) => site.shown(path),
    defines: { KERNELRELEASE: site.release, ...options.defines },
  }
  const planned = plan(site.dir, planOptions)
  site.extraSymbols.push(...extraSymbols(site.dir, planOptions))
  await compileModules(site, planned)
  writeOrder(site, planned)
  return link(site, planned)
}

function writeOrder(site: Site, planned: readonly PlannedModule[]): void {
  const loadable = planned.filter(one => !one.builtin)
  const targets = loadable.map(one => targetOf(site, one))
  modulesOrder(site, site.output, targets)
  for (const folder of new Set(targets.map(target => dirname(target)))) {
    if (folder === site.output) continue
    const below = targets.filter(target => target.startsWith(`${folder}/`))
    modulesOrder(site, folder, below)
  }
}

function link(site: Site, planned: readonly PlannedModule[]): BuildResult {
  const symvers = join(site.output, 'Module.symvers')
  const targets = planned.map(one => ({
    target: targetOf(site, one),
    builtin: one.builtin,
  }))
  const built = linkModules(site, targets, symvers)
  const isBuiltin = (_: unknown, i: number): boolean => planned[i]?.builtin ?? false
  return {
    modules: built.filter((one, i) => !isBuiltin(one, i)),
    builtin: built.filter(isBuiltin),
    symvers,
  }
}
