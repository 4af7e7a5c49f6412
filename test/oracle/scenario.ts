// Runs one scenario: builds its modules, boots a machine, plays its script in a namespace where
// the machine is all around (enter.sh), and compares what came out with what Linux printed.

import { spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kbuild } from '../../src/kbuild/kbuild.ts'
import { packageRoot } from '../../src/package.ts'
import { compare, documentedDifferences, percentEqual, undocumented } from './compare.ts'
import type { Comparison } from './compare.ts'
import { normaliseTranscript } from './normalise.ts'

const FOLDER = join(packageRoot(), 'test', 'oracle')
const MODBOX = join(packageRoot(), 'bin', 'modbox.js')

/** Of its processes, too: when the script ends, or is ended, nothing of the machine is left. */
const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child']

/** Milliseconds that a script may take. */
const PATIENCE = 300_000

/** Of 100 lines, how many have to be equal; what differs has to be in docs/fidelity.md. */
const ENOUGH = 95
const ENOUGH_OVER_ALL = 98

/** Is the comparison of one scenario good enough? */
export function isEnough(comparison: Comparison): boolean {
  return percentEqual(comparison) >= ENOUGH
}

/** Are all scenarios together? */
export function isEnoughOverAll(total: Comparison): boolean {
  return percentEqual(total) >= ENOUGH_OVER_ALL
}

export interface ScenarioResult extends Comparison {
  missing: string[]
  stale: string[]
}

/** The scenarios that there are. */
export function scenarios(): string[] {
  return readdirSync(FOLDER)
    .filter(name => existsSync(join(FOLDER, name, 'test.sh')))
    .toSorted()
}

/** Build, boot, play, compare. Root only. Throws if the machine or the script cannot be run. */
export async function runScenario(name: string): Promise<ScenarioResult> {
  const expected = readFileSync(join(FOLDER, name, 'out.txt'), 'utf8')
  const comparison = compare(
    normaliseTranscript(expected),
    normaliseTranscript(await play(name)),
  )
  const fidelity = readFileSync(join(packageRoot(), 'docs', 'fidelity.md'), 'utf8')
  return {
    ...comparison,
    ...undocumented(comparison, documentedDifferences(fidelity, name)),
  }
}

/** What the script printed. */
export async function play(name: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'modbox-oracle-'))
  chmodSync(dir, 0o755)
  const env: NodeJS.ProcessEnv = { ...process.env, SCENARIO: name }
  delete env.NODE_OPTIONS
  for (const folder of ['root', 't', 'tools']) mkdirSync(join(dir, folder))
  try {
    await prepare(name, dir, env)
    const words = [join(dir, 'root'), join(dir, 't'), packageRoot(), ...commandLine(name)]
    return await run(
      'unshare',
      [...NAMESPACES, join(FOLDER, 'enter.sh'), ...words],
      dir,
      env,
    )
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The machine's kernel command line. */
function commandLine(name: string): string[] {
  const file = join(FOLDER, name, 'cmdline')
  return existsSync(file) ? ['--append', readFileSync(file, 'utf8').trim()] : []
}

/** Modules and tools, where enter.sh expects them. */
async function prepare(name: string, dir: string, env: NodeJS.ProcessEnv): Promise<void> {
  const work = join(dir, 't')
  cpSync(join(FOLDER, name), work, { recursive: true })
  await kbuild(work)
  if (existsSync(join(work, 'post.sh'))) {
    await run('bash', ['post.sh'], work, { ...env, MODBOX })
  }

  const tools = join(FOLDER, 'tools')
  const compile = (target: string, ...sources: string[]) =>
    run('cc', ['-O1', '-w', '-o', join(dir, 'tools', target), ...sources], tools, env)
  await compile('sc', 'sc.c')
  await compile('newmsg', 'newmsg.c')
  if (existsSync(join(tools, 'uevmon.c'))) await compile('uevmon', 'uevmon.c')
}

/** Its stdout. Rejects, with what it said on stderr, if it fails. */
function run(
  program: string,
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    })
    const out: Buffer[] = []
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('error', reject)
    child.on('close', (status, signal) => {
      const what = `${program} ${args.join(' ')}`
      // A script ends with the status of its last command.
      if (status !== null && (status === 0 || program === 'unshare') && err === '') {
        resolve(Buffer.concat(out).toString('latin1'))
      } else reject(new Error(`${what}: ${signal ?? status}: ${err}`))
    })
  })
}
