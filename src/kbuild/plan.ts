// Which modules a folder builds, by its Kbuild or Makefile, or by what lies in it.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MODULE_NAME_LEN } from '../elf/module_layout.ts'
import { KbuildError } from './errors.ts'
import { definesIn, shellWords } from './flags.ts'
import type { Defines } from './flags.ts'
import { Makefile } from './makefile.ts'
import { moduleName } from './modpost.ts'
import { maskSource } from './scan.ts'

/** A module to build. */
export interface PlannedModule {
  /** KBUILD_MODNAME. */
  name: string
  /** Where its sources lie, absolute. */
  folder: string
  /** Name of the .ko without suffix; may have dashes. */
  target: string
  /** Absolute; linked in this order. */
  sources: string[]
  /** obj-y: part of the kernel, loaded at boot. */
  builtin: boolean
  /** Macros of ccflags-y and its like. */
  defines: Defines
}

export interface PlanOptions {
  /** How to name a file to people. */
  shown: (path: string) => string
  /** Variables for Kbuild files, such as CONFIG_* or KERNELRELEASE. */
  defines: Record<string, string>
}

/** In the order in which they are named. Throws KbuildError. */
export function plan(folder: string, options: PlanOptions): PlannedModule[] {
  const modules = planFolder(folder, false, options)
  const names = new Map<string, PlannedModule>()
  for (const module of modules) {
    const other = names.get(module.name)
    if (other) {
      throw new KbuildError(
        `Cannot build "${module.name}" twice: in "${options.shown(other.folder)}" and "${options.shown(module.folder)}"`,
      )
    }
    names.set(module.name, module)
  }
  return modules
}

/** Files that KBUILD_EXTRA_SYMBOLS in the folder's own Kbuild file names. */
export function extraSymbols(folder: string, options: PlanOptions): string[] {
  return kbuildFile(folder, options)?.words('KBUILD_EXTRA_SYMBOLS') ?? []
}

/** The folder's Kbuild or else its Makefile. */
function kbuildFile(folder: string, options: PlanOptions): Makefile | undefined {
  const file = ['Kbuild', 'Makefile']
    .map(name => join(folder, name))
    .find(name => existsSync(name))
  if (file === undefined) return undefined
  return new Makefile(readFileSync(file, 'utf8'), options.shown(file), {
    ...options.defines,
    src: folder,
    obj: folder,
    PWD: folder,
    CURDIR: folder,
    M: folder,
  })
}

function planFolder(
  folder: string,
  builtin: boolean,
  options: PlanOptions,
): PlannedModule[] {
  const make = kbuildFile(folder, options)
  if (!make) return planWithout(folder, builtin, options)

  return [
    ...planList(make, 'obj-y', folder, true, options),
    ...planList(make, 'obj-m', folder, false, options),
  ]
}

/** Without a Kbuild each file that states a licence is a module. */
function planWithout(
  folder: string,
  builtin: boolean,
  options: PlanOptions,
): PlannedModule[] {
  if (!isFolder(folder)) {
    throw new KbuildError(`Cannot build "${options.shown(folder)}": no such folder`)
  }
  return readdirSync(folder)
    .filter(name => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .toSorted()
    .filter(name => statesLicence(join(folder, name)))
    .map(name => name.slice(0, -'.ts'.length))
    .map(target => module(target, [join(folder, `${target}.ts`)], folder, builtin, {}))
}

function statesLicence(file: string): boolean {
  return /^[ \t]*MODULE_LICENSE\(/m.test(maskSource(readFileSync(file, 'utf8')))
}

function planList(
  make: Makefile,
  variable: string,
  folder: string,
  builtin: boolean,
  options: PlanOptions,
): PlannedModule[] {
  return [...new Set(make.words(variable))].flatMap(word => {
    if (word.endsWith('/')) {
      return planSubfolder(make, variable, resolve(folder, word), builtin, options)
    }
    if (!word.endsWith('.o')) {
      throw new KbuildError(
        `${make.place(variable)}: error: Cannot build "${word}": neither an object (.o) nor a folder (/)`,
      )
    }
    return [planObject(make, variable, word.slice(0, -2), folder, builtin, options)]
  })
}

/** A subfolder's own obj-m and obj-y count, but what hangs below obj-m is never built in. */
function planSubfolder(
  make: Makefile,
  variable: string,
  folder: string,
  builtin: boolean,
  options: PlanOptions,
): PlannedModule[] {
  if (!isFolder(folder)) {
    throw new KbuildError(
      `${make.place(variable)}: error: No such folder: "${options.shown(folder)}"`,
    )
  }
  const modules = planFolder(folder, builtin, options)
  return builtin ? modules : modules.map(module => ({ ...module, builtin: false }))
}

function planObject(
  make: Makefile,
  variable: string,
  target: string,
  folder: string,
  builtin: boolean,
  options: PlanOptions,
): PlannedModule {
  const parts = [...make.words(`${target}-objs`), ...make.words(`${target}-y`)]
  const objects = parts.length > 0 ? parts : [`${target}.o`]
  const place = `${make.place(variable)}: error: `
  const sources = sourcesOf(objects, folder, place, options.shown)
  return module(target, sources, folder, builtin, definesIn(flagsFor(make, target)))
}

/** The .ts file behind each object. Throws KbuildError, which begins with `place`. */
export function sourcesOf(
  objects: readonly string[],
  folder: string,
  place: string,
  shown: PlanOptions['shown'],
): string[] {
  return [...new Set(objects)].map(object => {
    const source = join(folder, object.replace(/\.o$/, '.ts'))
    if (existsSync(source)) return source

    const c = source.replace(/\.ts$/, '.c')
    const why = existsSync(c)
      ? `"${shown(c)}" is C; drivers are TypeScript here: port it to "${shown(source)}" ` +
        'as docs/porting.md of modbox shows'
      : `no file "${shown(source)}"`
    throw new KbuildError(`${place}No rule to make target '${object}': ${why}`)
  })
}

function flagsFor(make: Makefile, target: string): string[] {
  const names = ['KBUILD_CFLAGS', 'ccflags-y', 'EXTRA_CFLAGS', `CFLAGS_${target}.o`]
  return names.flatMap(name => shellWords(make.words(name).join(' ')))
}

/** A module of `target`. Throws KbuildError if its name is too long. */
export function module(
  target: string,
  sources: string[],
  folder: string,
  builtin: boolean,
  defines: Defines,
): PlannedModule {
  const name = moduleName(target)
  if (name.length < MODULE_NAME_LEN)
    return { name, folder, target, sources, builtin, defines }
  throw new KbuildError(
    `Cannot build "${target}": names of modules have at most ${MODULE_NAME_LEN - 1} characters`,
  )
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
