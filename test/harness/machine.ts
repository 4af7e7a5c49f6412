// A machine in this process for one test: booted, with drivers, checked for leftovers in the end.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Kernel } from '../../src/boot.ts'
import type { Inode } from '../../src/fs/inode.ts'
import { kbuild } from '../../src/kbuild/kbuild.ts'
import { formatSyslogRecord, type LogRecord } from '../../src/lib/kmsg.ts'
import { packageRoot } from '../../src/package.ts'
import { bootThisMachine } from '../../src/this_machine.ts'
import { type Credentials, UserProcess } from '../../src/user_process.ts'

export interface TestMachine {
  kernel: Kernel
  /** A process of root's. */
  user: UserProcess
  process: (cred: Credentials) => UserProcess
  /** finit_module(2) of an image or of one of the drivers of this package, by name. */
  insmod: (
    module: string | Uint8Array,
    params?: string,
    as?: Credentials,
  ) => Promise<number>
  /** delete_module(2). */
  rmmod: (name: string, flags?: number) => Promise<number>
  /** Messages since the last time it was asked, without times: "<6>text". */
  dmesg: () => string[]
}

/** Boot. What the test leaves in /dev, /sys/class and /proc/devices makes it fail. */
export async function boot(t: Test): Promise<TestMachine> {
  const log: LogRecord[] = []
  const kernel = await bootThisMachine({ console: record => void log.push(record) })
  log.length = 0
  const clean = inventory(kernel)
  const machine = testMachine(kernel, log)
  t.teardown(async () => {
    for (const name of loaded(await machine.user.readFile('/proc/modules'))) {
      await machine.rmmod(name)
    }
    const left = inventory(kernel).filter(entry => !clean.includes(entry))
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`)
  })
  return machine
}

function testMachine(kernel: Kernel, log: LogRecord[]): TestMachine {
  const process = (cred: Credentials) => new UserProcess(kernel, cred)
  const user = process({})
  return {
    kernel,
    user,
    process,
    insmod: (module, params = '', as = { comm: 'insmod' }) =>
      process(as).syscall(() =>
        kernel.modules.finit_module(
          typeof module === 'string' ? driver(module) : module,
          params,
          0,
        ),
      ),
    rmmod: (name, flags = 0) =>
      process({ comm: 'rmmod' }).syscall(() => kernel.modules.delete_module(name, flags)),
    dmesg: () =>
      log.splice(0).map(record =>
        formatSyslogRecord(record)
          .replace(/\[ *\d+\.\d+\] /g, '')
          .trimEnd(),
      ),
  }
}

/** The image of a driver of this package: `scull`, or `scull/scullaccess` of the folder scull. */
export function driver(name: string): Uint8Array {
  const path = name.includes('/') ? name : `${name}/${name}`
  return readFileSync(join(packageRoot(), 'drivers', `${path}.ko`))
}

/** Build a driver that a test has written: its image. */
export async function build(
  t: Test,
  name: string,
  source: string,
): Promise<Uint8Array<ArrayBufferLike>> {
  const images = await buildAll(t, { [name]: source })
  return images[name] as Uint8Array
}

/** Build several at once, which may use each other's symbols. */
export async function buildAll(
  t: Test,
  sources: Record<string, string>,
): Promise<Record<string, Uint8Array>> {
  const files = Object.entries(sources).map(([name, source]) => [`${name}.ts`, source])
  const names = Object.keys(sources)
  const Kbuild = `obj-m := ${names.map(name => `${name}.o`).join(' ')}\n`
  const { modules } = await kbuild(t.testdir({ Kbuild, ...Object.fromEntries(files) }))
  return Object.fromEntries(modules.map(({ name, file }) => [name, readFileSync(file)]))
}

function loaded(modules: string | number): string[] {
  return String(modules)
    .split('\n')
    .filter(Boolean)
    .map(line => line.split(' ')[0] ?? '')
}

/** What a driver can leave behind. */
function inventory(kernel: Kernel): string[] {
  return [
    ...kernel.chrdevs.chrdev_show().split('\n'),
    ...['dev', 'sys/class', 'sys/devices/virtual', 'sys/dev/char', 'proc'].flatMap(path =>
      paths(
        path
          .split('/')
          .reduce<Inode | undefined>((at, name) => at?.child(name), kernel.root),
      ),
    ),
  ]
}

function paths(dir: Inode | undefined): string[] {
  return [...(dir?.children?.values() ?? [])].flatMap(node => [node.path, ...paths(node)])
}
