// rmmod: remove modules. It looks at /sys first, as kmod does, so that it can say who is in the
// way; the machine decides.

import { ENOENT } from '../include/uapi/errno.ts'
import { O_NONBLOCK, O_TRUNC } from '../include/uapi/fcntl.ts'
import { pathToModname } from '../kmod/module_path.ts'
import type { Machine } from '../syscall/client.ts'
import { ToolError, strerror } from './errors.ts'
import { holders, initState, refCount } from './loaded_modules.ts'
import { parseOptions } from './options.ts'
import type { Manual } from './options.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'rmmod',
  usage: '[options] modulename ...',
  summary: 'Remove modules, by name or by file name.',
  options: [
    [
      '-f, --force',
      'remove it even if it is in use or cannot be\nremoved; this may crash the machine',
    ],
    ['-s, --syslog', 'print to syslog, not stderr'],
    ['-v, --verbose', 'enables more messages'],
  ],
  // kmod 30 has forgotten it half: its getopt knows the letter, and the program does not.
  hidden: ['-w'],
  notes: '',
  kmod: 18,
}

/** Says what is wrong with one module. */
type Report = (message: string) => void

export async function rmmod(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0
  if (options.has('w')) throw new ToolError("unexpected getopt_long() value 'w'.")
  if (options.operands.length === 0) throw new ToolError('missing module name.')

  const machine = world.machine(options.get('machine'))
  const report = options.has('syslog') ? await toSyslog() : toStderr(world)
  const force = options.has('force')
  let status = 0
  for (const typed of options.operands) {
    if (!remove(machine, typed, force, report)) status = 1
  }
  return status
}

/** Whether the module was removed. */
function remove(
  machine: Machine,
  typed: string,
  force: boolean,
  report: Report,
): boolean {
  const name = pathToModname(typed)
  if (!force && !mayGo(machine, name, report)) return false

  const ret = machine.deleteModule(name, O_NONBLOCK | (force ? O_TRUNC : 0))
  if (ret >= 0) return true

  const reason = strerror(-ret)
  // Two lines: the library's own, with its place in kmod 30, and the tool's.
  report(
    `../libkmod/libkmod-module.c:856 kmod_module_remove_module() could not remove '${name}': ${reason}`,
  )
  report(`could not remove module ${typed}: ${reason}`)
  return false
}

/** Whether nothing is seen to be in the way. */
function mayGo(machine: Machine, name: string, report: Report): boolean {
  const obstacle = findObstacle(machine, name)
  if (obstacle) report(obstacle)
  // -1: it is being removed already. Linux's rmmod fails without a word.
  return obstacle === undefined && refCount(machine, name) === 0
}

function findObstacle(machine: Machine, name: string): string | undefined {
  const state = initState(machine, name)
  if (state === 'builtin') return `Module ${name} is builtin.`
  if (state === 'absent') return `Module ${name} is not currently loaded`

  const users = holders(machine, name)
  if (users.length > 0) return `Module ${name} is in use by: ${users.join(' ')}`

  const references = refCount(machine, name)
  if (references > 0) return `Module ${name} is in use`
  return references === -ENOENT ? 'Module unloading is not supported' : undefined
}

function toStderr(world: World): Report {
  return message => world.err(`rmmod: ERROR: ${message}\n`)
}

/** By way of logger(1); where there is none, the messages are lost, as without a syslogd. */
async function toSyslog(): Promise<Report> {
  const { spawnSync } = await import('node:child_process')
  return message => {
    spawnSync('logger', ['-t', 'rmmod', '-p', 'user.err', `ERROR: ${message}`], {
      stdio: 'ignore',
    })
  }
}
