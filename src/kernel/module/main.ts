// The modules of a machine: the system calls that load and remove them, references, and what
// shows them. Linux: kernel/module/main.c.

import { CAP_SYS_MODULE, CAP_SYSLOG } from '../../include/linux/capability.ts'
import {
  EAGAIN,
  EBUSY,
  EINVAL,
  EIO,
  ENOENT,
  ENOEXEC,
  EPERM,
} from '../../include/linux/errno.ts'
import type { module } from '../../include/linux/module.ts'
import type { errno_t } from '../../include/linux/types.ts'
import { EHDR_SIZE } from '../../include/uapi/elf.ts'
import { O_TRUNC } from '../../include/uapi/fcntl.ts'
import {
  MODULE_INIT_COMPRESSED_FILE,
  MODULE_INIT_FLAGS,
  MODULE_INIT_IGNORE_MODVERSIONS,
  MODULE_INIT_IGNORE_VERMAGIC,
} from '../../include/uapi/module.ts'
import type { ProcFs } from '../../fs/proc/generic.ts'
import type { CallStep, LoadTrace } from '../../lib/load_step.ts'
import type { Capabilities } from '../capability.ts'
import type { Formats } from '../formats.ts'
import type { Scheduler } from '../sched.ts'
import type { Sysctl } from '../sysctl.ts'
import { TAINT_FORCED_RMMOD } from '../taint.ts'
import type { WaitQueues } from '../wait.ts'
import type { CoreParams } from './builtin.ts'
import { module_decompress } from './decompress.ts'
import { kallsyms_show, ksyms_show } from './kallsyms.ts'
import { ModuleList } from './list.ts'
import { Loader, type LoadNeeds } from './load.ts'
import type { Module } from './module.ts'
import { module_line } from './procfs.ts'

interface Needs extends LoadNeeds {
  /** A driver is about to come. */
  onLoad: () => void
  procfs: ProcFs
  wait: WaitQueues
  sched: Scheduler
  capabilities: Capabilities
  formats: Formats
}

/** Longest name that delete_module(2) looks at, in characters. */
const MODULE_NAME_MAX = 55

export class Modules {
  static readonly EXPORT_SYMBOL = [
    'try_module_get',
    '__module_get',
    'module_put',
    'module_refcount',
  ] as const

  modules_disabled = false
  readonly list: ModuleList
  readonly #needs: Needs
  readonly #loader: Loader
  #lastUnloaded = ''

  constructor(needs: Needs) {
    this.#needs = needs
    this.list = new ModuleList(needs.wait)
    this.#loader = new Loader(needs, this.list)
    const { procfs, sysfs, symbols } = needs
    sysfs.dir('module')
    const create = (name: string, show: (addresses: boolean) => string) =>
      procfs.create_for_opener(name, 0o444, () => {
        const addresses = this.#kallsyms_show_value()
        return () => show(addresses)
      })
    const formed = () => this.list.formed()
    procfs.create_records('modules', 0o444, formed, () => {
      const addresses = this.#kallsyms_show_value()
      return mod => module_line(mod, addresses)
    })
    create('kallsyms', addresses =>
      kallsyms_show(symbols.all(), this.list.formed(), addresses),
    )
    create('ksyms', addresses => ksyms_show(symbols.all(), this.list.formed(), addresses))
  }

  get count(): number {
    return this.list.size
  }

  find_module(name: string): Module | undefined {
    return this.list.find(name)
  }

  /** False if the module is on its way out, or gone. The kernel itself, undefined, is always there. */
  try_module_get(module: module | undefined): boolean {
    const mod = module as Module | undefined
    if (!mod || mod.builtin) return true
    if (mod.state === 'going' || mod.state === 'unformed') return false
    mod.refs++
    return true
  }

  /** For who knows that there is a reference already. */
  __module_get(module: module | undefined): void {
    const mod = module as Module | undefined
    if (mod && !mod.builtin) mod.refs++
  }

  module_put(module: module | undefined): void {
    const mod = module as Module | undefined
    if (!mod || mod.builtin) return
    // Linux counts one for the module itself, so it is the second one too many that is noticed.
    if (!this.#needs.traps.WARN_ON(mod.refs < 0)) mod.refs--
  }

  module_refcount(module: module): number {
    return (module as Module).refcount
  }

  /** "Modules linked in: …" of reports. */
  linkedIn(): string {
    const names = this.list.formed().map(mod => ` ${mod.name}${mod.flags}`)
    const last = this.#lastUnloaded && ` [last unloaded: ${this.#lastUnloaded}]`
    return `Modules linked in:${names.join('')}${last}`
  }

  register_sysctl(sysctl: Sysctl): void {
    sysctl.register('kernel/modules_disabled', {
      read: () => (this.modules_disabled ? '1' : '0'),
      write: sysctl.latch(() => (this.modules_disabled = true)),
    })
  }

  /** init_module(2): 0 or an error. `params` is "name=value name=value". */
  async init_module(
    image: Uint8Array,
    params: string,
    trace?: LoadTrace,
  ): Promise<errno_t> {
    const err = this.#may_init_module('init_module', image, params, 0, trace)
    if (err) return err
    // Found while the image is copied: too early for a message.
    if (image.length < EHDR_SIZE) return -ENOEXEC
    return this.#load(image, params, 0, trace)
  }

  /** finit_module(2), with what the file held. `flags`: MODULE_INIT_*. */
  async finit_module(
    image: Uint8Array,
    params: string,
    flags: number,
    trace?: LoadTrace,
  ): Promise<errno_t> {
    const err = this.#may_init_module('finit_module', image, params, flags, trace)
    if (err) return err
    if (flags & ~MODULE_INIT_FLAGS || image.length === 0) return -EINVAL
    const plain =
      flags & MODULE_INIT_COMPRESSED_FILE
        ? await module_decompress(this.#needs, image)
        : image
    if (typeof plain === 'number') return plain
    return this.#load(plain, params, flags, trace)
  }

  get core_params(): CoreParams {
    return this.#loader.core_params
  }

  /** A driver that is part of the kernel: in no list. Its parameters are still to be set. */
  link_builtin(image: Uint8Array): Promise<Module | errno_t> {
    return this.#loader.link_builtin(image)
  }

  /** Initialise a driver that is part of the kernel. */
  do_initcall(mod: Module): Promise<errno_t> {
    return this.#loader.do_initcall(mod)
  }

  /** delete_module(2): 0 or an error. `flags` as open(2)'s: O_NONBLOCK, and O_TRUNC to force. */
  async delete_module(name: string, flags: number): Promise<errno_t> {
    if (!this.#mayChange()) return -EPERM
    const mod = this.find_module(name.slice(0, MODULE_NAME_MAX))
    if (!mod) return -ENOENT
    if (mod.users.length > 0) return -EAGAIN
    if (mod.state !== 'live') return -EBUSY

    if (mod.init && !mod.exit && !this.#try_force_unload(flags)) return -EBUSY
    if (mod.refs !== 0 && !this.#try_force_unload(flags)) return -EAGAIN
    return this.#unload(mod)
  }

  /** May the caller see addresses? */
  #kallsyms_show_value(): boolean {
    const { capabilities, formats } = this.#needs
    return formats.kptr_restrict < 2 && capabilities.capable(CAP_SYSLOG)
  }

  /** May the caller, and may anybody? */
  #mayChange(): boolean {
    return this.#needs.capabilities.capable(CAP_SYS_MODULE) && !this.modules_disabled
  }

  #may_init_module(
    call: CallStep['call'],
    image: Uint8Array,
    params: string,
    flags: number,
    trace: LoadTrace,
  ): errno_t {
    if (trace) this.#traceCall(call, image, params, flags, trace)
    return this.#mayChange() ? 0 : -EPERM
  }

  #traceCall(
    call: CallStep['call'],
    image: Uint8Array,
    params: string,
    flags: number,
    trace: NonNullable<LoadTrace>,
  ): void {
    const { sched, capabilities } = this.#needs
    const { pid, comm, cred } = sched.current
    const capable = capabilities.capable(CAP_SYS_MODULE)
    const bytes = image.length
    const disabled = this.modules_disabled
    const uid = cred.uid
    const caller = { pid, uid, comm, capable, disabled }
    trace({ step: 'call', call, ...caller, flags, bytes, params })
  }

  #load(
    image: Uint8Array,
    params: string,
    flags: number,
    trace: LoadTrace,
  ): Promise<errno_t> {
    this.#needs.onLoad()
    const overlook = {
      versions: (flags & MODULE_INIT_IGNORE_MODVERSIONS) !== 0,
      vermagic: (flags & MODULE_INIT_IGNORE_VERMAGIC) !== 0,
    }
    return this.#loader.load_module({ image, params, overlook, trace })
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
    await this.#loader.free_module(mod)
    return 0
  }
}
