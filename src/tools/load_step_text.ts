// What each step of a load is in words: the lines of its chapter in the story (load_story.ts).

import * as errno from '../include/uapi/errno.ts'
import type { LoadStep } from '../lib/load_step.ts'
import { strerror } from './errors.ts'

type Step<K extends LoadStep['step']> = Extract<LoadStep, { step: K }>

/** A way to tell each kind of step, in lines. */
export const TELL: { [K in LoadStep['step']]: (step: Step<K>) => string[] } = {
  call: tellCall,
  elf: tellElf,
  name: ({ name, blacklisted }) => [
    `"${name}": ${blacklisted ? 'in module_blacklist= of the kernel command line' : 'not blacklisted'}`,
  ],
  versions: tellVersions,
  vermagic: tellVermagic,
  origin: ({ intree, staging }) => [
    intree ? "the kernel's own tree (intree)" : "outside the kernel's tree: taint O",
    ...(staging ? ['the staging directory: taint C'] : []),
  ],
  license: ({ license, gpl }) => [
    gpl
      ? `"${license}": may use what EXPORT_SYMBOL_GPL exports`
      : `"${license}": not GPL-compatible: taint P, and no EXPORT_SYMBOL_GPL`,
  ],
  list: ({ name, other, err }) =>
    other === undefined
      ? [`no other "${name}": entered, with one reference`]
      : [`there is a "${name}" already (${other})${failure(err)}`],
  signature: () => ['none: taint E'],
  tainted: ({ module, before, after }) => [
    `of the module: ${module || 'none'}`,
    `of the kernel: ${before} before, ${after} now (/proc/sys/kernel/tainted)`,
  ],
  symbol: tellSymbol,
  layout: ({ base, size, initSize }) => [
    `${size} bytes at ${base}${initSize > 0 ? `, and ${initSize} until init is done` : ''}`,
  ],
  section: ({ name, address, size }) => [
    `  ${address} ${String(size).padStart(7)} ${name}`,
  ],
  evaluate: ({ bytes, us, error }) => [
    `${bytes} bytes of script evaluated in ${us} us${error ? `: ${error}` : ''}`,
  ],
  export: tellExport,
  parameter: ({ name, value, known, err }) => [
    `${value === null ? name : `${name} = ${value}`}${known ? failure(err) : ': no such parameter, ignored'}`,
  ],
  sysfs: ({ path, holderOf, err }) => [
    `${path}${failure(err)}`,
    ...holderOf.map(owner => `/sys/module/${owner}/holders has a link to it`),
  ],
  init: ({ function: name, ret, us }) => [
    name === ''
      ? 'the module has no init function'
      : `${name}() returned ${ret} after ${us} us`,
  ],
  state: ({ state }) => [
    state === 'coming' ? 'Loading: in /proc/modules, its symbols can be seen' : 'Live',
  ],
}

function tellCall(step: Step<'call'>): string[] {
  const { call, comm, pid, uid, capable, disabled, bytes, flags, params } = step
  const more = call === 'finit_module' ? `, flags ${flags}` : ''
  return [
    `${call}(2) by ${comm}, process ${pid}, user ${uid}`,
    `CAP_SYS_MODULE: ${capable ? 'yes' : 'no'}${disabled ? '; modules_disabled is set' : ''}`,
    `${bytes} bytes copied; parameters "${params}"${more}`,
  ]
}

function tellElf(step: Step<'elf'>): string[] {
  if (step.error) return [step.error]
  const width = step.class === 2 ? '64-bit' : `class ${step.class}`
  const order = step.data === 1 ? 'little-endian' : `data encoding ${step.data}`
  return [
    `${width}, ${order}, type ${step.type} (relocatable), machine ${step.machine}${MACHINES[step.machine] ?? ''}`,
    `${step.shnum} section headers at byte ${step.shoff}, their names in section ${step.shstrndx}`,
  ]
}

const MACHINES: Record<number, string> = { 62: ' (x86-64)', 183: ' (AArch64)' }

function tellVersions({ present, theirs, ours, ok }: Step<'versions'>): string[] {
  if (!present) return ['no __versions to compare: a forced load, taint F']
  const [module, kernel] = [crc(theirs), crc(ours)]
  return [
    `struct module (module_layout): CRC ${module} in the module, ${kernel} in the kernel: ${ok ? 'the same' : 'different'}`,
  ]
}

function tellVermagic({ theirs, ours, withoutRelease, ok }: Step<'vermagic'>): string[] {
  if (theirs === undefined) return ['none to compare: a forced load, taint F']
  const scope = withoutRelease
    ? ' but for the release, which symbol versions make unimportant'
    : ''
  return [
    `module "${theirs}"`,
    `kernel "${ours}"`,
    ok ? `the same${theirs === ours ? '' : scope}` : 'different',
  ]
}

function tellSymbol(step: Step<'symbol'>): string[] {
  const { name, owner, gpl, namespace, expected, err } = step
  const from = owner === '' ? 'exported by nobody' : `from ${owner}`
  const kind = gpl ? ', GPL only' : ''
  const space = namespace ? `, namespace ${namespace}` : ''
  return [
    `${name.padEnd(26)} ${from}${kind}${space}${tellCrc(expected, step.crc)}${failure(err)}`,
  ]
}

function tellCrc(expected: number | undefined, actual: number | undefined): string {
  if (expected === undefined || actual === undefined) return ''
  return expected === actual
    ? `, CRC ${crc(actual)}`
    : `, CRC ${crc(actual)} but built against ${crc(expected)}`
}

function tellExport(step: Step<'export'>): string[] {
  const { name, gpl, namespace, owner } = step
  const kind = gpl ? ' (GPL only)' : ''
  const space = namespace ? ` in namespace ${namespace}` : ''
  return [`${name}${kind}${space}${owner ? `: already exported by ${owner}` : ''}`]
}

function crc(value: number | undefined): string {
  return value === undefined ? 'none' : `0x${value.toString(16).padStart(8, '0')}`
}

function failure(err: number): string {
  return err === 0 ? '' : `: ${shownError(err)}`
}

/** "-2 (ENOENT, No such file or directory)". */
export function shownError(err: number): string {
  const named = Object.entries(errno).find(([, value]) => value === -err)?.[0]
  const name = named === undefined ? '' : `${named}, `
  return `${err} (${name}${strerror(-err)})`
}
