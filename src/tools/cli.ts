// The command line: which command is meant, and what becomes of its result. All commands are one
// program; called by the name of a command (a link named insmod), it is that command.

import { basename } from 'node:path'
import { MachineError } from '../syscall/machine_error.ts'
import { isSystemError, systemError, ToolError, UsageError } from './errors.ts'
import { packageVersion } from '../package.ts'
import { BrokenPipe, thisWorld } from './world.ts'
import type { World } from './world.ts'

/** Takes the words after the command's name; returns the exit status. */
export type Tool = (argv: string[], world: World) => Promise<number>

interface CommandRow {
  summary: string
  /** Whose errors these look like: those of kmod, of util-linux, or our own. */
  style?: 'kmod' | 'util-linux'
  /** Only the command that is asked for is loaded. */
  load: () => Promise<Tool>
}

/** Every command: to add one, add its file and its row. */
export const COMMANDS: Record<string, CommandRow> = {
  boot: {
    summary: 'start a machine',
    load: async () => (await import('./boot.ts')).boot,
  },
  halt: {
    summary: 'stop a machine',
    load: async () => (await import('./halt.ts')).halt,
  },
  run: {
    summary: 'run a program with the machine as its kernel',
    load: async () => (await import('./run.ts')).run,
  },
  shell: {
    summary: 'start a shell with the machine as its kernel',
    load: async () => (await import('./shell.ts')).shell,
  },
  status: {
    summary: 'say how a machine is',
    load: async () => (await import('./status.ts')).status,
  },
  make: {
    summary: 'build drivers: .ts to .ko',
    load: async () => (await import('./make.ts')).make,
  },
  insmod: {
    summary: 'load a module',
    style: 'kmod',
    load: async () => (await import('./insmod.ts')).insmod,
  },
  rmmod: {
    summary: 'remove modules',
    style: 'kmod',
    load: async () => (await import('./rmmod.ts')).rmmod,
  },
  modprobe: {
    summary: 'load or remove modules with all that they need',
    style: 'kmod',
    load: async () => (await import('./modprobe.ts')).modprobe,
  },
  depmod: {
    summary: 'write the files that modprobe finds modules by',
    style: 'kmod',
    load: async () => (await import('./depmod.ts')).depmod,
  },
  lsmod: {
    summary: 'list the loaded modules',
    style: 'kmod',
    load: async () => (await import('./lsmod.ts')).lsmod,
  },
  ksyms: {
    summary: 'list exported symbols, as Linux 2.4 did',
    style: 'kmod',
    load: async () => (await import('./ksyms.ts')).ksyms,
  },
  modinfo: {
    summary: 'show what a module says of itself',
    style: 'kmod',
    load: async () => (await import('./modinfo.ts')).modinfo,
  },
  dmesg: {
    summary: 'show the kernel log',
    style: 'util-linux',
    load: async () => (await import('./dmesg.ts')).dmesg,
  },
}

/** `argv` is process.argv. Sets the exit status of this process. */
export async function main(argv: string[]): Promise<void> {
  const words = argv.slice(1)
  process.title = parse(words).name // what drivers see as current->comm
  process.exitCode = await runCommand(words, thisWorld())
}

/** `words` are the program's path and its arguments. Returns the exit status. */
export async function runCommand(words: string[], world: World): Promise<number> {
  const { name, argv, plainName } = parse(words)
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  try {
    if (!command) return aboutModbox(name, world)
    const run = await command.load()
    return await run(argv, { ...world, plainName })
  } catch (error) {
    return failed(error, name, command?.style, world)
  }
}

/** Under the name of a command this program is that command. */
function parse(words: string[]): { name: string; argv: string[]; plainName: boolean } {
  const self = basename(words[0] ?? '')
  const rest = words.slice(1)
  if (Object.hasOwn(COMMANDS, self)) return { name: self, argv: rest, plainName: true }
  const [name = '--help', ...argv] = rest
  return { name, argv, plainName: false }
}

/** The exit status that `error` means; its message goes to stderr. */
function failed(
  error: unknown,
  name: string,
  style: CommandRow['style'],
  world: World,
): number {
  if (error instanceof BrokenPipe) return 0
  if (error instanceof MachineError) {
    world.err(`modbox: ${error.message}\n`)
    return 1
  }
  if (isSystemError(error)) {
    world.err(`modbox: ${systemError(error)}\n`)
    return 1
  }
  if (!(error instanceof ToolError)) throw error

  const usage = error instanceof UsageError
  const speaker = style ? name : 'modbox'
  const mark = style === 'kmod' && !usage ? 'ERROR: ' : ''
  world.err(`${speaker}: ${mark}${error.message}\n`)
  if (usage && style !== 'kmod') {
    const full = style ? name : `modbox ${name}`
    world.err(`Try '${full} --help' for more information.\n`)
  }
  return error.status
}

function aboutModbox(name: string, world: World): number {
  if (name === '--version' || name === '-V') {
    world.out(`modbox ${packageVersion()}\n`)
    return 0
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    world.out(overview())
    return 0
  }
  world.err(
    `modbox: unknown command '${name}'\nTry 'modbox --help' for more information.\n`,
  )
  return 1
}

function overview(): string {
  const rows = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(9)} ${summary}\n`,
  )
  return `Usage: modbox COMMAND [options]

A simulated Linux kernel whose /dev, /proc and /sys are real files, and whose
drivers are TypeScript modules.

Commands:
${rows.join('')}
Each has a manual: modbox COMMAND --help
`
}
