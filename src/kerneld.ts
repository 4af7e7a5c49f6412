// The running process of a machine: boot, mount, serve, unmount.
//
// Started by `modbox boot`, which waits for one line of JSON on descriptor 3: that the machine is
// there, or why it is not.

import { closeSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Kernel } from './boot.ts'
import { DeviceNodes } from './fuse/device_nodes.ts'
import { Guardian } from './fuse/guardian.ts'
import { lowestFreeDescriptor } from './fuse/host_descriptors.ts'
import { HostProcesses } from './fuse/host_processes.ts'
import { ProcessIdentity } from './fuse/host_task.ts'
import { Ids } from './fuse/ids.ts'
import { chooseTransport } from './fuse/choose_transport.ts'
import { unmount } from './fuse/mount.ts'
import { PageCache } from './fuse/page_cache.ts'
import { Tracer } from './fuse/ptrace_access.ts'
import type { Transport } from './fuse/transport.ts'
import { ProcessMemory } from './fuse/user_memory.ts'
import { SystemCalls } from './fuse/system_call.ts'
import { VfsBridge } from './fuse/vfs_bridge.ts'
import { type Host, openHost } from './host/host.ts'
import { LockupDetector } from './host/lockup_detector.ts'
import { Programs } from './host/programs.ts'
import { consoleText } from './last_words.ts'
import { packageRoot } from './package.ts'
import { bootThisMachine } from './this_machine.ts'
import { Connections, type Rights } from './syscall/connections.ts'
import { ForwardedCalls } from './syscall/forwarded.ts'
import { register, unregister } from './syscall/registry.ts'
import { modboxDevice, MODBOX_MINOR } from './syscall/server.ts'
import { UserCalls } from './syscall/user_calls.ts'

/** sysexits(3): an internal error. */
const EX_SOFTWARE = 70
const STATUS_FD = 3

/** As it was built: a thread cannot be started from the sources. */
const LOCKUP_THREAD = join(packageRoot(), 'dist', 'src', 'host', 'lockup_thread.js')

const options = {
  append: { type: 'string', default: '' },
  transport: { type: 'string', default: 'auto' },
  /** Of the one program that it is booted for: in no list of running machines. */
  private: { type: 'boolean', default: false },
  /** The file that stdout and stderr go to; it has no use after a good end. */
  console: { type: 'string' },
} as const

/** One line for whoever started us, who may have gone away. */
function tell(message: object): void {
  try {
    writeSync(STATUS_FD, `${JSON.stringify(message)}\n`)
    closeSync(STATUS_FD)
  } catch {
    // Started by hand: nobody waits for it.
  }
}

/** There will be no machine. */
function refuse(error: unknown): void {
  tell({ error: (error as Error).message })
  console.error(`modbox: ${(error as Error).message}`)
}

/** The programs that the kernel starts; they find the machine where this daemon registers it. */
function kernelPrograms(): Programs {
  const { MODBOX_RUNTIME_DIR, XDG_RUNTIME_DIR } = process.env
  return new Programs({
    modprobe: [process.execPath, join(packageRoot(), 'bin', 'modbox.js'), 'modprobe'],
    env: {
      ...(MODBOX_RUNTIME_DIR ? { MODBOX_RUNTIME_DIR } : {}),
      ...(XDG_RUNTIME_DIR ? { XDG_RUNTIME_DIR } : {}),
    },
  })
}

/** A machine of an ordinary user's is only reached by himself. */
function rightsOf(supervisor: number, ids: Ids): Rights {
  if (!ids.ownerIsRoot) return () => true
  const tracer = new Tracer(supervisor)
  return pid => tracer.mayAttach(pid)
}

/** A machine that is mounted. */
class Daemon {
  readonly #host: Host | undefined
  readonly #kernel: Kernel
  readonly #transport: Transport
  readonly #guardian: Guardian
  readonly #bridge: VfsBridge
  readonly #programs: Programs
  readonly #consoleFile: string | undefined
  readonly #private: boolean
  #stopping = false
  #status = 0

  constructor(
    host: Host | undefined,
    kernel: Kernel,
    transport: Transport,
    programs: Programs,
    {
      console: consoleFile,
      private: isPrivate,
    }: { console?: string | undefined; private: boolean },
  ) {
    this.#host = host
    this.#kernel = kernel
    this.#programs = programs
    this.#consoleFile = consoleFile
    this.#private = isPrivate
    this.#transport = transport
    const { mountpoint } = transport
    const nodes = new DeviceNodes()
    const ids = new Ids(process.getuid?.() ?? 0, process.getgid?.() ?? 0)
    const hostMemoryOf = (pid: number) => new ProcessMemory(pid, host)
    const memoryOf = (pid: number) => bridge.memoryOf(pid)
    const { sched, traps, wait } = kernel
    const identityOf = (pid: number) => new ProcessIdentity(pid, ids, memoryOf)
    kernel.processes.join(new HostProcesses(identityOf))
    const connections = new Connections({
      wake: queue => wait.wake_up_interruptible(queue),
      signal: task => sched.signal_wake_up(task),
      rightsOf: pid => rightsOf(pid, ids),
      fput: file => void kernel.files.fput(file),
    })
    const forwarded = new ForwardedCalls({
      sched,
      traps,
      calls: new UserCalls(kernel),
      control: kernel.control,
      connections,
      memoryOf,
      processOf: identityOf,
      lowestFreeDescriptor,
      mmap: (...call) => bridge.announceMmap(...call),
      shared: (...call) => bridge.sharedWith(...call),
    })
    const bridge: VfsBridge = new VfsBridge({
      machine: kernel,
      looksOnly: pid => nodes.looksOnly(pid),
      ids,
      systemCalls: new SystemCalls(hostMemoryOf),
      memoryOf: hostMemoryOf,
      forward: (...call) => forwarded.forward(...call),
      isSupervisor: pid => connections.isSupervisor(pid),
      notifyPoll: kh => transport.notifyPoll(kh),
      given: (pid, path) => connections.given(pid, path),
      takeGiven: (pid, inode) => connections.takeGiven(pid, inode),
      pageCache: new PageCache({
        notify: message => transport.notify(message),
        notifyInBackground: message => transport.notifyInBackground(message),
      }),
      device: transport.device,
    })
    this.#bridge = bridge
    this.#guardian = new Guardian(mountpoint)
    kernel.misc.misc_register(
      modboxDevice(
        {
          modules: kernel.modules,
          log: kernel.log,
          capabilities: kernel.capabilities,
          status: () => ({
            mountpoint,
            transport: transport.name,
            pid: process.pid,
            uptime: kernel.time.uptime(),
            release: kernel.uts.release,
            modules: kernel.modules.count,
            ...bridge.counts,
            sleeping: bridge.counts.sleeping + connections.sleeping,
            timers: kernel.timers.pending + kernel.hrtimers.pending,
          }),
          connections,
          sched,
          reboot: () => void setImmediate(() => void this.stop()),
        },
        MODBOX_MINOR,
      ),
    )
  }

  async serve(): Promise<void> {
    const { sched, traps } = this.#kernel
    const { mountpoint } = this.#transport
    await this.#transport.start(this.#bridge, {
      drain: () => sched.settle(),
      afterBatch: () => sched.run(),
      onPanic: error => this.crash(error),
      onBadReply: text => traps.WARN(true, text),
      ended: () => this.#exit(),
    })
    register({ mountpoint, pid: process.pid, ...(this.#private && { private: true }) })
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => void this.stop())
    }
    process.on('SIGHUP', () => {})
  }

  /** Unmount and end in good order. */
  async stop(status = 0): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    this.#status = status
    try {
      await unmount(this.#transport.mountpoint, this.#host)
    } catch (error) {
      console.error(`modbox: ${(error as Error).message}`)
    }
    this.#exit()
  }

  /** There is no time for good order, because something runs that does not end: the guardian unmounts. */
  abort(): never {
    unregister()
    this.#programs.killAll()
    process.exit(EX_SOFTWARE)
  }

  /** Something is wrong with this program itself. Say what, unmount, end. */
  crash(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    console.error(`Kernel panic - not syncing: modbox itself failed\n${text}`)
    void this.stop(EX_SOFTWARE)
  }

  #exit(): void {
    unregister()
    if (this.#private) removeFolder(this.#transport.mountpoint)
    this.#programs.killAll()
    this.#guardian.dismiss()
    if (this.#consoleFile && this.#status === 0)
      rmSync(this.#consoleFile, { force: true })
    // The guardian's pipe has to be written to first.
    setImmediate(() => process.exit(this.#status))
  }
}

/** The folder that was made for this machine only. */
function removeFolder(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // Somebody has put something into it, or has removed it.
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [mountpoint = 'mnt'] = positionals
  const host = await openHost()
  let daemon: Daemon | undefined
  const programs = kernelPrograms()
  const detector = new LockupDetector(LOCKUP_THREAD, (seconds, report) => {
    kernel.watchdog.softlockup(seconds, report)
    if (kernel.emergency.stopped) daemon?.abort()
  })
  const kernel: Kernel = await bootThisMachine({
    cmdline: values.append,
    startHelper: helper => programs.start(helper),
    detectLockups: seconds => detector.watch(seconds),
    onPanic: () => {
      console.error(consoleText(kernel))
      void daemon?.stop(EX_SOFTWARE)
    },
  })
  const { transport, why } = await chooseTransport(
    values.transport,
    resolve(mountpoint),
    host,
  )
  programs.mountpoint = transport.mountpoint
  process.chdir('/') // keep no folder busy
  kernel.log.printk(
    `\x016modbox: mounted on %s by %s, transport %s (%s)\n`,
    transport.mountpoint,
    transport.way,
    transport.name,
    why,
  )

  daemon = new Daemon(host, kernel, transport, programs, values)
  const crash = (error: unknown) => {
    // A promise that a driver let go of belongs to the driver.
    if (kernel.traps.isDriversFault(error)) kernel.traps.stray(error)
    else daemon?.crash(error)
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  try {
    await daemon.serve()
  } catch (error) {
    refuse(error)
    return daemon.stop(1)
  }
  tell({ ready: true, mountpoint: transport.mountpoint })
}

try {
  await main()
} catch (error) {
  refuse(error)
  process.exit(1)
}
