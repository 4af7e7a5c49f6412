// The running machines, one small JSON file each, so that tools find them and can tell a live
// daemon from a dead one without touching its mount.
//
// The files are in <runtime folder>/modbox-<uid>/<pid>.json. A user sees his own
// machines and root's; a folder that belongs to someone else is not believed. In a user namespace,
// as under `modbox run`, he is the one that he is outside.

import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { uidInside, uidOutside } from '../host/user_namespace.ts'
import { MachineError } from './machine_error.ts'

export interface RunningMachine {
  /** Absolute, without symbolic links. */
  mountpoint: string
  /** The daemon's process id. */
  pid: number
  /** Booted for one program: only that finds it without being told where it is. */
  private?: boolean
}

/** In the mode of a folder: others may make files there. */
const OTHERS_WRITE = 0o002

interface Entry extends RunningMachine {
  /** When the daemon was started, in clock ticks since the host's boot: pids come again. */
  started: number
}

export interface RegistryOptions {
  /** Where runtime folders may be, best first. */
  bases?: readonly string[]
  uid?: number
}

/**
 * The folders in which a registry may be: $XDG_RUNTIME_DIR, /run, /tmp; or $MODBOX_RUNTIME_DIR
 * alone, for machines that are not to know of others.
 */
export function runtimeFolders(env: NodeJS.ProcessEnv = process.env): string[] {
  if (env.MODBOX_RUNTIME_DIR) return [env.MODBOX_RUNTIME_DIR]
  return [env.XDG_RUNTIME_DIR ?? '', '/run', '/tmp'].filter(folder => folder !== '')
}

/** List `machine`; for its daemon, once the mount answers. Throws if no folder can be written. */
export function register(machine: RunningMachine, options: RegistryOptions = {}): void {
  const entry: Entry = { ...machine, started: startTime(machine.pid) ?? 0 }
  const path = join(registryFolder(options), `${machine.pid}.json`)
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify(entry)}\n`)
    renameSync(`${path}.new`, path)
  } catch (error) {
    rmSync(`${path}.new`, { force: true })
    const [why] = (error as Error).message.split(', ')
    throw new MachineError(`Cannot write "${path}": ${why}`)
  }
}

/** Take the machine of daemon `pid` off the list. */
export function unregister(
  pid: number = process.pid,
  options: RegistryOptions = {},
): void {
  for (const folder of trustedFolders(options)) {
    rmSync(join(folder, `${pid}.json`), { force: true })
  }
}

/** All machines whose daemon lives, in order of their pids. Drops the files of the others. */
export function running(options: RegistryOptions = {}): RunningMachine[] {
  return trustedFolders(options)
    .flatMap(readFolder)
    .toSorted((a, b) => a.pid - b.pid)
}

/** The first runtime folder that this user may write; made if need be. */
export function registryFolder(options: RegistryOptions = {}): string {
  const { bases = runtimeFolders(), uid = userId() } = options
  for (const base of bases) {
    const folder = join(base, `modbox-${uid}`)
    try {
      mkdirSync(folder, { mode: 0o755 })
      return folder
    } catch (error) {
      if (codeOf(error) === 'EEXIST' && isOf(folder, uid)) return folder
    }
  }
  throw new MachineError(
    `Cannot make a folder for running machines in ${bases.join(', ')}`,
  )
}

/** The registries of this user and of root. */
function trustedFolders(options: RegistryOptions): string[] {
  const { bases = runtimeFolders(), uid = userId() } = options
  const folders = bases.flatMap(base =>
    [...new Set([uid, 0])].map(owner => ({ owner, path: join(base, `modbox-${owner}`) })),
  )
  return folders.filter(({ owner, path }) => isOf(path, owner)).map(({ path }) => path)
}

/**
 * Does `folder` belong to that user? One who is unknown in this user namespace cannot be told from
 * others; then it is his if nobody else could have made it.
 */
function isOf(folder: string, uid: number): boolean {
  const owner = uidInside(uid)
  if (owner !== undefined) return statOf(folder)?.uid === owner
  const base = statOf(dirname(folder))
  return (
    base !== undefined && (base.mode & OTHERS_WRITE) === 0 && statOf(folder) !== undefined
  )
}

function readFolder(folder: string): RunningMachine[] {
  return readdirSync(folder)
    .filter(name => /^\d+\.json$/.test(name))
    .flatMap(name => readEntry(join(folder, name)))
}

/** The machine in one file, if it still runs. */
function readEntry(path: string): RunningMachine[] {
  const entry = parseEntry(path)
  if (!entry) return []
  if (isAlive(entry)) {
    const { mountpoint, pid } = entry
    return [{ mountpoint, pid, ...(entry.private && { private: true }) }]
  }

  try {
    rmSync(path, { force: true })
    // Made for that machine only; it is not removed while the dead mount is still there.
    if (entry.private) rmdirSync(entry.mountpoint)
  } catch {
    // Not ours to remove: it is root's.
  }
  return []
}

function parseEntry(path: string): Entry | undefined {
  try {
    const entry: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isEntry(entry) ? entry : undefined
  } catch {
    return undefined
  }
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  return (
    'mountpoint' in value &&
    typeof value.mountpoint === 'string' &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'started' in value &&
    typeof value.started === 'number'
  )
}

function isAlive(entry: Entry): boolean {
  return startTime(entry.pid) === entry.started
}

/** Whether process `pid` runs; zombies do not. */
export function isRunning(pid: number): boolean {
  return startTime(pid) !== undefined
}

/** Whether process `pid` was stopped, by SIGSTOP or a debugger: it does not answer. */
export function isStopped(pid: number): boolean {
  const [state] = statFields(pid)
  return state === 'T' || state === 't'
}

/** The start time of a live process, in clock ticks since the host's boot. */
function startTime(pid: number): number | undefined {
  const fields = statFields(pid)
  const [state] = fields
  return state === undefined || state === 'Z' || state === 'X'
    ? undefined
    : Number(fields[19])
}

/** /proc/<pid>/stat from the third field, the state, on; nothing if there is no such process. */
function statFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the name in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

function statOf(folder: string): Stats | undefined {
  try {
    return statSync(folder)
  } catch {
    return undefined
  }
}

/** As outside of user namespaces. */
function userId(): number {
  const uid = process.getuid?.() ?? 0
  return uidOutside(uid) ?? uid
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
