// What programs pay under `modbox run`: for a call that is taken from them and forwarded, against the same
// call through FUSE; and for calls that nobody takes, by the work of a compiler.

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median } from './median.ts'
import type { Comparison, Figures } from './report.ts'
import { MODBOX, type ModboxServer } from './servers.ts'

const ROUNDS = 5
/** Calls a round. */
const IOCTLS = 10_000
/** Programs that the compiler is given, each of so many functions. */
const FILES = 50
const FUNCTIONS = 10

/** Prints how long the compiler took for all files, in microseconds. */
const COMPILE = `
start=\${EPOCHREALTIME/./}
for file in *.c; do gcc -O2 -c -o object.o "$file" || exit; done
echo $((\${EPOCHREALTIME/./} - start))`

/** `client` is bench/client.c; everything is put on one CPU, where the price of the software shows. */
export function compareUnderRun(
  client: string,
  machine: ModboxServer,
  dir: string,
): Comparison[] {
  const inside = [process.execPath, MODBOX, 'run', '--machine', machine.mountpoint, '--']
  const [nearby, forwarded] = rounds(
    () => ioctl([client, machine.devices.bench]),
    () => ioctl([...inside, client, '/dev/bench']),
  )
  const programs = writePrograms(join(dir, 'programs'))
  const [plain, supervised] = rounds(
    () => compile([], programs),
    () => compile(inside, programs),
  )
  return [
    {
      work: 'ioctl `_IOW(…, int)`: through FUSE, forwarded',
      outside: microseconds(nearby),
      inside: microseconds(forwarded),
      ratio: forwarded / nearby,
      aim: 4,
    },
    {
      work: `gcc -O2 on ${FILES} files`,
      outside: seconds(plain),
      inside: seconds(supervised),
      ratio: supervised / plain,
      aim: 1.03,
    },
  ]
}

/** The medians of two measurements that take turns. */
function rounds(one: () => number, other: () => number): [number, number] {
  const results = Array.from({ length: ROUNDS }, () => [one(), other()] as const)
  return [median(results.map(([a]) => a)), median(results.map(([, b]) => b))]
}

/** Half of the calls take less, in nanoseconds. */
function ioctl(command: readonly string[]): number {
  const json = onOneCpu([...command, 'set', '4', String(IOCTLS)], '.')
  return (JSON.parse(json) as Figures).p50
}

/** In nanoseconds. */
function compile(prefix: readonly string[], programs: string): number {
  return 1000 * Number(onOneCpu([...prefix, 'bash', '-c', COMPILE], programs))
}

function onOneCpu(command: readonly string[], cwd: string): string {
  return execFileSync('taskset', ['-c', '0', ...command], { cwd, encoding: 'utf8' })
}

/** The folder that they are in. */
function writePrograms(folder: string): string {
  mkdirSync(folder)
  for (let i = 0; i < FILES; i++) {
    const functions = Array.from(
      { length: FUNCTIONS },
      (_, n) => `int f${n}(char *s, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (isalpha(s[i]) && !strchr("${'abc'.repeat(n)}", s[i])) printf("%zu %c\\n", i * ${n}, s[i]);
  return n > ${n} ? atoi(s) : (int)strlen(s);
}
`,
    )
    const headers = ['ctype', 'stdio', 'stdlib', 'string', 'unistd']
    const includes = headers.map(name => `#include <${name}.h>\n`)
    writeFileSync(join(folder, `${i}.c`), [...includes, ...functions].join(''))
  }
  return folder
}

function microseconds(nanoseconds: number): string {
  return `${(nanoseconds / 1e3).toFixed(1)} µs`
}

function seconds(nanoseconds: number): string {
  return `${(nanoseconds / 1e9).toFixed(2)} s`
}
