// The door of real programs: test/programs/calls.c makes the calls that it is told.

import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { packageRoot } from '../../src/package.ts'
import type { Door } from './door.ts'

/** Compile the program into `folder`: its path. */
export function compileCalls(folder: string): string {
  const program = join(folder, 'calls')
  const source = join(packageRoot(), 'test/programs/calls.c')
  const { status, stderr } = spawnSync('cc', ['-O1', '-o', program, source])
  if (status !== 0) throw new Error(stderr.toString())
  return program
}

/** A process of its own, which ends with the test. `root` is put before all paths. */
export function throughProgram(t: Test, program: string, root: string): Door {
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const waiting: ((line: string) => void)[] = []
  createInterface(child.stdout).on('line', line => waiting.shift()?.(line))
  const ask = (words: readonly (string | number)[]): Promise<string> =>
    new Promise(resolve => {
      waiting.push(resolve)
      child.stdin.write(`${words.join(' ')}\n`)
    })

  const number = async (...words: (string | number)[]): Promise<number> =>
    Number((await ask(words)).split(' ')[0])
  const text = async (...words: (string | number)[]): Promise<string | number> => {
    const [result, hex = ''] = (await ask(words)).split(' ')
    return Number(result) < 0
      ? Number(result)
      : Buffer.from(hex, 'hex').toString('latin1')
  }
  const hex = (data: string) => Buffer.from(data, 'latin1').toString('hex') || '-'
  return {
    open: (path, flags) => number('open', flags, 0o600, `${root}${path}`),
    close: fd => number('close', fd),
    dup: fd => number('dup', fd),
    dup2: (fd, to) => number('dup2', fd, to),
    read: (fd, count) => text('read', fd, count),
    pread: (fd, count, offset) => text('pread', fd, count, offset),
    readv: (fd, ...counts) => text('readv', fd, ...counts),
    write: (fd, data) => number('write', fd, hex(data)),
    pwrite: (fd, data, offset) => number('pwrite', fd, offset, hex(data)),
    writev: (fd, ...data) => number('writev', fd, ...data.map(hex)),
    lseek: (fd, offset, whence) => number('lseek', fd, offset, whence),
    ioctl: (fd, cmd, arg) => number('ioctl', fd, cmd, arg),
    fcntl: (fd, cmd, arg = 0) => number('fcntl', fd, cmd, arg),
    poll: (fd, events) => number('poll', fd, events),
    fsync: fd => number('fsync', fd),
    fdatasync: fd => number('fdatasync', fd),
    ftruncate: (fd, size) => number('ftruncate', fd, size),
  }
}
