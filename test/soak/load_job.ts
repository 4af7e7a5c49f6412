// The jobs at the beginning and the end of a round: modules come, modules go, and what is left is told.

import { existsSync, readFileSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { EAGAIN } from '../../src/include/uapi/errno.ts'
import { O_NONBLOCK } from '../../src/include/uapi/fcntl.ts'
import { Machine } from '../../src/syscall/client.ts'
import { complaintsIn } from '../fuzz/complaints.ts'
import { SEEN } from './files_job.ts'
import type { Counts, View } from './inventory.ts'
import { filesBelow, lookUpAgain } from './paths.ts'
import { soon } from './soon.ts'

/** For the last close of a killed process, in milliseconds. */
const PATIENCE = 10_000

const SYSLOG_ACTION_READ_CLEAR = 4
const LOG_SIZE = 1 << 20

/** load MNT FILE PARAMS …: all of them, in this order. */
export async function load([mnt = '', ...words]: readonly string[]): Promise<number> {
  const machine = new Machine(mnt)
  for (let i = 0; i < words.length; i += 2) {
    const [file = '', params = ''] = words.slice(i)
    const ret = machine.finitModule(readFileSync(file), params, 0)
    if (ret !== 0) throw new Error(`insmod of ${basename(file)} ${params}: ${ret}`)
  }
  return words.length / 2
}

/** unload MNT NAME …: all of them, in this order; the host forgets their files. */
export async function unload([mnt = '', ...names]: readonly string[]): Promise<number> {
  const machine = new Machine(mnt)
  const paths = filesOf(mnt)
  for (const name of names) {
    // A killed process's last close comes when the host has buried it.
    let ret = -EAGAIN
    await soon(() => (ret = machine.deleteModule(name, O_NONBLOCK)) !== -EAGAIN, PATIENCE)
    if (ret !== 0) throw new Error(`rmmod of ${name}: ${ret}`)
  }
  lookUpAgain(mnt, [...paths, ...takeSeen()])
  return names.length
}

/** view MNT COUNTS MS: prints what is left, as soon as it is no more than COUNTS, but after MS at the latest. */
export async function view([
  mnt = '',
  most = '{}',
  patience,
]: readonly string[]): Promise<number> {
  const machine = new Machine(mnt)
  const limits = JSON.parse(most) as Partial<Counts>
  const paths = filesOf(mnt)
  let counts = countsOf(machine)
  await soon(() => {
    counts = countsOf(machine)
    return Object.entries(limits).every(([name, n]) => counts[name as keyof Counts] <= n)
  }, Number(patience))
  const log = machine.syslog(SYSLOG_ACTION_READ_CLEAR, LOG_SIZE).text.toString()
  const seen: View = { counts, paths, complaints: complaintsIn(log) }
  console.log(JSON.stringify(seen))
  return 1
}

/** What the job files has seen, of modules that came and went meanwhile, too. */
function takeSeen(): string[] {
  if (!existsSync(SEEN)) return []
  const seen = readFileSync(SEEN, 'utf8').split('\n')
  rmSync(SEEN)
  return seen
}

function filesOf(mnt: string): string[] {
  return ['dev', 'proc', 'sys'].flatMap(name =>
    filesBelow(mnt, name).map(({ path }) => path),
  )
}

function countsOf(machine: Machine): Counts {
  const { modules, openFiles, nodes, sleeping, timers } = machine.status()
  return { modules, openFiles, nodes, sleeping, timers }
}
