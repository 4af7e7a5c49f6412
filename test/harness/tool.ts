// Runs a command of modbox in this process, on a machine that is only a folder of files.

import { Machine } from '../../src/syscall/client.ts'
import type { Transport } from '../../src/syscall/client.ts'
import { runCommand } from '../../src/tools/cli.ts'
import type { World } from '../../src/tools/world.ts'

export interface ToolRun {
  status: number
  out: string
  err: string
}

export interface ToolWorld {
  /** The folder with dev, proc and sys. */
  root?: string
  /** Answers the machine's system calls. */
  call?: Transport
  env?: NodeJS.ProcessEnv
  terminal?: boolean
  /** Called as `insmod`, not as `modbox insmod`. */
  plainName?: boolean
}

/** `runTool(['lsmod'], { root })`: what it printed and its exit status. */
export async function runTool(words: string[], world: ToolWorld = {}): Promise<ToolRun> {
  const out: Buffer[] = []
  let err = ''
  const { root = '/nonexistent', call = refuse, env = {}, terminal = false } = world
  const program = world.plainName ? [] : ['modbox']
  const fake: World = {
    env,
    terminal,
    out: text => void out.push(Buffer.from(text)),
    err: text => void (err += text),
    machine: () => new Machine(root, undefined, call),
  }
  const status = await runCommand([...program, ...words], fake)
  return { status, out: Buffer.concat(out).toString(), err }
}

function refuse(): never {
  throw new Error('This test makes no system calls')
}
