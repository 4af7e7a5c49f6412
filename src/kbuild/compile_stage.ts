// The first half of a build: each module's sources become a .o, with the names of its parts in a
// .mod and what it was made from in a .cmd, as Linux leaves them. Linux: scripts/Makefile.build
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { checkTypes } from './check.ts'
import { compile } from './compile.ts'
import type { CompiledScript } from './compile.ts'
import { formatDiagnostic } from './errors.ts'
import { evaluate, type ModuleFacts } from './evaluate.ts'
import { exportsWithCrc } from './modpost.ts'
import { writeIfChanged, writeWhole } from './output.ts'
import { partFile } from './part.ts'
import type { PlannedModule } from './plan.ts'
import { dropRecord, isFresh, toolsStamp, writeRecord } from './records.ts'
import { outlineOf, type ScriptOutline } from './script_outline.ts'
import type { Site } from './site.ts'
import { filePart, sourcePart } from './source_part.ts'

/** Compile what is not up to date. Throws KbuildError, with the mistakes of one module. */
export async function compileModules(
  site: Site,
  modules: readonly PlannedModule[],
): Promise<void> {
  const { check = false, checkAll = false } = site.options
  const stale = modules.filter(one => !isUpToDate(site, one))
  const toCheck = checkAll ? modules : stale
  if (check && toCheck.length > 0) {
    await checkTypes({
      sources: toCheck.flatMap(one => one.sources),
      headers: site.headers,
      shown: path => site.shown(path),
    })
  }
  for (const one of modules.filter(module => stale.includes(module))) {
    await compileModule(site, one)
  }
}

/** Path of what is made of a module, without suffix. */
export function targetOf(site: Site, module: PlannedModule): string {
  return join(site.made(module.folder), module.target)
}

function isUpToDate(site: Site, module: PlannedModule): boolean {
  if (site.options.force) return false
  return isFresh(`${targetOf(site, module)}.o`, settings(site, module))
}

/** All that decides what a .o will be, but for the contents of files. */
function settings(site: Site, { name, sources, folder, defines }: PlannedModule): string {
  return [
    'modbox make',
    `KBUILD_MODNAME=${name}`,
    ...Object.entries(defines).map(([macro, value]) => `-D${macro}=${value}`),
    `-I${site.headers.include}`,
    `--kbuild=${toolsStamp()}`,
    ...sources.map(source => relative(folder, source)),
  ].join(' ')
}

async function compileModule(site: Site, module: PlannedModule): Promise<void> {
  const target = targetOf(site, module)
  const objects = module.sources.map(source => objectOf(site, module, source))
  const isSingle = objects.length === 1 && objects[0] === `${target}.o`
  const kind = module.builtin ? '' : ' [M]'
  for (const object of objects) site.say(`CC${kind}`, object)
  dropRecord(`${target}.o`)
  dropRecord(`${target}.ko`)

  const script = await compileSources(site, module)
  const outline = outlineOf(script.script)
  const facts = evaluateScript(site, module, script, outline)
  if (!isSingle) {
    writeObjects(site, module, script)
    site.say(`LD${kind}`, `${target}.o`)
  }
  const part = sourcePart({ ...script, outline, facts })
  writeWhole(`${target}.o`, partFile(part, site.machine))
  writeIfChanged(
    `${target}.mod`,
    objects.map(object => `${site.shown(object)}\n`).join(''),
  )
  writeRecord(`${target}.o`, {
    settings: settings(site, module),
    inputs: script.inputs,
    crcs: new Map(
      exportsWithCrc(facts, script.signatures).map(({ name, crc }) => [name, crc]),
    ),
  })
}

async function compileSources(
  site: Site,
  module: PlannedModule,
): Promise<CompiledScript> {
  const script = await compile({
    sources: module.sources,
    folder: module.folder,
    headers: site.headers,
    defines: module.defines,
    shown: path => site.shown(path),
  })
  for (const warning of script.warnings) {
    site.warn(formatDiagnostic({ ...warning, severity: 'warning' }))
  }
  return script
}

/** What its file scope says; it is run once. */
function evaluateScript(
  site: Site,
  module: PlannedModule,
  { script, sourceMap }: CompiledScript,
  { variables }: ScriptOutline,
): ModuleFacts {
  return evaluate({
    name: module.name,
    script,
    sourceMap,
    source: name => ownSource(site, module, name),
    file: site.shown(module.sources[0] ?? module.folder),
    variables: variables.keys(),
  })
}

function objectOf(site: Site, module: PlannedModule, source: string): string {
  const inFolder = relative(module.folder, source).replace(/\.ts$/, '.o')
  return join(site.made(module.folder), inFolder)
}

/** The parts of a module of several files. They are for people: the module's .o has it all. */
function writeObjects(site: Site, module: PlannedModule, script: CompiledScript): void {
  for (const source of module.sources) {
    const object = objectOf(site, module, source)
    const code = script.files.get(source) ?? ''
    writeWhole(object, partFile(filePart(code), site.machine))
    writeRecord(object, { settings: settings(site, module), inputs: [source] })
  }
}

/** A source as the source map names it: from the parent of the driver's folder on. */
function ownSource(
  site: Site,
  { folder }: PlannedModule,
  name: string,
): { file: string; lines: string[] } | undefined {
  const path = resolve(dirname(folder), name)
  if (!path.startsWith(folder + sep)) return undefined
  return { file: site.shown(path), lines: readFileSync(path, 'utf8').split('\n') }
}
