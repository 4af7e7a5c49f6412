// load_module(): from an image to a module that runs, step by step in Linux's order. Linux:
// load_module() in kernel/module/main.c.
//
// Each step answers with an error number or goes on; what it has to say about the error is in the
// log. Undoing is in reverse, as the `free_` labels of Linux have it.

import { EINVAL, EIO, EPERM } from '../../include/linux/errno.ts'
import { KERN_ERR } from '../../include/linux/printk.ts'
import { type errno_t, ref } from '../../include/linux/types.ts'
import type { Uevents } from '../../base/uevent.ts'
import type { ModuleImage } from '../../elf/module_image.ts'
import type { SysFs } from '../../fs/sysfs/sysfs.ts'
import type { LoadTrace } from '../../lib/load_step.ts'
import type { Traps } from '../panic.ts'
import type { CommandLine } from '../params/command_line.ts'
import type { Params } from '../params/params.ts'
import type { Printk } from '../printk.ts'
import type { Scheduler } from '../sched.ts'
import { scriptName, type StackTraces } from '../stack.ts'
import type { SymbolTable } from '../symbols.ts'
import { moduleTaintLetters, type Taints } from '../taint.ts'
import type { CoreParams } from './builtin.ts'
import type { ModuleCode } from './code.ts'
import { complete_formation } from './formation.ts'
import { do_init_module } from './init.ts'
import { layout } from './layout.ts'
import { module_unload_free, simplify_symbols } from './link.ts'
import type { ModuleList } from './list.ts'
import {
  type LoadInfo,
  type Overlooked,
  readImage,
  setup_load_info,
} from './load_info.ts'
import { Module } from './module.ts'
import { parse_module_args } from './module_args.ts'
import { Screening } from './screening.ts'
import { evaluate } from './script.ts'
import { mod_sysfs_setup, mod_sysfs_teardown, param_sysfs_builtin } from './sysfs.ts'
import { elf_validity_check } from './validity.ts'

export interface LoadNeeds {
  sched: Scheduler
  symbols: SymbolTable
  sysfs: SysFs
  log: Printk
  taints: Taints
  traps: Traps
  stacks: StackTraces
  code: ModuleCode
  uevents: Uevents
  params: Params
  command_line: CommandLine
  /** Is it dynamic debug's parameter? Then that is done. */
  dyndbg: (param: string, value: string | undefined, modname: string) => boolean
  /** A module has gone: its functions will not be called any more, its lines are still known. */
  freed: (mod: Module) => void
  vermagic: string
  /** EM_* of this machine. */
  machine: number
}

/** What a system call asks for. */
export interface LoadRequest {
  image: Uint8Array
  /** "name=value name=value". */
  params: string
  overlook: Overlooked
  trace?: LoadTrace
}

const OVERLOOK_NOTHING = { versions: false, vermagic: false }

export class Loader {
  readonly #needs: LoadNeeds
  readonly #list: ModuleList
  readonly #screening: Screening
  /** module_blacklist=a,b on the command line. */
  readonly #module_blacklist = ref<string | null>(null)

  constructor(needs: LoadNeeds, list: ModuleList) {
    this.#needs = needs
    this.#list = list
    this.#screening = new Screening(needs)
  }

  /** Parameters that belong to no module. */
  get core_params(): CoreParams {
    const name = 'module_blacklist'
    const arg = this.#module_blacklist
    const param = {
      name,
      type: 'charp',
      ops: 'charp',
      arg,
      perm: 0o400,
      flags: 0,
    } as const
    return { module: 'kernel', prefix: '', params: [param] }
  }

  async load_module({ image, params, overlook, trace }: LoadRequest): Promise<errno_t> {
    const { log, taints } = this.#needs
    const before = taints.mask
    const info = this.#check(image, overlook, trace)
    if (typeof info === 'number') return info
    const parsed = readImage(log, image)
    if (typeof parsed === 'number') return parsed
    const mod = this.#layout_and_allocate(parsed, info)
    if (typeof mod === 'number') return mod
    const err = await this.#list.add_unformed_module(mod, trace)
    if (err) return err

    this.#screening.signature(mod, trace)
    const letters = moduleTaintLetters(mod.taints)
    trace?.({ step: 'tainted', module: letters, before, after: taints.mask })
    const bad = await this.#form_and_init(mod, info, params, trace)
    if (bad === 'crashed') return -EIO // stays there, loading, for ever
    if (bad) await this.free_module(mod)
    return bad
  }

  /** A driver that is part of the kernel: in no list. Its parameters are still to be set. */
  async link_builtin(image: Uint8Array): Promise<Module | errno_t> {
    const { log, command_line } = this.#needs
    const info = setup_load_info(log, image, OVERLOOK_NOTHING)
    if (typeof info === 'number') return info
    const parsed = readImage(log, image)
    if (typeof parsed === 'number') return parsed
    const placed = layout(parsed, [])
    if (typeof placed === 'number') return placed
    const mod = new Module(parsed, placed, true)
    const err = await this.#link(mod, info)
    if (err) return err
    mod.kp = command_line.builtin(`${mod.name}.`, mod.params)
    return mod
  }

  /** Initialise a driver that is part of the kernel. */
  async do_initcall(mod: Module): Promise<errno_t> {
    param_sysfs_builtin(this.#needs, mod.name, mod.kp, mod.info('version'))
    const ret = await this.#needs.traps.call(mod.init)
    return ret === 'crashed' ? -EIO : ret
  }

  /** Take it out of everything that names it, once nobody is inside of its files. */
  async free_module(mod: Module): Promise<void> {
    const { symbols, stacks, params, sysfs, code } = this.#needs
    if (mod.state === 'coming') mod.state = 'going'
    mod_sysfs_teardown(this.#needs, mod)
    await sysfs.active.drain()
    mod.state = 'unformed'
    for (const { name } of mod.exports) {
      if (symbols.find(name)?.owner === mod.name) symbols.remove(name)
    }
    module_unload_free(mod)
    params.destroy_params(mod.kp) // the last that calls the module: it may crash
    code.free(mod)
    this.#needs.freed(mod)
    stacks.unregister(scriptName(mod))
    this.#list.remove(mod)
  }

  /** Is it a module, for this kernel, and wanted? Up to here nothing is kept of it. */
  #check(image: Uint8Array, overlook: Overlooked, trace: LoadTrace): LoadInfo | errno_t {
    const { log, machine } = this.#needs
    const invalid = elf_validity_check(log, image, machine, trace)
    if (invalid) return invalid
    const info = setup_load_info(log, image, overlook)
    if (typeof info === 'number') return info

    const blacklisted = this.#blacklisted(info.name)
    trace?.({ step: 'name', name: info.name, blacklisted })
    if (blacklisted) {
      log.printk(`${KERN_ERR}Module %s is blacklisted\n`, info.name)
      return -EPERM
    }
    const wrong = this.#screening.checkVersions(info, trace)
    if (wrong) return wrong
    this.#screening.check_modinfo(info, trace)
    return info
  }

  #blacklisted(name: string): boolean {
    return this.#module_blacklist.value?.split(',').includes(name) ?? false
  }

  #layout_and_allocate(image: ModuleImage, info: LoadInfo): Module | errno_t {
    const placed = layout(image, this.#list.layouts())
    if (typeof placed === 'number') return placed
    const mod = new Module(image, placed, false)
    mod.taints = info.taints
    return mod
  }

  /** Everything after it has a name. */
  async #form_and_init(
    mod: Module,
    info: LoadInfo,
    params: string,
    trace: LoadTrace,
  ): Promise<errno_t | 'crashed'> {
    const needs = { ...this.#needs, list: this.#list }
    return (
      (await this.#link(mod, info, trace)) ||
      complete_formation(needs, mod, trace) ||
      (await parse_module_args(needs, mod, params, trace)) ||
      this.#mod_sysfs_setup(mod, trace) ||
      do_init_module(needs, mod, trace)
    )
  }

  /** Resolve its symbols and evaluate its file scope. */
  async #link(mod: Module, info: LoadInfo, trace?: LoadTrace): Promise<errno_t> {
    const { log, symbols, stacks } = this.#needs
    const { versions } = this.#screening
    const needs = { log, symbols, versions, list: this.#list }
    const resolved = await simplify_symbols(needs, mod, info, trace)
    if (typeof resolved === 'number') return resolved
    if (trace) traceLayout(mod, trace)
    return evaluate({ log, stacks }, mod, resolved, trace)
  }

  #mod_sysfs_setup(mod: Module, trace: LoadTrace): errno_t {
    const { sysfs, log } = this.#needs
    const taken = mod.name === '' || sysfs.dir('module').child(mod.name) !== undefined
    if (taken) log.printk(`${KERN_ERR}%s: module is already loaded\n`, mod.name)
    else mod.kobj = mod_sysfs_setup(this.#needs, mod)
    const err = taken ? -EINVAL : 0
    const holderOf = Array.from(mod.uses, ({ name }) => name)
    trace?.({ step: 'sysfs', path: `/sys/module/${mod.name}`, holderOf, err })
    return err
  }
}

function traceLayout({ layout, image }: Module, trace: NonNullable<LoadTrace>): void {
  const { base, size, initSize, sections } = layout
  trace({ step: 'layout', base: hex(base), size, initSize })
  for (const [name, address] of sections) {
    const bytes = image.sections.find(section => section.name === name)?.size ?? 0
    trace({ step: 'section', name, address: hex(address), size: bytes })
  }
}

function hex(address: bigint): string {
  return `0x${address.toString(16).padStart(16, '0')}`
}
