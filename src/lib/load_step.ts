// The steps of loading a module, as `insmod -v` tells them. The kernel reports each where it is
// taken, with the data it was taken with; numbers of more than 53 bits are hexadecimal text.

export type LoadStep =
  | CallStep
  | ElfStep
  | { step: 'name'; name: string; blacklisted: boolean }
  | VersionsStep
  | VermagicStep
  | { step: 'origin'; intree: boolean; staging: boolean }
  | { step: 'license'; license: string; gpl: boolean }
  | TakenStep
  | { step: 'signature'; signed: false }
  | SymbolStep
  | { step: 'layout'; base: string; size: number; initSize: number }
  | { step: 'section'; name: string; address: string; size: number }
  | { step: 'evaluate'; bytes: number; us: number; error: string }
  | { step: 'export'; name: string; gpl: boolean; namespace: string; owner: string }
  | ParameterStep
  | { step: 'sysfs'; path: string; holderOf: readonly string[]; err: number }
  | { step: 'state'; state: 'coming' | 'live' }
  | { step: 'init'; function: string; ret: number; us: number }
  | { step: 'tainted'; module: string; before: number; after: number }

/** Reported where the step happens; nothing is collected when there is none. */
export type LoadTrace = ((step: LoadStep) => void) | undefined

export interface CallStep {
  step: 'call'
  call: 'init_module' | 'finit_module'
  pid: number
  uid: number
  comm: string
  flags: number
  /** CAP_SYS_MODULE. */
  capable: boolean
  /** /proc/sys/kernel/modules_disabled. */
  disabled: boolean
  /** Copied from the caller. */
  bytes: number
  params: string
}

/** Fields of the file header, as they are in the image. */
export interface ElfStep {
  step: 'elf'
  class: number
  data: number
  type: number
  machine: number
  shoff: number
  shnum: number
  shstrndx: number
  /** What is wrong with it; '' for nothing. */
  error: string
}

/** The CRC of module_layout, which stands for the layout of struct module. */
export interface VersionsStep {
  step: 'versions'
  /** The image has __versions, and the caller did not say to overlook them. */
  present: boolean
  theirs?: number
  ours?: number
  ok: boolean
}

export interface VermagicStep {
  step: 'vermagic'
  /** Absent: the module has none, or the caller said to overlook it. */
  theirs?: string
  ours: string
  /** The release was left out of the comparison. */
  withoutRelease: boolean
  ok: boolean
}

/** The name was looked up in the list of modules. */
export interface TakenStep {
  step: 'list'
  name: string
  /** State of the module that had the name already. */
  other?: string
  err: number
}

/** One option of those given to the module. */
export interface ParameterStep {
  step: 'parameter'
  name: string
  /** Null: given without one. */
  value: string | null
  /** The module has such a parameter, or the kernel knows what it means. */
  known: boolean
  err: number
}

/** One undefined symbol. */
export interface SymbolStep {
  step: 'symbol'
  name: string
  /** "vmlinux", a module, or '' if nobody exports it. */
  owner: string
  gpl: boolean
  namespace: string
  /** The CRC the module was built with, and the one of the symbol there is. */
  expected?: number
  crc?: number
  err: number
}
