// The story of a load, as `insmod -v` prints it: numbered steps, each with what the kernel had in
// its hands. The data are the kernel's own (lib/load_step.ts); here they only become text.

import type { LoadStep } from '../lib/load_step.ts'
import { shownError, TELL } from './load_step_text.ts'

/** Where the text of a step begins. */
const COLUMN = 18

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

/** All of it, up to the step that failed; `ret` is what the system call returned. */
export function loadStory(steps: readonly LoadStep[], ret: number): string {
  const chapters: { title: string; lines: string[] }[] = []
  for (const step of steps) {
    const title = TITLES[step.step]
    const last = chapters.at(-1)
    if (last?.title === title) last.lines.push(...told(step))
    else chapters.push({ title, lines: told(step) })
  }
  const text = chapters.map(({ title, lines }, i) => {
    const number = String(i + 1).padStart(2)
    const [first = '', ...more] = lines
    return [`${number}. ${title}`.padEnd(COLUMN) + first, ...more.map(indent)].join('\n')
  })
  return [...text, ending(ret)].map(paragraph => `${paragraph}\n`).join('')
}

const indent = (line: string): string => ' '.repeat(COLUMN) + line

function ending(ret: number): string {
  return ret < 0
    ? `The system call returns ${shownError(ret)}. What the kernel has logged is in dmesg.`
    : 'The system call returns 0: the module is loaded.'
}

/** A step goes to the teller of its own kind, which the compiler cannot see. */
function told(step: LoadStep): string[] {
  const tell = TELL[step.step] as (step: LoadStep) => string[]
  return tell(step)
}
