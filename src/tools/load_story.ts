// The story of a load, as `insmod -v` prints it: numbered steps, each with what the kernel had in
// its hands. The data are the kernel's own (lib/load_step.ts); here they only become text.

import * as errno from '../include/uapi/errno.ts'
import type {
  CallStep,
  ElfStep,
  LoadStep,
  SymbolStep,
  TakenStep,
  VermagicStep,
  VersionsStep,
} from '../lib/load_step.ts'
import { strerror } from './errors.ts'

/** Where the text of a step begins. */
const COLUMN = 18

/** All of it, up to the step that failed; `ret` is what the system call returned. */
export function loadStory(steps: readonly LoadStep[], ret: number): string {
  const chapters: { title: string; lines: string[] }[] = []
  for (const step of steps) {
    const title = TITLES[step.step]
    const last = chapters.at(-1)
    if (last?.title === title) last.lines.push(...tell(step))
    else chapters.push({ title, lines: tell(step) })
  }
  const told = chapters.map(({ title, lines }, i) => {
    const number = String(i + 1).padStart(2)
    const [first = '', ...more] = lines
    return [`${number}. ${title}`.padEnd(COLUMN) + first, ...more.map(indent)].join('\n')
  })
  return [...told, ending(ret)].map(text => `${text}\n`).join('')
}

const indent = (line: string): string => ' '.repeat(COLUMN) + line

function ending(ret: number): string {
  return ret < 0
    ? `The system call returns ${shownError(ret)}; the kernel's own words are in dmesg.`
    : 'The system call returns 0: the module is loaded.'
}

const TITLES: Record<LoadStep['step'], string> = {
  call: 'System call',
  elf: 'ELF header',
  name: 'Name',
  versions: 'Layout',
  vermagic: 'Vermagic',
  origin: 'Origin',
  license: 'Licence',
  list: 'Module list',
  signature: 'Signature',
  tainted: 'Taints',
  symbol: 'Symbols',
  layout: 'Memory',
  section: 'Memory',
  evaluate: 'File scope',
  export: 'Exports',
  parameter: 'Parameters',
  sysfs: 'sysfs',
  init: 'Init',
  state: 'State',
}

function tell(step: LoadStep): string[] {
  switch (step.step) {
    case 'call':
      return tellCall(step)
    case 'elf':
      return tellElf(step)
    case 'name':
      return [
        `"${step.name}": ${step.blacklisted ? 'in module_blacklist= of the kernel command line' : 'not blacklisted'}`,
      ]
    case 'versions':
      return tellVersions(step)
    case 'vermagic':
      return tellVermagic(step)
    case 'origin':
      return [
        step.intree
          ? "the kernel's own tree (intree)"
          : "outside the kernel's tree: taint O",
        ...(step.staging ? ['the staging directory: taint C'] : []),
      ]
    case 'license':
      return [
        step.gpl
          ? `"${step.license}": may use what EXPORT_SYMBOL_GPL exports`
          : `"${step.license}": not GPL-compatible: taint P, and no EXPORT_SYMBOL_GPL`,
      ]
    case 'list':
      return tellList(step)
    case 'signature':
      return ['none: taint E']
    case 'tainted':
      return [
        `of the module: ${step.module || 'none'}`,
        `of the kernel: ${step.before} before, ${step.after} now (/proc/sys/kernel/tainted)`,
      ]
    default:
      return tellMaking(step)
  }
}

type Making = Extract<
  LoadStep,
  {
    step:
      | 'symbol'
      | 'layout'
      | 'section'
      | 'evaluate'
      | 'export'
      | 'parameter'
      | 'sysfs'
      | 'init'
      | 'state'
  }
>

/** The steps after the checks: the module takes shape, and runs. */
function tellMaking(step: Making): string[] {
  switch (step.step) {
    case 'symbol':
      return tellSymbol(step)
    case 'layout':
      return [
        `${step.size} bytes at ${step.base}` +
          (step.initSize > 0 ? `, and ${step.initSize} until init is done` : ''),
      ]
    case 'section':
      return [`  ${step.address} ${String(step.size).padStart(7)} ${step.name}`]
    case 'evaluate':
      return [
        `${step.bytes} bytes of script evaluated in ${step.us} us` +
          (step.error ? `: ${step.error}` : ''),
      ]
    case 'export':
      return tellExport(step)
    case 'parameter':
      return [`${step.name} = ${step.value}${failure(step.err)}`]
    case 'sysfs':
      return [
        `${step.path}${failure(step.err)}`,
        ...step.holderOf.map(owner => `/sys/module/${owner}/holders has a link to it`),
      ]
    case 'init':
      return [
        step.function === ''
          ? 'the module has no init function'
          : `${step.function}() returned ${step.ret} after ${step.us} us`,
      ]
    case 'state':
      return [
        step.state === 'coming'
          ? 'Loading: in /proc/modules, its symbols can be seen'
          : 'Live',
      ]
  }
}

function tellCall(step: CallStep): string[] {
  const { call, comm, pid, uid, capable, disabled, bytes, flags, params } = step
  const more = call === 'finit_module' ? `, flags ${flags}` : ''
  return [
    `${call}(2) by ${comm}, process ${pid}, user ${uid}`,
    `CAP_SYS_MODULE: ${capable ? 'yes' : 'no'}${disabled ? '; modules_disabled is set' : ''}`,
    `${bytes} bytes copied; parameters "${params}"${more}`,
  ]
}

function tellElf(step: ElfStep): string[] {
  if (step.error) return [step.error]
  const width = step.class === 2 ? '64-bit' : `class ${step.class}`
  const order = step.data === 1 ? 'little-endian' : `data encoding ${step.data}`
  return [
    `${width}, ${order}, type ${step.type} (relocatable), machine ${step.machine}${MACHINES[step.machine] ?? ''}`,
    `${step.shnum} section headers at byte ${step.shoff}, their names in section ${step.shstrndx}`,
  ]
}

const MACHINES: Record<number, string> = { 62: ' (x86-64)', 183: ' (AArch64)' }

function tellVersions({ present, theirs, ours, ok }: VersionsStep): string[] {
  if (!present) return ['no __versions to compare: a forced load, taint F']
  const [module, kernel] = [crc(theirs), crc(ours)]
  return [
    `struct module (module_layout): CRC ${module} in the module, ${kernel} in the kernel: ${ok ? 'the same' : 'different'}`,
  ]
}

function tellVermagic({ theirs, ours, withoutRelease, ok }: VermagicStep): string[] {
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

function tellList({ name, other, err }: TakenStep): string[] {
  if (other === undefined) return [`no other "${name}": entered, with one reference`]
  return [`there is a "${name}" already (${other})${failure(err)}`]
}

function tellSymbol(step: SymbolStep): string[] {
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

function tellExport(step: Extract<LoadStep, { step: 'export' }>): string[] {
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
function shownError(err: number): string {
  const named = Object.entries(errno).find(([, value]) => value === -err)?.[0]
  const name = named === undefined ? '' : `${named}, `
  return `${err} (${name}${strerror(-err)})`
}
