// How modinfo writes the fields of a module.

import type { ModinfoEntry } from '../elf/modinfo.ts'
import { isParameter, moduleParameters } from './module_parameters.ts'
import type { ModuleParameter } from './module_parameters.ts'

export interface Style {
  /** Only this field. */
  readonly field: string | undefined
  /** What is behind each: a newline or a NUL. */
  readonly end: string
  /** Told of an entry that makes no sense. */
  readonly complain: (message: string) => void
}

/** Every field with its name, then the parameters. */
export function allFields(entries: readonly ModinfoEntry[], style: Style): string {
  const { end } = style
  const fields = entries
    .filter(entry => !isParameter(entry))
    .map(([tag, value]) =>
      end === '\0' ? `${tag}=${value}${end}` : `${tag}:${gap(tag)}${value}${end}`,
    )
  const lines = parameters(entries, style).map(
    parameter => `${'parm:'.padEnd(16)}${describe(parameter, ':')}${end}`,
  )
  return [...fields, ...lines].join('')
}

/** The values alone. */
export function oneField(
  entries: readonly ModinfoEntry[],
  field: string,
  style: Style,
): string {
  const values =
    field === 'parm'
      ? parameters(entries, style).map(parameter => describe(parameter, ': ('))
      : entries.filter(([tag]) => tag === field).map(([, value]) => value)
  return values.map(value => `${value}${style.end}`).join('')
}

function parameters(
  entries: readonly ModinfoEntry[],
  { complain }: Style,
): ModuleParameter[] {
  return moduleParameters(entries, ([tag, value]) =>
    complain(`Found invalid "${tag}=${value}": missing ':'`),
  )
}

/** Fills up to column 16. Tags that are too long get as much as they are too long, as in kmod. */
function gap(tag: string): string {
  return ' '.repeat(Math.abs(15 - tag.length))
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
