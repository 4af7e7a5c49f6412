// start_kernel(): every subsystem of a machine, in order, each with what it needs. READ FIRST.
// Linux: init/main.c.

import { Classes } from './base/class.ts'
import { Devices } from './base/core.ts'
import { DeviceCreation } from './base/device_create.ts'
import { DeviceFiles } from './base/device_files.ts'
import { DeviceNumbers } from './base/device_numbers.ts'
import { DeviceTree } from './base/device_tree.ts'
import { DeviceUevents } from './base/device_uevent.ts'
import { DevPrintk } from './base/dev_printk.ts'
import { Devres } from './base/devres.ts'
import { KobjectMoves } from './base/kobject_moves.ts'
import { Kobjects } from './base/kobjects.ts'
import { MiscDevices } from './base/misc.ts'
import { Uevents } from './base/uevent.ts'
import { CharDevices } from './fs/char_dev.ts'
import { DebugFsArrays } from './fs/debugfs/arrays.ts'
import { DebugFsFiles } from './fs/debugfs/file.ts'
import { DebugFs } from './fs/debugfs/inode.ts'
import { DevTmpFs } from './fs/devtmpfs.ts'
import { EventPoll } from './fs/eventpoll.ts'
import { directory, fixed_inode_operations, type Inode } from './fs/inode.ts'
import * as libfs from './fs/libfs.ts'
import * as fasync from './fs/fasync.ts'
import { FileControl } from './fs/fcntl.ts'
import { OpenFiles } from './fs/open.ts'
import * as proc_entry from './fs/proc/entry.ts'
import { ProcFs } from './fs/proc/generic.ts'
import { proc_misc_init, type Utsname, uts_sysctl } from './fs/proc/misc.ts'
import { ramfs_inode_operations } from './fs/ramfs.ts'
import { Polls } from './fs/select.ts'
import { SeqFiles } from './fs/seq_file.ts'
import * as seq_list from './fs/seq_list.ts'
import * as seq_text from './fs/seq_text.ts'
import { SimpleAttributes } from './fs/simple_attr.ts'
import { SysfsFiles } from './fs/sysfs/file.ts'
import { SysfsGroups } from './fs/sysfs/group.ts'
import { SysFs } from './fs/sysfs/sysfs.ts'
import { Capabilities } from './kernel/capability.ts'
import { Completions } from './kernel/completion.ts'
import { DebugObjects } from './kernel/debugobjects.ts'
import { DelayedWorks } from './kernel/delayed_work.ts'
import { StackDumps } from './kernel/dumpstack.ts'
import { DynamicDebug } from './kernel/dynamic_debug.ts'
import { Emergency } from './kernel/emergency.ts'
import { Formats } from './kernel/formats.ts'
import { HexDump } from './kernel/hexdump.ts'
import { IrqHandling } from './kernel/irq/handle.ts'
import { IrqSim } from './kernel/irq/irq_sim.ts'
import { IrqDescs } from './kernel/irq/irqdesc.ts'
import { Irqs } from './kernel/irq/manage.ts'
import { irq_proc_init } from './kernel/irq/show.ts'
import { SpuriousIrqs } from './kernel/irq/spurious.ts'
import { IrqThreads } from './kernel/irq/thread.ts'
import { HungTasks } from './kernel/hung_task.ts'
import { Kmod } from './kernel/kmod.ts'
import { Kthreads } from './kernel/kthread.ts'
import { DebugLocks } from './kernel/locking/debug_locks.ts'
import { LockWaiters } from './kernel/locking/lock_waiters.ts'
import { Lockdep } from './kernel/locking/lockdep.ts'
import { LockReports } from './kernel/locking/lockdep_report.ts'
import { Mutexes } from './kernel/locking/mutex.ts'
import { RwLocks } from './kernel/locking/rwlock.ts'
import { RwSemaphores } from './kernel/locking/rwsem.ts'
import { Semaphores } from './kernel/locking/semaphore.ts'
import { Spinlocks } from './kernel/locking/spinlock.ts'
import { MightSleep } from './kernel/might_sleep.ts'
import { ModuleCode } from './kernel/module/code.ts'
import { do_initcalls } from './kernel/module/builtin.ts'
import { Modules } from './kernel/module/main.ts'
import { proc_kmsg_init } from './fs/proc/kmsg.ts'
import { SymbolLookup } from './kernel/module/symbol_lookup.ts'
import { SymbolGet } from './kernel/module/symbol_get.ts'
import { Traps } from './kernel/panic.ts'
import { CommandLine } from './kernel/params/command_line.ts'
import { EXPORT_SYMBOL as param_ops } from './kernel/params/ops.ts'
import { Params } from './kernel/params/params.ts'
import { Printk } from './kernel/printk.ts'
import { Processes } from './kernel/pid.ts'
import { Rcu } from './kernel/rcu.ts'
import { Refcounts } from './kernel/refcount.ts'
import { Scheduler } from './kernel/sched.ts'
import { Softirqs } from './kernel/softirq.ts'
import { StackTraces } from './kernel/stack.ts'
import { SymbolTable, type Symvers } from './kernel/symbols.ts'
import { Sysctl } from './kernel/sysctl.ts'
import { sysrq_init } from './kernel/sysrq.ts'
import { Taints } from './kernel/taint.ts'
import { Jiffies } from './kernel/time/jiffies.ts'
import { ClockEvents } from './kernel/time/clockevents.ts'
import * as delay from './kernel/time/delay.ts'
import { Hrtimers } from './kernel/time/hrtimer.ts'
import { HrtimerSleeps } from './kernel/time/hrtimer_sleep.ts'
import { Timeouts } from './kernel/time/sleep_timeout.ts'
import { Timekeeping } from './kernel/time/timekeeping.ts'
import { Timers } from './kernel/time/timer.ts'
import { Tasklets } from './kernel/tasklet.ts'
import { type StartHelper, UsermodeHelpers } from './kernel/umh.ts'
import { Ttys } from './kernel/tty.ts'
import { UserPointers } from './kernel/user_pointers.ts'
import { type DetectLockups, Watchdog } from './kernel/watchdog.ts'
import { WaitQueues } from './kernel/wait.ts'
import { WaitBits } from './kernel/wait_bit.ts'
import { Works } from './kernel/work.ts'
import { Workqueues } from './kernel/workqueue.ts'
import { AddressSpace } from './mm/address_space.ts'
import { Faults } from './mm/fault.ts'
import { PageAllocator } from './mm/page_alloc.ts'
import { PageFrames } from './mm/page_frames.ts'
import { Remap } from './mm/remap.ts'
import { SharedZeros } from './mm/shmem.ts'
import { Vmalloc } from './mm/vmalloc.ts'
import type { LogRecord } from './lib/kmsg.ts'
import * as iov_iter from './lib/iov_iter.ts'
import * as kfifo from './lib/kfifo.ts'
import * as kstrtox from './lib/kstrtox.ts'
import * as cmdline_lib from './lib/cmdline.ts'
import * as fortify from './lib/fortify.ts'
import * as hexdump from './lib/hexdump.ts'
import * as random from './lib/random.ts'
import * as user_string from './lib/user_string.ts'
import * as user_struct from './lib/user_struct.ts'
import * as user_value from './lib/user_value.ts'
import * as usercopy from './lib/usercopy.ts'
import * as vsscanf from './lib/vsscanf.ts'
import { vermagic } from './lib/vermagic.ts'
import { Kasan } from './mm/kasan.ts'
import { Kmemleak } from './mm/kmemleak.ts'
import { MemoryOwners } from './mm/owners.ts'
import { Slab } from './mm/slab.ts'

export interface BootOptions {
  uts: Utsname
  /** EM_* of the modules it takes. */
  machine: number
  /** The kernel command line: /proc/cmdline. */
  cmdline?: string
  /** CRCs of the kernel's own symbols. */
  symvers?: Symvers
  /** Modules that are part of the kernel, as .ko images. */
  builtin?: readonly Uint8Array[]
  /** Sees each message as it is logged. */
  console?: (record: LogRecord) => void
  /** Starts programs for the kernel, modprobe above all; without it there are none. */
  startHelper?: StartHelper
  /** Watches for code that spins; without it nobody does. */
  detectLockups?: DetectLockups
  /** After panic(): nothing is to run any more. */
  onPanic?: (reason: string) => void
}

export type Kernel = Awaited<ReturnType<typeof start_kernel>>

export async function start_kernel(options: BootOptions) {
  const {
    uts,
    machine,
    cmdline = '',
    symvers,
    console,
    startHelper,
    onPanic,
    detectLockups,
  } = options
  const bootTime = performance.now()

  const sched = new Scheduler() //                           current, run queue
  const time = new Jiffies(bootTime) //                      jiffies, uptime
  const clock = new ClockEvents() //                         the host's timer
  const timekeeping = new Timekeeping(bootTime) //           ktime_get
  const symbols = new SymbolTable(symvers) //                EXPORT_SYMBOL
  const schedule_timeout = (ticks: number) => timeouts.schedule_timeout(ticks)
  const wait = new WaitQueues(sched, schedule_timeout) //    wait_event, wake_up
  const capabilities = new Capabilities(sched) //            capable
  const formats = new Formats({
    capabilities,
    lookup: pointer => lookup.lookup(pointer),
    unsupported: letter =>
      traps.WARN(true, 'Please remove unsupported %%%s in format string\n', letter),
    cmdline,
  }) //                                                      %p, %pS, sprintf
  const log = new Printk(
    { sched, wait, capabilities },
    { bootTime, formats, cmdline, ...(console ? { console } : {}) },
  )
  const debug_locks = new DebugLocks()
  const taints = new Taints(debug_locks, text => log.printk(`\x014${text}`))
  const stacks = new StackTraces() //                        where a driver's error was
  const reporting = {
    log,
    sched,
    taints,
    stacks,
    modulesLinkedIn: () => modules.linkedIn(),
    version: `${uts.release} #1`,
  }
  const dumps: StackDumps = new StackDumps(reporting)
  const emergency: Emergency = new Emergency({
    log,
    taints,
    dumps,
    onPanic(reason) {
      clock.halt()
      onPanic?.(reason)
    },
  }) //                                                      panic
  const traps: Traps = new Traps({ ...reporting, formats, dumps, emergency })
  const detect = detectLockups ?? (() => {})
  const watchdog = new Watchdog({ ...reporting, dumps, emergency, detect })
  const hungTasks = new HungTasks({ ...reporting, emergency })
  const lock_reports = new LockReports({
    log,
    dumps,
    moduleOf: site => modules.list.all().find(({ sites }) => sites.includes(site))?.name,
  })
  const lockdep = new Lockdep({ sched, debug_locks, stacks, reports: lock_reports })
  const might_sleep = new MightSleep({
    sched,
    log,
    traps,
    taints,
    time,
    reports: () => (debug_locks.on ? lock_reports : undefined),
  })
  const waiters = new LockWaiters(sched, schedule_timeout) // who waits for a lock
  const mutexes = new Mutexes({ sched, waiters, lockdep, might_sleep, traps })
  const refcounts = new Refcounts(traps, mutexes)
  const semaphores = new Semaphores(waiters, might_sleep)
  const rwsems = new RwSemaphores({ waiters, lockdep, might_sleep })
  const softirqs = new Softirqs(sched) //                    interrupts, ksoftirqd
  const spinning = { sched, softirqs, traps, log, lockdep, debug_locks }
  const spinlocks = new Spinlocks(spinning)
  const rwlocks = new RwLocks(spinning)
  const completions = new Completions(wait, might_sleep)
  const params = new Params({ log, taints, mutexes }) //     module_param
  const command_line = new CommandLine(cmdline, params, log)
  const code = new ModuleCode(traps) //                      calls of code that may be gone
  const debugobjects = new DebugObjects({
    traps,
    code,
    stacks,
    log,
    command_line,
  })
  const kthreads = new Kthreads({ sched, completions, traps, code })
  softirqs.spawn_ksoftirqd(kthreads)
  const tasklets = new Tasklets({ sched, softirqs, code }) // tasklet_schedule
  const interrupting = { sched, clock, softirqs, code, traps, debugobjects }
  const timers = new Timers({ ...interrupting, time }) //    mod_timer
  const rcu = new Rcu({ completions, ...interrupting, timers, time }) // call_rcu
  const hrtimers = new Hrtimers({ ...interrupting, timekeeping })
  const timeouts: Timeouts = new Timeouts({ sched, time, timers, log, traps }) // msleep
  const works = new Works({ sched, wait, code, debugobjects, traps, log })
  const workqueues = new Workqueues({ sched, kthreads, log, works }) // alloc_workqueue
  const delayed_works = new DelayedWorks({ works, timers, time, debugobjects })
  const descs = new IrqDescs()
  const spurious = new SpuriousIrqs(log, traps, time)
  const handling = new IrqHandling({ sched, softirqs, code, log, descs, spurious })
  const threads = new IrqThreads({ sched, wait, kthreads, code, handling })
  const irqs = new Irqs({ sched, wait, log, traps, descs, handling, threads })
  const umh = new UsermodeHelpers({ wait, start: startHelper })
  const kmod = new Kmod(umh, wait, log) //                   request_module

  const seq = new SeqFiles({ log, traps, mutexes, formats }) // seq_open, seq_read
  const procfs = new ProcFs({ traps, wait, seq, code, debugobjects }) //         /proc, proc_create
  const sysfs = new SysFs({ wait, log, traps }) //           /sys
  const devtmpfs = new DevTmpFs() //                         /dev
  const lib_modules = directory(0o755, ramfs_inode_operations)
  const root = rootDirectory({ procfs, sysfs, devtmpfs, lib_modules }, uts.release)
  const sysctl = new Sysctl((path, entry) => procfs.create_sysctl(path, entry))
  const uevents = new Uevents(sysfs, log, wait) //           kobject_uevent
  const sysfs_files = new SysfsFiles({ sysfs, log, traps, formats, code })
  const groups = new SysfsGroups({ sysfs, files: sysfs_files, traps })
  const kobjects = new Kobjects({ sysfs, groups, uevents, log, traps })

  const debugfs = new DebugFs({
    sysfs,
    log,
    code,
    debugobjects,
    modules: {
      try_module_get: module => modules.try_module_get(module),
      module_put: module => modules.module_put(module),
    },
  }) //                                                      /sys/kernel/debug
  const simple_attributes = new SimpleAttributes()

  const slab = new Slab() //                                 kmalloc
  const kasan = new Kasan({ log, sched, stacks, taints, traps })
  const kmemleak = new Kmemleak({ log, stacks, time, debugfs }, cmdline)
  const frames = new PageFrames() //                         virt_to_page, __pa
  const vmalloc = new Vmalloc(frames, traps)
  const memory = new MemoryOwners({
    slab,
    vmalloc,
    kasan,
    kmemleak,
    sched,
    might_sleep,
    traps,
    stacks,
    log,
  })

  const debug: DynamicDebug = new DynamicDebug({
    log,
    sched,
    procfs,
    debugfs,
    modules: () => modules.list.all().toReversed(),
  }) //                                                      pr_debug
  const modules: Modules = new Modules({
    symbols,
    procfs,
    sysfs,
    log,
    taints,
    traps,
    stacks,
    code,
    wait,
    sched,
    capabilities,
    formats,
    uevents,
    params,
    command_line,
    machine,
    onLoad: () => {
      watchdog.start()
      hungTasks.start()
    },
    dyndbg: (...param) => debug.module_param(...param),
    freed: mod => memory.module_freed(mod),
    vermagic: vermagic(uts.release),
  }) //                                                      insmod, rmmod, /proc/modules
  const lookup: SymbolLookup = new SymbolLookup(symbols, () => modules.list.all())
  const symbol_get = new SymbolGet({ log, traps, symbols, modules })
  const deviceFiles = new DeviceFiles({ files: sysfs_files, groups, log, traps })
  const classes = new Classes({
    kobjects,
    files: sysfs_files,
    deviceFiles,
    traps,
    debugobjects,
  })
  const numbers = new DeviceNumbers(sysfs, devtmpfs)
  const messages = new DevPrintk(log, debug) //              dev_info
  const deviceUevents = new DeviceUevents({ sysfs, uevents, messages, numbers })
  const moves = new KobjectMoves({ sysfs, kobjects, uevents })
  const inTree = { kobjects, moves, files: sysfs_files, classes }
  const tree = new DeviceTree(inTree, deviceUevents.ops)
  const devres = new Devres({ traps, formats, deviceFiles })
  const devices = new Devices({
    sysfs,
    kobjects,
    uevents,
    traps,
    classes,
    tree,
    numbers,
    deviceFiles,
    deviceUevents,
    devres,
    code,
  }) //                                                      device_add, put_device
  const creation = new DeviceCreation(devices, classes) //   device_create
  const chrdevs = new CharDevices({
    modules,
    kmod,
    kobjects,
    devices,
    traps,
    log,
    code,
    debugobjects,
  })
  const misc = new MiscDevices(
    creation,
    classes,
    chrdevs,
    procfs,
    modules,
    kmod,
    traps,
    code,
  )
  const waiting = { sched, timeouts, traps, wait }
  const polls = new Polls(waiting) //                        poll(2)
  const files = new OpenFiles(chrdevs, traps, code) //       open(2), the last close(2)
  const processes = new Processes() //                       who can be sent signals
  const control = new FileControl(traps, sched, processes) // fcntl(2)

  const pages = new PageAllocator({ frames, log, traps, taints, sched }) // alloc_pages
  const remap = new Remap({ frames, vmalloc, traps }) //     remap_pfn_range
  const faults = new Faults({ frames, traps }) //            vm_ops.fault
  const newAddressSpace = () =>
    new AddressSpace({
      traps,
      faults,
      pages,
      get_file: file => files.get_file(file),
      fput: file => void files.fput(file),
    }) //                                                    mmap, munmap

  for (const subsystem of [
    log,
    formats,
    emergency,
    watchdog,
    hungTasks,
    taints,
    modules,
    kmod,
    lockdep,
  ])
    subsystem.register_sysctl(sysctl)
  emergency.register_sysfs(sysfs)
  sysrq_init(procfs, { log, emergency, hungTasks })
  proc_kmsg_init(procfs, log)
  procfs.create('slabinfo', 0o400, () => slab.slabinfo())
  irq_proc_init({ procfs, debugfs, descs, handling, softirqs, clock })
  uts_sysctl(sysctl, uts)
  proc_misc_init(procfs, {
    uts,
    time,
    cmdline,
    chrdevs,
    filesystems: ['sysfs', 'ramfs', 'proc', 'devtmpfs', 'debugfs'],
  })

  const exporting = [
    sched,
    time,
    wait,
    capabilities,
    log,
    log.ratelimits,
    formats,
    new HexDump(log),
    debug,
    messages,
    dumps,
    emergency,
    traps,
    lockdep,
    might_sleep,
    mutexes,
    refcounts,
    semaphores,
    rwsems,
    spinlocks,
    rwlocks,
    timekeeping,
    timers,
    timeouts,
    hrtimers,
    new HrtimerSleeps(sched, hrtimers),
    softirqs,
    tasklets,
    kthreads,
    works,
    workqueues,
    delayed_works,
    irqs, //                                                 request_irq
    handling,
    new IrqSim(descs, handling, traps),
    completions,
    new WaitBits(wait),
    rcu,
    params.ops,
    params.locks,
    uevents,
    sysfs_files,
    groups,
    kobjects,
    moves,
    simple_attributes,
    debugfs,
    new DebugFsFiles(debugfs, simple_attributes),
    new DebugFsArrays(debugfs),
    umh,
    kmod,
    modules,
    symbol_get,
    chrdevs,
    classes,
    devices,
    creation,
    tree,
    devres,
    deviceFiles,
    misc,
    new UserPointers(sched),
    new Ttys(sched),
    seq,
    procfs,
    pages,
    vmalloc,
    remap,
    new SharedZeros(frames),
  ]
  for (const subsystem of exporting) symbols.exportFrom(subsystem)
  const inLib = [cmdline_lib, fortify, hexdump, iov_iter, vsscanf, kstrtox, random, delay]
  const ofUsers = [kfifo, usercopy, user_value, user_string, user_struct]
  const inFs = [fasync, libfs, proc_entry, seq_list, seq_text]
  for (const file of [...inLib, ...ofUsers, ...inFs]) {
    symbols.exportFunctions(file.EXPORT_SYMBOL)
  }
  symbols.exportFunctions(param_ops)
  memory.exportTo(symbols)

  log.printk(`\x015Linux version %s %s %s\n`, uts.release, uts.builtBy, uts.version)
  log.printk(`\x016Command line: %s\n`, cmdline)
  command_line.early_param('oops', emergency.oops_setup)
  for (const [name, setup] of Object.entries(watchdog.early_params)) {
    command_line.early_param(name, setup)
  }
  command_line.parse_early_param()
  await do_initcalls(
    { modules, command_line, params, sysfs, uevents, log },
    [
      modules.core_params,
      emergency.core_params,
      log.settings.core_params,
      lockdep.core_params,
    ],
    options.builtin ?? [],
  )
  formats.random_ready()

  return {
    uts,
    root,
    lib_modules,
    sched,
    wait,
    time,
    clock,
    symbols,
    log,
    taints,
    traps,
    watchdog,
    emergency,
    capabilities,
    modules,
    chrdevs,
    misc,
    files,
    polls,
    newEventPoll: () => new EventPoll(waiting),
    newAddressSpace,
    processes,
    control,
  }
}

interface Trees {
  procfs: ProcFs
  sysfs: SysFs
  devtmpfs: DevTmpFs
  lib_modules: Inode
}

/** Where modprobe and depmod look for their configuration: whoever owns the machine fills them. */
const CONFIG_FOLDERS = ['etc', 'run', 'usr/local/lib', 'lib'].flatMap(folder => [
  `${folder}/modprobe.d`,
  `${folder}/depmod.d`,
])

/** What is mounted: dev, proc, sys, lib/modules/<release>, and folders for configuration. */
function rootDirectory(
  { procfs, sysfs, devtmpfs, lib_modules }: Trees,
  release: string,
): Inode {
  const root = directory(0o755, fixed_inode_operations)
  root.add('dev', devtmpfs.root)
  root.add('proc', procfs.root)
  root.add('sys', sysfs.root)
  makeFolders(root, 'lib')
    .add('modules', directory(0o755, ramfs_inode_operations))
    .add(release, lib_modules)
  for (const path of CONFIG_FOLDERS) {
    const at = path.lastIndexOf('/')
    makeFolders(root, path.slice(0, at)).add(
      path.slice(at + 1),
      directory(0o755, ramfs_inode_operations),
    )
  }
  return root
}

/** The folder `path` below `root`, made with all above it if it is not there. */
function makeFolders(root: Inode, path: string): Inode {
  return path
    .split('/')
    .reduce(
      (folder, name) =>
        folder.child(name) ?? folder.add(name, directory(0o755, fixed_inode_operations)),
      root,
    )
}
