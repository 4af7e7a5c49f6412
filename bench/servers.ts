// The servers that are measured: each serves the same device, from a process of its own.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { mountedOn } from '../src/fuse/mount_table.ts'
import { Machine } from '../src/syscall/client.ts'

/** Where package.json is; this file runs from dist/bench. */
export const ROOT = resolve(import.meta.dirname, '../..')

export const MODBOX = join(ROOT, 'bin/modbox.js')
const MODULE = join(ROOT, 'drivers/bench/bench.ko')

export interface Server {
  readonly name: string
  /** The process that answers. */
  readonly pid: number
  /** Path of the device; of one that is read with a copy, if there are two. */
  readonly device: string
  readonly copyingDevice?: string
  readonly hasIoctl: boolean
  stop(): void
}

export interface ModboxServer extends Server {
  readonly mountpoint: string
}

/** What was measured while modbox started, in milliseconds and kB. */
export interface Start {
  boot: number
  insmodCall: number
  insmodCommand: number
  idleMemory: number
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
    device: join(mnt, 'bench'),
    copyingDevice: join(mnt, 'bench-copy'),
    hasIoctl: true,
    stop: () => child.kill(),
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
    device: join(mnt, 'bench'),
    hasIoctl: false,
    stop: () => child.kill(),
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

  const server: ModboxServer = {
    name: 'modbox',
    mountpoint: mnt,
    pid,
    device: join(mnt, 'dev/bench'),
    hasIoctl: true,
    stop: () => modbox('halt', '--machine', mnt),
  }
  return [server, { boot, insmodCall, insmodCommand, idleMemory }]
}

function modbox(...args: string[]): void {
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

function settled(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
