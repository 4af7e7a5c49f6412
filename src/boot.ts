// start_kernel(): what a machine consists of, in the order in which it comes up. READ FIRST; the files
// of src/boot/ construct the subsystems of one area each. Linux: init/main.c.

import { core_init } from './boot/core.ts'
import { deferred_init } from './boot/deferred.ts'
import { devices_init } from './boot/devices.ts'
import { filesystems_init } from './boot/filesystems.ts'
import { interrupts_init } from './boot/interrupts.ts'
import { kernel_files_init } from './boot/kernel_files.ts'
import { lib_init } from './boot/lib.ts'
import { locking_init } from './boot/locking.ts'
import { memory_init } from './boot/memory.ts'
import { modules_init } from './boot/modules.ts'
import { params_init } from './boot/params.ts'
import { programs_init } from './boot/programs.ts'
import { reporting_init } from './boot/reporting.ts'
import { rest_init } from './boot/rest.ts'
import { root_directory } from './boot/root_directory.ts'
import type { BootOptions, Start } from './boot/start.ts'

export type { BootOptions }

export type Kernel = Awaited<ReturnType<typeof start_kernel>>

/** Each area gets all that is up before it, and exports to drivers what they may use of it. */
export async function start_kernel(options: BootOptions) {
  const { uts, cmdline = '' } = options
  const start: Start = {
    options,
    cmdline,
    bootTime: performance.now(),
    later: {
      schedule_timeout: ticks => deferred.timeouts.schedule_timeout(ticks),
      lookup: pointer => loading.lookup.lookup(pointer),
      modules: () => loading.modules,
    },
  }

  const core = { ...start, ...core_init(start) } //                    current, jiffies, wake_up
  lib_init(core) //                                                    copy_to_user, kstrtoint
  const reporting = { ...core, ...reporting_init(core) } //            printk, panic
  const locking = { ...reporting, ...locking_init(reporting) } //      mutex_lock, spin_lock
  const params = { ...locking, ...params_init(locking) } //            module_param
  const deferred = { ...params, ...deferred_init(params) } //          kthread_run, mod_timer
  const interrupts = { ...deferred, ...interrupts_init(deferred) } //  request_irq
  const trees = { ...interrupts, ...filesystems_init(interrupts) } //  proc_create, kobject_add
  const root = root_directory(trees, uts.release) //                   what is mounted
  const memory = { ...trees, ...memory_init(trees) } //                kmalloc, alloc_page
  const loading = { ...memory, ...modules_init(memory) } //            insmod, request_module
  const devices = { ...loading, ...devices_init(loading) } //          cdev_add, device_create
  const programs = { ...devices, ...programs_init(devices) } //        open(2), poll(2), mmap(2)
  kernel_files_init(programs) //                                       /proc/version, /proc/sys
  await rest_init(programs) //                                         built-in drivers

  const { sched, wait, time, clock, symbols, capabilities } = core
  const { log, taints, traps, watchdog, emergency } = reporting
  const { polls, newEventPoll, processes, control, newAddressSpace } = programs
  return {
    uts,
    ...root,
    sched,
    wait,
    time,
    clock,
    symbols,
    capabilities,
    log,
    taints,
    traps,
    watchdog,
    emergency,
    modules: loading.modules,
    chrdevs: devices.chrdevs,
    misc: devices.misc,
    files: programs.files,
    polls,
    newEventPoll,
    processes,
    control,
    newAddressSpace,
    timers: deferred.timers,
    hrtimers: deferred.hrtimers,
  }
}
