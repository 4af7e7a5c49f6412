// Loading and removing modules: the checks, in Linux's order. Linux: kernel/module/main.c.
//
// Each step answers with an error number or goes on; what it has to say about the error is in the
// log. Undoing is in reverse, as the `free_` labels of Linux have it.

import { CAP_SYS_MODULE } from '../../include/linux/capability.ts'
import {
  EAGAIN,
  EBUSY,
  EEXIST,
  EINTR,
  EINVAL,
  EIO,
  ENOENT,
  ENOEXEC,
  EPERM,
} from '../../include/linux/errno.ts'
import type { module } from '../../include/linux/module.ts'
import { KERN_ERR, KERN_WARNING } from '../../include/linux/printk.ts'
import type { errno_t } from '../../include/linux/types.ts'
import { wait_queue_head } from '../../include/linux/wait.ts'
import { O_TRUNC } from '../../include/uapi/fcntl.ts'
import {
  MODULE_INIT_IGNORE_MODVERSIONS,
  MODULE_INIT_IGNORE_VERMAGIC,
} from '../../include/uapi/module.ts'
import type { Uevents } from '../../base/uevent.ts'
import { ElfError, type ModuleImage, readModule } from '../../elf/module_image.ts'
import type { SysFs } from '../../fs/sysfs/sysfs.ts'
import type { ProcFs } from '../../fs/proc/generic.ts'
import type { Capabilities } from '../capability.ts'
import type { Traps } from '../panic.ts'
import { parse_args } from '../params.ts'
import type { Printk } from '../printk.ts'
import type { StackTraces } from '../stack.ts'
import type { SymbolTable } from '../symbols.ts'
import type { Sysctl } from '../sysctl.ts'
import { type Taints, TAINT_FORCED_RMMOD } from '../taint.ts'
import type { WaitQueues } from '../wait.ts'
import { kallsyms_show } from './kallsyms.ts'
import { layout } from './layout.ts'
import { module_unload_free, run, simplify_symbols } from './link.ts'
import { Module } from './module.ts'
import { modules_show } from './procfs.ts'
import { mod_sysfs_setup, mod_sysfs_teardown } from './sysfs.ts'
import { Screening } from './screening.ts'
import type { Overlooked } from './version.ts'

interface Needs {
  symbols: SymbolTable
  procfs: ProcFs
  sysfs: SysFs
  log: Printk
  taints: Taints
  traps: Traps
  stacks: StackTraces
  wait: WaitQueues
  capabilities: Capabilities
  uevents: Uevents
  vermagic: string
  /** EM_* of this machine. */
  machine: number
}

export class Modules {
  static readonly EXPORT_SYMBOL = [
    'try_module_get',
    'module_put',
    'module_refcount',
  ] as const

  modules_disabled = false
  readonly #needs: Needs
  readonly #screening: Screening
  /** Newest first. */
  #modules: Module[] = []
  #lastUnloaded = ''
  /** Woken when a module stops loading or is gone. */
  readonly #wq = new wait_queue_head()

  constructor(needs: Needs) {
    this.#needs = needs
    this.#screening = new Screening(needs)
    const { procfs, sysfs, symbols } = needs
    sysfs.dir('module')
    const mayLook = (uid: number) => uid === 0
    procfs.create('modules', 0o444, filp =>
      modules_show(this.#modules, mayLook(filp.f_cred.uid)),
    )
    procfs.create('kallsyms', 0o444, filp =>
      kallsyms_show(symbols.all(), this.#modules, mayLook(filp.f_cred.uid)),
    )
  }

  get count(): number {
    return this.#modules.length
  }

  find_module(name: string): Module | undefined {
    return this.#modules.find(mod => mod.name === name)
  }

  /** False if the module is on its way out. The kernel itself, undefined, is always there. */
  try_module_get(module: module | undefined): boolean {
    const mod = module as Module | undefined
    if (!mod || mod.builtin) return true
    if (mod.state === 'going') return false
    mod.refs++
    return true
  }

  module_put(module: module | undefined): void {
    const mod = module as Module | undefined
    if (mod && !mod.builtin) mod.refs--
  }

  module_refcount(module: module): number {
    return (module as Module).refcount
  }

  /** "Modules linked in: …" of reports. */
  linkedIn(): string {
    const names = this.#modules.map(mod => ` ${mod.name}${mod.flags}`).join('')
    const last = this.#lastUnloaded && ` [last unloaded: ${this.#lastUnloaded}]`
    return `Modules linked in:${names}${last}`
  }

  register_sysctl(sysctl: Sysctl): void {
    sysctl.register('kernel/modules_disabled', {
      read: () => (this.modules_disabled ? '1' : '0'),
      write: sysctl.latch(() => (this.modules_disabled = true)),
    })
  }

  /** init_module(2): 0 or an error. `params` is "name=value name=value". */
  async init_module(image: Uint8Array, params: string, flags: number): Promise<errno_t> {
    const { capabilities } = this.#needs
    if (!capabilities.capable(CAP_SYS_MODULE) || this.modules_disabled) return -EPERM
    const overlook = {
      versions: (flags & MODULE_INIT_IGNORE_MODVERSIONS) !== 0,
      vermagic: (flags & MODULE_INIT_IGNORE_VERMAGIC) !== 0,
    }
    return this.#load_module(image, params, overlook)
  }

  /** A driver that is part of the kernel: initialised at boot, in no list. */
  async load_builtin(image: Uint8Array): Promise<errno_t> {
    const parsed = this.#readImage(image)
    if (typeof parsed === 'number') return parsed
    const mod = new Module(parsed, layout(parsed, []), true)
    const err = this.#link(mod) || this.#parameters(mod, '')
    if (err) return err
    const ret = await this.#needs.traps.call(mod.init)
    return ret === 'crashed' ? -EIO : ret
  }

  /** delete_module(2): 0 or an error. `flags` as open(2)'s: O_NONBLOCK, and O_TRUNC to force. */
  async delete_module(name: string, flags: number): Promise<errno_t> {
    const { capabilities } = this.#needs
    if (!capabilities.capable(CAP_SYS_MODULE) || this.modules_disabled) return -EPERM
    const mod = this.find_module(name)
    if (!mod) return -ENOENT
    if (mod.users.length > 0) return -EAGAIN
    if (mod.state !== 'live') return -EBUSY

    if (mod.init && !mod.exit && !this.#try_force_unload(flags)) return -EBUSY
    if (mod.refs !== 0 && !this.#try_force_unload(flags)) return -EAGAIN
    return this.#unload(mod)
  }

  /** May what is in use, or has no exit, be removed all the same? rmmod -f says so. */
  #try_force_unload(flags: number): boolean {
    const force = (flags & O_TRUNC) !== 0
    if (force) this.#needs.taints.add_taint(TAINT_FORCED_RMMOD, { lockdepOk: false })
    return force
  }

  async #unload(mod: Module): Promise<errno_t> {
    mod.state = 'going'
    const ret = await this.#needs.traps.call(mod.exit)
    if (ret === 'crashed') return -EIO // stays there, unloading, for ever
    this.#lastUnloaded = `${mod.name}${mod.flags.replace('-', '')}`
    this.#needs.uevents.kobject_uevent()
    this.#free(mod)
    return 0
  }

  async #load_module(
    image: Uint8Array,
    params: string,
    overlook: Overlooked,
  ): Promise<errno_t> {
    const parsed = this.#readImage(image)
    if (typeof parsed === 'number') return parsed
    const versions = this.#screening.versions(parsed, overlook)
    if (typeof versions === 'number') return versions

    const mod = new Module(parsed, layout(parsed, this.#layouts()), false)
    this.#screening.taints(mod, versions)
    const err = await this.#add_unformed_module(mod)
    if (err) return err
    this.#screening.signature(mod)
    const bad = this.#link(mod) || this.#complete(mod) || this.#parameters(mod, params)
    if (bad) {
      this.#free(mod)
      return bad
    }
    if (this.#needs.sysfs.dir('module').child(mod.name)) return this.#refuseName(mod)
    mod.dir = mod_sysfs_setup(this.#needs, mod)
    return this.#do_init_module(mod)
  }

  #readImage(image: Uint8Array): ModuleImage | errno_t {
    try {
      return readModule(image, { machine: this.#needs.machine })
    } catch (error) {
      if (!(error instanceof ElfError)) throw error
      this.#needs.log.printk(`${KERN_ERR}%s\n`, error.message)
      return -ENOEXEC
    }
  }

  /** Take the name. If a module of that name is just loading, see what becomes of it. */
  async #add_unformed_module(mod: Module): Promise<errno_t> {
    const other = this.find_module(mod.name)
    if (other?.state === 'going') return -EBUSY
    if (other?.state === 'coming') {
      const settled = () => this.find_module(mod.name)?.state !== 'coming'
      if (await this.#needs.wait.wait_event_interruptible(this.#wq, settled))
        return -EINTR
      // It was the same module: if it failed for the other, do not try it again at once.
      return this.find_module(mod.name)?.state === 'live' ? -EEXIST : -EBUSY
    }
    if (this.find_module(mod.name)) return -EEXIST
    this.#modules.unshift(mod)
    return 0
  }

  /** Resolve its symbols and evaluate its top level. */
  #link(mod: Module): errno_t {
    const { stacks, traps, log, symbols } = this.#needs
    const find_module = (name: string) => this.find_module(name)
    const resolved = simplify_symbols({ log, symbols, find_module }, mod)
    if (typeof resolved === 'number') return resolved

    const scriptName = `${mod.name}.ko`
    stacks.register(scriptName, mod.name, mod.image.sourceMap)
    try {
      run(mod, resolved, scriptName)
      return 0
    } catch (exception) {
      traps.die(exception)
      return -EINVAL
    }
  }

  /** Export its symbols. */
  #complete(mod: Module): errno_t {
    const { log, symbols } = this.#needs
    for (const { name } of mod.exports) {
      const other = symbols.find(name)
      if (!other) continue
      log.printk(
        `${KERN_ERR}%s: exports duplicate symbol %s (owned by %s)\n`,
        mod.name,
        name,
        other.owner ?? 'kernel',
      )
      return -ENOEXEC
    }
    for (const exported of mod.exports) {
      const crc = mod.image.exports.find(({ name }) => name === exported.name)?.crc
      symbols.add({ ...exported, crc, owner: mod.name })
    }
    return 0
  }

  #parameters(mod: Module, params: string): errno_t {
    const { log } = this.#needs
    return parse_args(log, mod.name, params, mod.params, name =>
      log.printk(`${KERN_WARNING}%s: unknown parameter '%s' ignored\n`, mod.name, name),
    )
  }

  #refuseName(mod: Module): errno_t {
    this.#needs.log.printk(`${KERN_ERR}%s: module is already loaded\n`, mod.name)
    this.#free(mod)
    return -EINVAL
  }

  async #do_init_module(mod: Module): Promise<errno_t> {
    const { traps, uevents } = this.#needs
    const ret = await traps.call(mod.init)
    if (ret === 'crashed') return -EIO // stays there, loading, for ever
    if (ret < 0) {
      this.#free(mod)
      return ret
    }
    if (ret > 0) this.#suspiciousReturn(mod, ret)
    mod.state = 'live'
    mod.refs--
    uevents.kobject_uevent()
    this.#needs.wait.wake_up_all(this.#wq)
    return 0
  }

  #suspiciousReturn(mod: Module, ret: number): void {
    const { log, traps } = this.#needs
    log.printk(
      `${KERN_WARNING}%s: '%s'->init suspiciously returned %d, it should follow 0/-E convention\n%s: loading module anyway...\n`,
      'do_init_module',
      mod.name,
      ret,
      'do_init_module',
    )
    traps.dump_stack()
  }

  #free(mod: Module): void {
    const { symbols, stacks, wait } = this.#needs
    mod_sysfs_teardown(this.#needs, mod)
    module_unload_free(mod)
    for (const { name } of mod.exports) {
      if (symbols.find(name)?.owner === mod.name) symbols.remove(name)
    }
    stacks.unregister(`${mod.name}.ko`)
    this.#modules = this.#modules.filter(other => other !== mod)
    wait.wake_up_all(this.#wq)
  }

  #layouts(): Module['layout'][] {
    return this.#modules.map(mod => mod.layout)
  }
}
