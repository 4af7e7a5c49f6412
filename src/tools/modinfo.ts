// modinfo: what a module says about itself, in kmod 30's shapes.

import { readFileSync, statSync } from 'node:fs'
import type { ModinfoEntry } from '../elf/modinfo.ts'
import { builtinModinfo } from '../kmod/builtin_modinfo.ts'
import { emptyConfig } from '../kmod/config.ts'
import { Lookup } from '../kmod/lookup.ts'
import { openIndexes } from '../kmod/lookup_indexes.ts'
import type { KmodModule } from '../kmod/lookup_module.ts'
import { modinfoOf, readModuleElf, readModuleFile } from '../kmod/module_file.ts'
import { isModulePath, pathToModname } from '../kmod/module_path.ts'
import { signatureInfo } from '../kmod/module_signature.ts'
import { ToolError, errnoOf, strerror } from './errors.ts'
import { allFields, oneField } from './modinfo_text.ts'
import type { Style } from './modinfo_text.ts'
import { absolutePath, modulesFolder } from './module_files.ts'
import { parseOptions } from './options.ts'
import type { Manual, Options } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'modinfo',
  usage: '[options] <modulename|filename> [args]',
  summary: 'Show what a module says about itself.',
  options: [
    ['-a, --author', "Print only 'author'"],
    ['-d, --description', "Print only 'description'"],
    ['-l, --license', "Print only 'license'"],
    ['-p, --parameters', "Print only 'parm'"],
    ['-n, --filename', "Print only 'filename'"],
    ['-0, --null', 'Use \\0 instead of \\n'],
    ['-m, --modname', 'Take the word for a name, not for a file or an alias'],
    ['-F, --field <FIELD>', 'Print only provided FIELD'],
    ['-k, --set-version <VERSION>', 'Use VERSION instead of `uname -r`'],
    ['-b, --basedir <DIR>', 'Use DIR as filesystem root for /lib/modules'],
  ],
  notes: '',
  kmod: 28,
}

/** Options that name one field, the last of which counts. */
const FIELD_OPTIONS: Record<string, string> = {
  author: 'author',
  description: 'description',
  license: 'license',
  parameters: 'parm',
  filename: 'filename',
}

/** A module to show. */
interface Subject {
  readonly name: string
  /** Undefined for one that is part of the kernel. */
  readonly path: string | undefined
  readonly read: () => Promise<ModinfoEntry[]>
}

export async function modinfo(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0
  if (options.operands.length === 0) throw new ToolError('missing module or filename.')

  const complain = (message: string) => world.err(`modinfo: ERROR: ${message}\n`)
  const style = {
    field: chosenField(options),
    end: options.has('null') ? '\0' : '\n',
    complain,
  }
  const find = finder(options, world)
  let status = 0
  for (const operand of options.operands) {
    try {
      for (const subject of find(operand)) {
        if (!(await show(subject, style, world))) status = 1
      }
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      complain(error.message)
      status = 1
    }
  }
  return status
}

function chosenField(options: Options): string | undefined {
  return options.given
    .map(([name, value]) => (name === 'field' ? value : FIELD_OPTIONS[name]))
    .findLast(field => field !== undefined)
}

/** The modules that an operand stands for. Throws a ToolError if there are none. */
function finder(options: Options, world: World): (operand: string) => Subject[] {
  let opened: Lookup | undefined
  const lookup = () => (opened ??= openLookup(options, world))
  return operand => {
    if (options.has('modname')) {
      const module = lookup().byName(operand.replaceAll('-', '_'))
      if (module) return [subjectOf(module, lookup())]
      throw new ToolError(`Module name ${operand} not found.`)
    }
    if (isModuleFile(operand)) return [fileSubject(operand)]
    const found = lookup().find(operand)
    if (!found) throw new ToolError(`Module alias ${operand} not found.`)
    if (found.length === 0) throw new ToolError(`Module ${operand} not found.`)
    return found.map(module => subjectOf(module, lookup()))
  }
}

function openLookup(options: Options, world: World): Lookup {
  const { dirname } = modulesFolder({
    basedir: options.get('basedir'),
    version: options.get('set-version'),
    machine: () => world.machine(options.get('machine')),
  })
  return new Lookup(dirname, emptyConfig(), openIndexes(dirname), () => {})
}

function isModuleFile(path: string): boolean {
  if (!isModulePath(path)) return false
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function fileSubject(operand: string): Subject {
  const path = absolutePath(operand)
  return { name: pathToModname(path), path, read: () => readEntries(path) }
}

function subjectOf(module: KmodModule, { dirname }: Lookup): Subject {
  const { name, path } = module
  if (path !== undefined && !module.builtin) {
    return { name, path, read: () => readEntries(path) }
  }
  const file = `${dirname}/modules.builtin.modinfo`
  const read = async () => builtinModinfo(readFileSync(file), name)
  return { name, path, read }
}

async function readEntries(path: string): Promise<ModinfoEntry[]> {
  const image = await readModuleFile(path)
  return [...modinfoOf(readModuleElf(image)), ...signatureInfo(image)]
}

/** False if it could not be shown, which has been said. */
async function show(subject: Subject, style: Style, world: World): Promise<boolean> {
  const { name, path } = subject
  const { field, end } = style
  const filename = path ?? '(builtin)'
  if (path === undefined && field === undefined)
    world.out(`name:           ${name}${end}`)
  if (path === undefined && field === 'name') world.out(`${name}${end}`)
  if (field === undefined) world.out(`filename:       ${filename}${end}`)
  if (field === 'filename') {
    world.out(`${filename}${end}`)
    return true
  }
  try {
    const entries = await subject.read()
    world.out(
      field === undefined ? allFields(entries, style) : oneField(entries, field, style),
    )
    return true
  } catch (error) {
    return failed(subject, error, style)
  }
}

/** An old kernel has no file about what is part of it; that is no error. */
function failed({ name, path }: Subject, error: unknown, { complain }: Style): boolean {
  const reason = strerror(errnoOf(error))
  if (path === undefined && reason === 'No such file or directory') return true
  complain(`could not get modinfo from '${name}': ${reason}`)
  return false
}
