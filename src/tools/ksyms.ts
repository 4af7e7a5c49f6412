// ksyms: the symbols that the kernel and its modules export, as modutils of Linux 2.4 showed them.
// Older course notes use it; today one reads /proc/kallsyms.

import { readFileSync } from 'node:fs'
import type { Machine } from '../syscall/client.ts'
import { ToolError, errnoOf, strerror } from './errors.ts'
import { MACHINE_OPTION, parseOptions } from './options.ts'
import type { Manual } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'ksyms',
  usage: '[options]',
  summary: 'List the symbols that loaded modules export, and who exports them.',
  options: [
    ['-a, --all', 'those of the kernel itself, too'],
    ['-m, --info', 'also each module, where it is and how large'],
    ['-h, --noheader', 'without the heading'],
    MACHINE_OPTION,
  ],
  helpFlags: '-H, --help',
  notes: `Exit status: 0, or 1 if the list cannot be read.

Example:
  ksyms -a | grep printk`,
}

/** Digits of an address, and the room for a name. */
const ADDRESS_WIDTH = 16
const NAME_WIDTH = 32

export async function ksyms(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0

  const machine = world.machine(options.get('machine'))
  const symbols = read(machine, 'ksyms').flatMap(parseSymbol)
  const rows = symbols.filter(({ owner }) => owner !== '' || options.has('all'))
  const modules = options.has('info') ? read(machine, 'modules').map(moduleRow) : []
  const heading = row('Address', 'Symbol', 'Defined by')
  world.out(
    [
      ...(options.has('noheader') ? [] : [heading]),
      ...modules,
      ...rows.map(({ address, name, owner }) => row(address, name, owner)),
    ].join(''),
  )
  return 0
}

interface Exported {
  address: string
  name: string
  /** "[module]"; '' for the kernel itself. */
  owner: string
}

/** "ffffffffc0210000 foo\t[syma]". */
function parseSymbol(line: string): Exported[] {
  const [, address, name, owner = ''] = /^(\w+) (\S+)(?:\t(\[.*\]))?$/.exec(line) ?? []
  return address === undefined || name === undefined ? [] : [{ address, name, owner }]
}

/** From a line of /proc/modules; sizes are in units of 1024 bytes. */
function moduleRow(line: string): string {
  const [name = '', size = '', , , , address = ''] = line.split(' ')
  const kilobytes = Math.ceil(Number(size) / 1024)
  return row(address.replace(/^0x/, ''), `(${kilobytes}k)`, `[${name}]`)
}

function row(address: string, name: string, owner: string): string {
  const line = `${address.padEnd(ADDRESS_WIDTH)}  ${name.padEnd(NAME_WIDTH)}  ${owner}`
  return `${line.trimEnd()}\n`
}

function read(machine: Machine, file: string): string[] {
  try {
    const text = readFileSync(machine.path('proc', file), 'utf8')
    return text.split('\n').filter(line => line !== '')
  } catch (error) {
    throw new ToolError(`/proc/${file}: ${strerror(errnoOf(error))}`)
  }
}
