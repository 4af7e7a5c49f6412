// modinfo: what a module says about itself, in kmod 30's shapes.

import { readFileSync, statSync } from 'node:fs'
import { ELFMAG } from '../include/uapi/elf.ts'
import { EINVAL, ENOEXEC } from '../include/uapi/errno.ts'
import { decodeModinfo } from '../elf/modinfo.ts'
import type { ModinfoEntry } from '../elf/modinfo.ts'
import { ElfError, readElf } from '../elf/reader.ts'
import { ToolError, errnoOf, strerror } from './errors.ts'
import { moduleName } from './loaded_modules.ts'
import { findModule, modulesFolder } from './module_files.ts'
import { moduleParameters } from './module_parameters.ts'
import type { ModuleParameter } from './module_parameters.ts'
import { MACHINE_OPTION, parseOptions } from './options.ts'
import type { Manual, Options } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'modinfo',
  usage: '[options] MODULE|FILE...',
  summary: 'Show what a module says about itself.',
  options: [
    ['-a, --author', "print only 'author'"],
    ['-d, --description', "print only 'description'"],
    ['-l, --license', "print only 'license'"],
    ['-p, --parameters', "print only 'parm'"],
    ['-n, --filename', "print only 'filename'"],
    ['-0, --null', 'use \\0 instead of \\n'],
    ['-m, --modname', 'take MODULE for a name, even if there is such a file'],
    ['-F, --field <field>', 'print only this field'],
    [
      '-k, --set-version <version>',
      "look in the modules of this release, not of the machine's own",
    ],
    ['-b, --basedir <dir>', 'look in <dir>/lib/modules, not in the machine'],
    MACHINE_OPTION,
  ],
  notes: `A name is looked up in the machine's /lib/modules/<release>.

Exit status: 0, or 1 if one of them could not be shown.

Example:
  modinfo -F vermagic drivers/hello/hello.ko`,
}

/** Options that name one field, the last of which counts. */
const FIELD_OPTIONS: Record<string, string> = {
  author: 'author',
  description: 'description',
  license: 'license',
  parameters: 'parm',
  filename: 'filename',
}

/** libkmod reads the first six bytes before all else. */
const SHORTEST_FILE = 6

/** How it is to be shown. */
interface Style {
  field: string | undefined
  end: string
}

export async function modinfo(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0
  if (options.operands.length === 0) throw new ToolError('missing module or filename.')

  const style = { field: chosenField(options), end: options.has('null') ? '\0' : '\n' }
  let status = 0
  for (const operand of options.operands) {
    try {
      const path = modulePath(operand, options, world)
      if (path === undefined) throw new ToolError(`Module ${operand} not found.`)
      show(path, style, world)
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      world.err(`modinfo: ERROR: ${error.message}\n`)
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

/** Where the module is: absolute, but otherwise as it was typed. */
function modulePath(operand: string, options: Options, world: World): string | undefined {
  if (!options.has('modname') && isModuleFile(operand)) {
    return operand.startsWith('/') ? operand : `${process.cwd()}/${operand}`
  }
  const folder = modulesFolder(
    options.get('basedir') ?? world.machine(options.get('machine')).root,
    options.get('set-version'),
  )
  return folder === undefined ? undefined : findModule(folder, moduleName(operand))
}

function isModuleFile(path: string): boolean {
  return (
    path.endsWith('.ko') && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)
  )
}

function show(path: string, style: Style, world: World): void {
  const { field, end } = style
  if (field === 'filename') {
    world.out(`${path}${end}`)
    return
  }
  if (field === undefined) world.out(`${'filename:'.padEnd(16)}${path}${end}`)

  const entries = readModinfo(path)
  world.out(
    field === undefined ? everything(entries, end) : onlyField(entries, field, end),
  )
}

function readModinfo(path: string): ModinfoEntry[] {
  const image = readImage(path)
  try {
    const section = readElf(image).section('.modinfo')
    return section ? decodeModinfo(section.data) : []
  } catch (error) {
    if (!(error instanceof ElfError)) throw error
    throw cannotGet(
      path,
      image.length < SHORTEST_FILE || hasMagic(image) ? EINVAL : ENOEXEC,
    )
  }
}

function readImage(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw cannotGet(path, errnoOf(error))
  }
}

/** What is no ELF at all is another error to libkmod than ELF that is damaged. */
function hasMagic(image: Buffer): boolean {
  return image.toString('latin1', 0, ELFMAG.length) === ELFMAG
}

function cannotGet(path: string, errno: number): ToolError {
  const reason = strerror(errno)
  return new ToolError(`could not get modinfo from '${moduleName(path)}': ${reason}`)
}

function everything(entries: readonly ModinfoEntry[], end: string): string {
  const fields = entries
    .filter(([tag]) => tag !== 'parm' && tag !== 'parmtype')
    .map(([tag, value]) =>
      end === '\0' ? `${tag}=${value}${end}` : `${tag}:${gap(tag)}${value}${end}`,
    )
  const parameters = moduleParameters(entries).map(
    parameter => `${'parm:'.padEnd(16)}${describe(parameter, ':')}${end}`,
  )
  return [...fields, ...parameters].join('')
}

/** Fills up to column 16. Tags that are too long get as much as they are too long, as in kmod. */
function gap(tag: string): string {
  return ' '.repeat(Math.abs(15 - tag.length))
}

function onlyField(entries: readonly ModinfoEntry[], field: string, end: string): string {
  if (field === 'parm') {
    return moduleParameters(entries)
      .map(parameter => `${describe(parameter, ': (')}${end}`)
      .join('')
  }
  const values = entries.filter(([tag]) => tag === field).map(([, value]) => value)
  return values.map(value => `${value}${end}`).join('')
}

/** "name:description (type)"; without a description "name:type", or with -p "name: (type)". */
function describe(parameter: ModuleParameter, opening: ':' | ': ('): string {
  const { name, description, type } = parameter
  if (description === undefined)
    return `${name}${opening}${type}${opening === ':' ? '' : ')'}`
  return type === undefined
    ? `${name}:${description}`
    : `${name}:${description} (${type})`
}
