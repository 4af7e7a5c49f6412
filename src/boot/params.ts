// Parameters of kernel and modules, and the checks of drivers that some of them turn on.

import { DebugObjects } from '../kernel/debugobjects.ts'
import { ModuleCode } from '../kernel/module/code.ts'
import { CommandLine } from '../kernel/params/command_line.ts'
import { EXPORT_SYMBOL as param_ops } from '../kernel/params/ops.ts'
import { Params } from '../kernel/params/params.ts'
import type { Core } from './core.ts'
import type { Locking } from './locking.ts'
import type { Reporting } from './reporting.ts'
import type { Start } from './start.ts'

export type Parameters = ReturnType<typeof params_init>

export function params_init(given: Start & Core & Reporting & Locking) {
  const { symbols, log, taints, stacks, traps, mutexes, cmdline } = given

  const params = new Params({ log, taints, mutexes }) //  module_param
  const command_line = new CommandLine(cmdline, params, log)
  const code = new ModuleCode(traps) //                   calls of code that may be gone
  const debugobjects = new DebugObjects({ traps, code, stacks, log, command_line })

  symbols.exportFrom(params.ops, params.locks)
  symbols.exportFunctions(param_ops)
  return { params, command_line, code, debugobjects }
}
