// A document's session, typed into bash as printed, in a copy of this package.
//
// In a ```console block, a line "$ command" is run, or "(modbox) $ command" in a shell that a command
// before it has started, and the lines after it are what it prints: "…" stands for anything within a
// line, and a line of its own for any lines. Commands without lines after them print nothing. A
// ```ts, ```c or ```make block with a path after it is saved there.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Test } from 'tap'
import { AS_USERS, isMounted, machineFolder } from './mounted.ts'
import { commandAsNobody } from './nobody.ts'
import { requireThat, requireTool } from './require.ts'
import { hasFuse } from './tiny_mount.ts'

const root = resolve(import.meta.dirname, '../..')

/** What of this package a clone has, and npm's build needs. */
const CLONED = ['bin', 'bench', 'drivers', 'linux-headers', 'scripts', 'src', 'test']
const ALSO_CLONED = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'README.md']
/** Milliseconds for the whole session: most of it is the build. */
const PATIENCE = 110_000

/** The packages are there already: the rest of npm is npm. Its own notices are not the session's. */
const NPM_HAS_INSTALLED = `
npm() { [ "$1" = ci ] || command npm --loglevel=error "$@"; }
npx() { command npx --loglevel=error "$@"; }`

/** Keeps the exit status. */
const BETWEEN = `status=$?; printf '\\0'; (exit $status)`

/** The tools of a document that has its session in `modbox shell`. */
export const IN_MODBOX_SHELL = ['npm', 'npx', 'make', 'gcc', 'file', 'insmod', 'unshare']

interface Step {
  command: string
  /** The lines that follow the command in the document. */
  expected: string[]
}

/** A block is a file to save or a list of commands. */
type Block = { path: string; text: string } | { steps: Step[] }

/** What a document's session needs besides what every test needs. */
export interface SessionNeeds {
  tools: readonly string[]
  /** Commands to run first, unseen. */
  before?: string
  /** Type it as an ordinary user; only root can become one. */
  asNobody?: boolean
}

/** Types what `document` (a path from the project's root) shows, and compares what it prints. */
export function followDocument(t: Test, document: string, needs: SessionNeeds): void {
  if (!requireThat(t, hasFuse(), '/dev/fuse is not there')) return
  if (!needs.tools.every(tool => requireTool(t, tool))) return

  const clone = cloneOfThis(t)
  const blocks = parse(readFileSync(join(root, document), 'utf8'))
  const steps = blocks.flatMap(block => ('steps' in block ? block.steps : []))
  t.ok(steps.length > 10, 'there is a session to run')

  const printed = run(clone, blocks, needs)
  for (const [i, { command, expected }] of steps.entries()) {
    t.match(printed[i] ?? 'not run', pattern(expected), command)
  }
  t.notOk(isMounted(join(clone, 'mnt')), 'in the end nothing is mounted')
}

function cloneOfThis(t: Test): string {
  const clone = machineFolder(t)
  const isSource = (path: string) => !/\.(?:ko|o|cmd)$|Module\.symvers$/.test(path)
  for (const name of [...CLONED, ...ALSO_CLONED]) {
    cpSync(join(root, name), join(clone, name), { recursive: true, filter: isSource })
  }
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
  mkdirSync(join(clone, 'home'))
  return clone
}

function parse(text: string): Block[] {
  const fences = text.matchAll(/^```(\w+) ?(\S*)\n([^]*?)^```$/gm)
  return [...fences].flatMap(([, language, path = '', body = '']): Block[] => {
    if (language === 'console') return [{ steps: stepsOf(body) }]
    return path ? [{ path, text: body }] : []
  })
}

function stepsOf(body: string): Step[] {
  const steps: Step[] = []
  for (const line of body.trimEnd().split('\n')) {
    const [, command] = /^(?:\(modbox\) )?\$ (.*)/.exec(line) ?? []
    if (command === undefined) steps.at(-1)?.expected.push(line)
    else steps.push({ command, expected: [] })
  }
  return steps
}

/** What each command printed, on stdout and stderr. Stops at the first that is told to fail. */
function run(clone: string, blocks: Block[], { before = ':', asNobody }: SessionNeeds) {
  const home = join(clone, 'home')
  const script = ['exec 2>&1', NPM_HAS_INSTALLED, before]
  for (const block of blocks) {
    if ('path' in block) {
      script.push(`cp '${saved(block, home)}' ${block.path}`)
      continue
    }
    for (const { command } of block.steps) script.push(BETWEEN, typed(command))
  }
  const { DEBUG: _debug, ...env } = process.env
  const shell = asNobody ? commandAsNobody(clone) : ['bash']
  const { stdout } = spawnSync('env', [...AS_USERS, ...shell], {
    cwd: clone,
    env: {
      ...env,
      HOME: home,
      npm_config_cache: join(home, '.npm'),
      SHELL: '/bin/bash',
      LC_ALL: 'C',
      MODBOX_RUNTIME_DIR: join(clone, 'run'),
    },
    input: script.join('\n'),
    encoding: 'utf8',
    timeout: PATIENCE,
    killSignal: 'SIGKILL',
  })
  return stdout.split('\0').slice(1)
}

/** What is typed next is read by the shell, or by a shell that the command starts. */
function typed(command: string): string {
  return command.endsWith(' shell') ? command : `{ ${command}\n} </dev/null`
}

function saved({ path, text }: { path: string; text: string }, home: string): string {
  const copy = join(home, '..', 'saved', `${path.replaceAll(/\W/g, '-')}`)
  mkdirSync(dirname(copy), { recursive: true })
  writeFileSync(copy, text)
  return copy
}

/** Anything where the document has "…"; blanks count as one, since columns shift. */
function pattern(expected: string[]): RegExp {
  const lines = expected.map(line => {
    if (line === '…') return '(?:.*\\n)*'
    const parts = line
      .split('…')
      .map(part => part.trim().split(/\s+/).map(escape).join('\\s+'))
    return `[ \\t]*${parts.join('.*')}[ \\t]*\\n?`
  })
  return new RegExp(`^${lines.join('')}$`)
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
