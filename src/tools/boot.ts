// boot: start a machine, and show that it is there. Not a Linux command.

import { relative, resolve } from 'node:path'
import { Machine } from '../syscall/client.ts'
import { machineAt } from '../syscall/locate.ts'
import { startDaemon, waitForDaemon } from './daemon.ts'
import type { Daemon } from './daemon.ts'
import { lastMessages } from './dmesg.ts'
import { ToolError, UsageError } from './errors.ts'
import { parseOptions } from './options.ts'
import type { Manual, Options } from './options.ts'
import { loadSamples } from './samples.ts'
import type { World } from './world.ts'

const MANUAL: Manual = {
  name: 'modbox boot',
  usage: '[options] [MOUNTPOINT]',
  summary: 'Start a machine and mount it at MOUNTPOINT (./mnt if not given).',
  options: [
    ['--foreground', 'stay until the machine ends; Ctrl-C stops it'],
    ['--load-samples', 'load the sample drivers'],
    ['--append <cmdline>', 'the kernel command line: what /proc/cmdline shows'],
    [
      '--transport <name>',
      'how to serve the files: devfuse, fuse-native, or auto (devfuse if it can be had)',
    ],
  ],
  notes: `Exit status: 0 when the machine runs; 1 if it cannot be started, with one sentence that says
why. With --foreground the daemon's own: 0 after halt, 70 after a panic. A panic leaves the machine's
log on the terminal, or in console-MOUNTPOINT.log below /run/modbox-UID (or $XDG_RUNTIME_DIR).

Example:
  modbox boot --load-samples && echo hello > mnt/dev/scull0 && cat mnt/dev/scull0`,
}

const DEFAULT_MOUNTPOINT = 'mnt'

/** Options that the daemon takes as they are. */
const DAEMON_OPTIONS = ['append', 'transport']

/** How many lines of the boot log to show. */
const LOG_LINES = 10

export async function boot(argv: string[], world: World): Promise<number> {
  const options = await parseOptions(MANUAL, argv, world)
  if (!options) return 0
  const [mountpoint = DEFAULT_MOUNTPOINT, ...others] = options.operands
  if (others.length > 0)
    throw new UsageError(`one mount point at a time: '${others.join(' ')}'`)

  const running = machineAt(mountpoint)
  if (running)
    throw new ToolError(
      `a machine is already running at ${mountpoint}, pid ${running.pid}`,
    )

  const daemon = await start(mountpoint, options, world)
  const machine = new Machine(daemon.mountpoint, daemon.process.pid)
  if (options.has('load-samples')) loadSamples(machine)
  world.out((await lastMessages(machine, LOG_LINES, world)) + nextSteps(machine, options))
  return options.has('foreground') ? waitForDaemon(daemon.process) : 0
}

function start(mountpoint: string, options: Options, world: World): Promise<Daemon> {
  const argv = options.given
    .filter(([name]) => DAEMON_OPTIONS.includes(name))
    .flatMap(([name, value]) => [`--${name}`, value])
  // Another daemon than the one that was built, for tests of this command.
  const script = world.env.MODBOX_KERNELD
  return startDaemon({
    mountpoint: resolve(mountpoint),
    argv,
    foreground: options.has('foreground'),
    env: world.env,
    ...(script ? { script } : {}),
  })
}

function nextSteps(machine: Machine, options: Options): string {
  const root = relative(process.cwd(), machine.root) || '.'
  const scull = `  echo hello > ${root}/dev/scull0 && cat ${root}/dev/scull0\n`
  return `
The machine runs at ${root}. Try:
${options.has('load-samples') ? scull : ''}  cat ${root}/proc/modules
  npx modbox insmod drivers/hello/hello.ko && npx modbox dmesg | tail
  npx modbox halt
`
}
