// Texts that files may not expect.

import type { Random } from './random.ts'

const NUMBERS = [
  '0',
  '1',
  '-1',
  '7',
  '255',
  '32768',
  '2147483647',
  '2147483648',
  '-2147483649',
  '4294967296',
  '9007199254740993',
  '18446744073709551615',
  '18446744073709551616',
  '0x7fffffff',
  '0x',
  '010',
  '1e9',
  'NaN',
  '1,2,3',
  '1 2 3 4 5',
  '-',
  '+1',
]

const WORDS = [
  '',
  ' ',
  '\n',
  'on',
  'off',
  'Y',
  'n',
  'add',
  'remove',
  'change',
  'KEY=value',
  'auto',
  'module scull +p',
  'file * line 1-9 =_',
  'func "',
  'format %s%n%p +pmflt',
  '__proto__',
  'constructor',
  'toString',
  '/nonexistent/program',
  '../..',
  '\0',
  'a\0b',
  'ä€😀',
  '\ud800',
  '%s%s%s%n',
  '\x1b[2J',
]

const GLUE = ['', '\n', ' ', '\0', ',', '\n\n']

/** So long are the longest, in bytes: more than the files of the kernel take at once. */
const LONGEST = 70_000

/** Without an absolute path of anything that exists: the kernel may start it. */
export function anyText(random: Random): Buffer {
  switch (random.below(8)) {
    case 0:
      return bytes(random, random.below(64))
    case 1:
      return Buffer.alloc(random.below(LONGEST), random.pick([...NUMBERS, 'x', '\n']))
    case 2:
      return bytes(random, random.below(5000))
    default:
      return Buffer.from(words(random))
  }
}

function words(random: Random): string {
  const all = Array.from({ length: 1 + random.below(4) }, () =>
    random.pick(random.below(2) === 0 ? NUMBERS : WORDS),
  )
  return all.join(random.pick(GLUE)) + random.pick(GLUE)
}

export function bytes(random: Random, length: number): Buffer {
  const all = Buffer.alloc(length)
  for (let i = 0; i < length; i++) all[i] = random.u32()
  return all
}

const CALLS = [
  'init_module',
  'finit_module',
  'delete_module',
  'syslog',
  'reboot',
  'status',
  'supervise',
  'toString',
]

/** A request to /dev/modbox, with fields that may be anything. */
export function anyRequest(random: Random): Buffer {
  const request: Record<string, unknown> = { call: random.pick(CALLS) }
  for (const name of ['payload', 'flags', 'type', 'len']) request[name] = number(random)
  for (const name of ['params', 'name']) request[name] = words(random)
  for (const name of ['trace', 'last']) request[name] = random.below(2) === 0
  if (random.below(3) === 0) request[random.pick(Object.keys(request))] = anything(random)
  const line = JSON.stringify(request)
  const cut = random.below(8) === 0 ? random.below(line.length) : line.length
  return Buffer.concat([Buffer.from(`${line.slice(0, cut)}\n`), anyText(random)])
}

function number(random: Random): number {
  return random.pick([0, 0, 1, 2, 3, 4, 9, 10, 11, 64, 1 << 16, 2 ** 31, 2 ** 40, -1])
}

function anything(random: Random): unknown {
  return random.pick([null, true, -0.5, 1e300, '', [], {}, [[[]]], 'x'.repeat(70_000)])
}
