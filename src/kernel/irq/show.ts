// /proc/interrupts, and /sys/kernel/debug/irq/irqs, where an interrupt can be made. Linux:
// kernel/irq/{proc,debugfs}.c, arch/x86/kernel/irq.c.

import type { DebugFs } from '../../fs/debugfs/inode.ts'
import type { ProcFs } from '../../fs/proc/generic.ts'
import type { ClockEvents } from '../time/clockevents.ts'
import type { Softirqs } from '../softirq.ts'
import type { IrqHandling } from './handle.ts'
import type { irq_desc, IrqDescs } from './irqdesc.ts'

/** Digits of a line's number. */
const PREC = 3

const row = (name: string | number, count: number): string =>
  `${String(name).padStart(PREC)}: ${String(count).padStart(10)} `

/** The text of /proc/interrupts. */
export function show_interrupts(descs: readonly irq_desc[], ticks: number): string {
  const rows = descs.filter(({ actions, count }) => actions.length > 0 || count > 0)
  return [
    `${' '.repeat(PREC + 8)}CPU0       \n`,
    ...rows.map(showLine),
    `${row('LOC', ticks)}  Local timer interrupts\n`,
    `${row('ERR', 0).trimEnd()}\n`,
    `${row('MIS', 0).trimEnd()}\n`,
  ].join('')
}

function showLine({ irq, count, chip, hwirq, actions }: irq_desc): string {
  const name = chip === 'IO-APIC' ? '-edge    ' : ''
  const who = actions.map(action => action.name).join(', ')
  const place = ` ${chip.padStart(8)} ${String(hwirq).padStart(PREC)}${name}`
  return `${row(irq, count)}${place}${who && `  ${who}`}\n`
}

interface Needs {
  procfs: ProcFs
  debugfs: DebugFs
  descs: IrqDescs
  handling: IrqHandling
  softirqs: Softirqs
  clock: ClockEvents
}

export function irq_proc_init(needs: Needs): void {
  const { procfs, descs, softirqs, clock } = needs
  procfs.create('interrupts', 0o444, () => show_interrupts(descs.all(), clock.rings))
  procfs.create('softirqs', 0o444, () => softirqs.show())
  irq_debugfs_init(needs)
}

function irq_debugfs_init({ debugfs, descs, handling }: Needs): void {
  const root = debugfs.debugfs_create_dir('irq', null)
  const irqs = debugfs.debugfs_create_dir('irqs', root)
  descs.onChange = (desc, there) => {
    const name = String(desc.irq)
    if (!there) return debugfs.debugfs_lookup_and_remove(name, irqs)
    debugfs.create_text(name, 0o644, irqs, {
      show: () => showDesc(desc),
      store: text => trigger(handling, desc, text),
    })
  }
  descs.early_irq_init()
}

/** What is written is taken, whether it means something or not. */
function trigger(handling: IrqHandling, { irq }: irq_desc, text: string): number {
  return text.startsWith('trigger') ? handling.irq_inject_interrupt(irq) : 0
}

function showDesc({ chip, hwirq, depth, actions }: irq_desc): string {
  const names = actions.map(({ name }) => name).join(', ')
  return [
    `handler:  handle_${chip === 'IO-APIC' ? 'edge' : 'simple'}_irq\n`,
    `ddepth:   ${depth}\n`,
    `chip:     ${chip}\n`,
    `hwirq:    0x${hwirq.toString(16)}\n`,
    `actions:  ${names}\n`,
  ].join('')
}
