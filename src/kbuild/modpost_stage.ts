// The second half of a build: modpost looks at all .o files together, and each becomes a .ko.
// Linux: scripts/Makefile.modpost, scripts/Makefile.modfinal
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ModinfoEntry } from '../elf/modinfo.ts'
import { SECTION } from '../elf/module_layout.ts'
import { readElf } from '../elf/reader.ts'
import type { ElfFile } from '../elf/reader.ts'
import { joinScript } from '../elf/script_pieces.ts'
import { BytesError } from '../lib/bytes.ts'
import { KbuildError } from './errors.ts'
import { evaluate } from './evaluate.ts'
import { modpost, moduleName, undefinedIn } from './modpost.ts'
import type { CompiledModule, Linked } from './modpost.ts'
import { modpostInfo, modpostSource } from './modpost_source.ts'
import { modpostPart } from './modpost_part.ts'
import { moduleFile } from './module_file.ts'
import type { BuiltModule } from './options.ts'
import { writeIfChanged, writeWhole } from './output.ts'
import { partFile } from './part.ts'
import { isFresh, recordedCrcs, toolsStamp, writeRecord } from './records.ts'
import { outlineOf } from './script_outline.ts'
import type { ScriptOutline } from './script_outline.ts'
import type { Site } from './site.ts'
import { sourcePart } from './source_part.ts'
import { formatSymvers } from './symvers.ts'

/** A module whose .o is there. */
export interface CompiledTarget {
  /** Path without suffix, absolute. */
  target: string
  builtin: boolean
}

interface ObjectFile extends CompiledModule, CompiledTarget {
  script: string
  outline: ScriptOutline
  sourceMap: string
  bytes: Uint8Array
}

/**
 * Check all modules against each other and the kernel, write `symvers`, and link. Throws
 * KbuildError with all that modpost refuses.
 */
export function linkModules(
  site: Site,
  targets: readonly CompiledTarget[],
  symvers: string,
): BuiltModule[] {
  const modules = targets.map(one => readObject(site, one))
  const { errors, warnings, linked, exported } = modpost(modules, site.knownSymbols(), {
    warnUndefined: site.options.modpostWarn ?? false,
  })
  const ready = linked.map(one => ({ ...one, ...fileOf(site, one) }))
  const isStale = ready.some(one => !one.isFresh) || !existsSync(symvers)
  if (isStale || errors.length > 0) site.say('MODPOST', symvers)
  for (const warning of warnings) site.warn(`WARNING: modpost: ${warning}`)
  if (errors.length > 0) {
    throw new KbuildError(errors.map(error => `ERROR: modpost: ${error}`).join('\n'))
  }
  writeIfChanged(symvers, formatSymvers(exported))
  const objects = targets.map(({ target }) => `${target}.o`)
  writeRecord(symvers, { settings: 'modbox make modpost', inputs: objects })
  return ready.map(one => write(site, one))
}

function readObject(site: Site, { target, builtin }: CompiledTarget): ObjectFile {
  const bytes = readFileSync(`${target}.o`)
  const elf = readElf(bytes)
  const text = (name: string): string =>
    new TextDecoder().decode(elf.section(name)?.data ?? new Uint8Array(0))
  const name = moduleName(basename(target))
  const path = site.shown(target)
  const script = scriptOf(elf, path)
  const sourceMap = text(SECTION.sourceMap) || EMPTY_MAP
  const outline = outlineOf(script)
  const facts = evaluate({
    name,
    script,
    sourceMap,
    source: () => undefined,
    file: `${path}.o`,
    variables: outline.variables.keys(),
  })
  const crcs = recordedCrcs(`${target}.o`)
  return {
    name,
    path,
    target,
    builtin,
    bytes,
    script,
    outline,
    sourceMap,
    undefined: undefinedIn(elf),
    facts,
    exports: facts.exports.map(one => ({ ...one, crc: crcs.get(one.name) ?? 0 })),
  }
}

function scriptOf(elf: ElfFile, path: string): string {
  try {
    return joinScript(name => elf.section(name)?.data ?? new Uint8Array(0))
  } catch (error) {
    if (!(error instanceof BytesError)) throw error
    throw new KbuildError(`${path}.o: error: ${error.message}`)
  }
}

const EMPTY_MAP = '{"version":3,"sources":[],"names":[],"mappings":""}'

interface ReadyFile {
  ko: Uint8Array
  modObject: Uint8Array
  settings: string
  modinfo: ModinfoEntry[]
  isFresh: boolean
}

function fileOf(site: Site, one: Linked<ObjectFile>): ReadyFile {
  const { module } = one
  const modinfo = modpostInfo(one, {
    srcversion: srcversion(module.script),
    vermagic: site.vermagic,
    intree: module.builtin,
    arch: process.arch,
  })
  try {
    const modpostSide = modpostPart({
      ...module,
      ...one.linkage,
      modinfo,
      release: site.release,
    })
    const ko = moduleFile(sourcePart(module), modpostSide, site.machine)
    const settings = `ld -r ${createHash('sha256').update(ko).digest('hex')}`
    const isUpToDate = isFresh(`${module.target}.ko`, settings)
    return {
      ko,
      modObject: partFile(modpostSide, site.machine),
      settings,
      modinfo,
      isFresh: isUpToDate && !site.options.force,
    }
  } catch (error) {
    if (!(error instanceof BytesError)) throw error
    throw new KbuildError(`${module.path}.ko: error: ${error.message}`)
  }
}

function write(site: Site, one: Linked<ObjectFile> & ReadyFile): BuiltModule {
  const { module } = one
  const file = `${module.target}.ko`
  if (!module.builtin) writeModObject(site, one)
  if (!one.isFresh) {
    site.say(module.builtin ? 'LD' : 'LD [M]', file)
    writeWhole(file, one.ko)
    writeRecord(file, { settings: one.settings, inputs: [`${module.target}.o`] })
  }
  return { name: module.name, file, rebuilt: !one.isFresh }
}

function writeModObject(site: Site, one: Linked<ObjectFile> & ReadyFile): void {
  const { target } = one.module
  const source = `${target}.mod.c`
  const object = `${target}.mod.o`
  writeIfChanged(source, modpostSource(one))
  const stamp = `${site.release} --kbuild=${toolsStamp()}`
  const settings = `modbox make KBUILD_MODNAME=${one.module.name} ${stamp}`
  if (!site.options.force && isFresh(object, settings)) return

  site.say('CC [M]', object)
  writeWhole(object, one.modObject)
  writeRecord(object, { settings, inputs: [source] })
}

/** 23 hexadecimal digits that change with the sources. */
function srcversion(script: string): string {
  return createHash('sha1').update(script).digest('hex').slice(0, 23).toUpperCase()
}

/** Write `modules.order` in `folder`: the .ko files that are made of `targets`. */
export function modulesOrder(
  site: Site,
  folder: string,
  targets: readonly string[],
): void {
  const lines = targets.map(target => `${site.shown(target)}.ko\n`).join('')
  writeIfChanged(join(folder, 'modules.order'), lines)
  writeRecord(join(folder, 'modules.order'), {
    settings: `echo ${targets.map(target => site.shown(target)).join(' ')}`,
    inputs: [],
  })
}
