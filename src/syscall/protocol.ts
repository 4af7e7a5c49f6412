// System calls that files cannot carry, over /dev/modbox: what tools send, what the machine
// answers. One write(2) or several make a request; read(2) on the same descriptor then gives the
// reply. The caller's own process makes the call, so the kernel knows its pid and uid.
//
//   request   one line of JSON, "\n", then `payload` bytes
//   reply     one line of JSON, "\n", then `payload` bytes
//
// The call is executed within the write(2) that completes the request.

import type { LoadStep } from '../lib/load_step.ts'

/** Either call: what the caller has in memory, or what the file holds that it has opened. */
export interface InitModule {
  call: 'init_module' | 'finit_module'
  /** Bytes of the image that follow. */
  payload: number
  /** "name=value name=value", as insmod passes it. */
  params: string
  /** MODULE_INIT_*, of finit_module; init_module has none. */
  flags: number
  /** Answer with the steps of the load, too. */
  trace?: boolean
}

export interface DeleteModule {
  call: 'delete_module'
  name: string
  /** O_NONBLOCK | O_TRUNC. */
  flags: number
}

/** syslog(2): the kernel's log. The text is the reply's payload. */
export interface Syslog {
  call: 'syslog'
  /** SYSLOG_ACTION_*. */
  type: number
  /** Size of the caller's buffer, or the console level for SYSLOG_ACTION_CONSOLE_LEVEL. */
  len: number
}

/** reboot(2): the machine stops and unmounts when the caller closes the descriptor. */
export interface Reboot {
  call: 'reboot'
}

/** What `modbox status` shows; not a Linux call. */
export interface Status {
  call: 'status'
}

/**
 * A supervisor (src/supervise) connects itself: the value is the number that its forwarded calls
 * carry (forward.ts). What is read behind the answer are the answers to those.
 */
export interface Supervise {
  call: 'supervise'
  /** The machine stops when the connection ends. */
  last?: boolean
}

export type Request = InitModule | DeleteModule | Syslog | Reboot | Status | Supervise

/** `ret`: the value of the system call, negative for an error. */
export interface Reply {
  ret: number
  payload?: number
  status?: MachineStatus
  /** Of a load that was asked for with `trace`, up to where it failed. */
  steps?: LoadStep[]
}

export interface MachineStatus {
  mountpoint: string
  transport: string
  /** The daemon's process id. */
  pid: number
  /** Seconds since boot. */
  uptime: number
  release: string
  modules: number
  /** Files and directories that programs have open. */
  openFiles: number
  /** Files that the host knows by number; it forgets them in its own time. */
  nodes: number
  /** Calls that are asleep in a driver. */
  sleeping: number
  /** Timers that wait for their time, of drivers and of calls that sleep for a while. */
  timers: number
}
