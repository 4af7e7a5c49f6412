// The servers that are measured: each serves the same device, from a process of its own.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bundleFile } from '../src/bundle.ts'
import { mountedOn } from '../src/fuse/mount_table.ts'
import { Machine } from '../src/syscall/client.ts'

/** Where package.json is; this file runs from dist/bench. */
export const ROOT = resolve(import.meta.dirname, '../..')

export const MODBOX = join(ROOT, 'bin/modbox.js')
const MODULE = join(ROOT, 'drivers/bench/bench.ko')

/** What bench/client.c can do. */
export type Operation = 'read' | 'write' | 'ioctl' | 'wake-read' | 'wake-poll'

/** Their paths. */
export interface Devices {
  bench: string
  /** One that is read with a copy, if the other is not. */
  copying?: string
  /** One whose read(2) waits for a write(2). */
  wait: string
}

export interface Server {
  readonly name: string
  /** The process that answers. */
  readonly pid: number
  readonly devices: Devices
  /** What it cannot do. */
  readonly lacks: readonly Operation[]
  stop(): void | Promise<void>
}

export interface ModboxServer extends Server {
  readonly mountpoint: string
}

export interface ProfiledServer extends Server {
  /** Stop it: what V8's profiler saw, in the JSON of a .cpuprofile. */
  end(): Promise<string>
}

/** What was measured while modbox started, in milliseconds and kB. */
export interface Start {
  boot: number
  insmodCall: number
  insmodCommand: number
  idleMemory: number
  loadedMemory: number
}

/** Compile bench/<name>.c into `dir`. */
export function compile(
  dir: string,
  name: string,
  flags: readonly string[] = [],
): string {
  const program = join(dir, name)
  const source = join(ROOT, 'bench', `${name}.c`)
  execFileSync('cc', ['-O2', '-o', program, source, ...flags], { stdio: 'inherit' })
  return program
}

export async function startReference(dir: string): Promise<Server> {
  const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'fuse3'], {
    encoding: 'utf8',
  })
  const program = compile(dir, 'reference', flags.trim().split(/\s+/))
  const mnt = folder(dir, 'c')
  const child = spawn(program, ['-f', '-s', mnt], { stdio: 'inherit' })
  await mounted(mnt, child)
  return {
    name: 'C, libfuse 3',
    pid: pidOf(child),
    devices: {
      bench: join(mnt, 'bench'),
      copying: join(mnt, 'bench-copy'),
      wait: join(mnt, 'bench-wait'),
    },
    lacks: [],
    stop: () => ended(child),
  }
}

export async function startFuseNative(dir: string): Promise<Server> {
  const mnt = folder(dir, 'native')
  const script = join(import.meta.dirname, 'fuse_native.js')
  const child = spawn(process.execPath, [script, mnt], { stdio: 'inherit' })
  await mounted(mnt, child)
  return {
    name: 'fuse-native',
    pid: pidOf(child),
    devices: { bench: join(mnt, 'bench'), wait: join(mnt, 'bench-wait') },
    lacks: ['ioctl', 'wake-poll'],
    stop: () => ended(child),
  }
}

export async function startModbox(dir: string): Promise<[ModboxServer, Start]> {
  const mnt = folder(dir, 'modbox')
  const boot = milliseconds(() => modbox('boot', mnt))
  const { pid } = new Machine(mnt).status()
  await settled(1000)
  const idleMemory = residentMemory(pid)

  const insmodCommand = milliseconds(() => modbox('insmod', '--machine', mnt, MODULE))
  modbox('rmmod', '--machine', mnt, 'bench')
  const image = readFileSync(MODULE)
  let ret = 0
  const insmodCall = milliseconds(
    () => (ret = new Machine(mnt).finitModule(image, '', 0)),
  )
  if (ret !== 0) throw new Error(`Cannot load ${MODULE}: error ${-ret}`)
  await settled(1000)
  const loadedMemory = residentMemory(pid)

  const server: ModboxServer = {
    name: 'modbox',
    mountpoint: mnt,
    pid,
    devices: devicesIn(mnt),
    lacks: [],
    stop: () => modbox('halt', '--machine', mnt),
  }
  return [server, { boot, insmodCall, insmodCommand, idleMemory, loadedMemory }]
}

/** modbox, looked at by V8's profiler every `interval` microseconds. */
export async function startProfiled(
  dir: string,
  interval: number,
): Promise<ProfiledServer> {
  const mnt = folder(dir, 'profiled')
  const profiles = folder(dir, 'profiles')
  const options = ['--cpu-prof', '--cpu-prof-dir', profiles]
  const argv = [...options, '--cpu-prof-interval', String(interval), bundleFile(), mnt]
  const child = spawn(process.execPath, argv, { stdio: 'inherit' })
  await mounted(mnt, child)
  modbox('insmod', '--machine', mnt, MODULE)
  return {
    name: 'modbox, profiled',
    pid: pidOf(child),
    devices: devicesIn(mnt),
    lacks: [],
    stop: () => ended(child),
    async end() {
      await ended(child)
      const [name = ''] = readdirSync(profiles)
      return readFileSync(join(profiles, name), 'utf8')
    },
  }
}

function devicesIn(mnt: string): Devices {
  return { bench: join(mnt, 'dev/bench'), wait: join(mnt, 'dev/bench-wait') }
}

/** All threads of the servers onto one CPU. */
export function pin(servers: readonly Pick<Server, 'pid'>[], cpu: number): void {
  for (const { pid } of servers) {
    execFileSync('taskset', ['-acp', String(cpu), String(pid)], { stdio: 'ignore' })
  }
}

/** Run `modbox ARGS…` to its end. */
export function modbox(...args: string[]): void {
  execFileSync(process.execPath, [MODBOX, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function milliseconds(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

/** VmRSS in kB. */
function residentMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])
}

function folder(dir: string, name: string): string {
  const path = join(dir, name)
  mkdirSync(path)
  return realpathSync(path)
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`Cannot start ${child.spawnfile}`)
  return child.pid
}

async function mounted(mnt: string, child: ChildProcess): Promise<void> {
  while (!mountedOn(mnt)) {
    if (child.exitCode !== null)
      throw new Error(`${child.spawnfile} ended without a mount`)
    await settled(20)
  }
}

/** Ask it to end, and wait until it has. */
async function ended(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  if (child.kill()) await exited
}

function settled(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
