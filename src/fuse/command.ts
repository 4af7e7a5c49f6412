// Running one of the host's small programs and hearing what it had to say.

import { spawn } from 'node:child_process'

export interface Outcome {
  /** Exit status; 127 if there is no such program. */
  status: number
  /** What it printed on stderr, on one line. */
  stderr: string
}

export interface RunOptions {
  /** Becomes the program's descriptor 3. */
  inherited?: number
  env?: NodeJS.ProcessEnv
  /** Milliseconds after which it is killed; its status is -1 then. */
  timeout?: number
}

export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const { inherited, env = process.env, timeout } = options
  const extra = inherited === undefined ? [] : [inherited]
  const child = spawn(command, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe', ...extra],
    killSignal: 'SIGKILL',
    ...(timeout === undefined ? {} : { timeout }),
  })
  const text: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => text.push(chunk))
  return await new Promise(resolve => {
    child.on('error', () => resolve({ status: 127, stderr: `no ${command} found` }))
    child.on('close', status =>
      resolve({
        status: status ?? -1,
        stderr: text.join('').trim().replaceAll('\n', '; '),
      }),
    )
  })
}
