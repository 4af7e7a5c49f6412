import t from 'tap'
import { IRQ_HANDLED, IRQ_NONE } from '../../../src/include/linux/irqreturn.ts'
import { irq_desc } from '../../../src/kernel/irq/irqdesc.ts'
import { SpuriousIrqs } from '../../../src/kernel/irq/spurious.ts'
import type { Traps } from '../../../src/kernel/panic.ts'
import type { Printk } from '../../../src/kernel/printk.ts'
import type { Jiffies } from '../../../src/kernel/time/jiffies.ts'
import { vsnprintf } from '../../../src/lib/vsprintf.ts'

const NOBODY = '\x013irq 24: nobody cared (try booting with the "irqpoll" option)\n'

/** A line that is on, and a clock that the test moves. */
function machine() {
  const said: string[] = []
  const log = {
    printk: (fmt: string, ...args: unknown[]) => void said.push(vsnprintf(fmt, args)),
  } as unknown as Printk
  const traps = { dump_stack: () => void said.push('(stack)') } as unknown as Traps
  const time = { jiffies: 1000 }
  const spurious = new SpuriousIrqs(log, traps, time as Jiffies)
  const desc = new irq_desc(24, 'irq_sim', 0)
  desc.depth = 0
  return { said, time, spurious, desc }
}

t.test('a line that nobody cares for is turned off after 100,000', async t => {
  const { said, spurious, desc } = machine()
  for (let i = 1; i < 100_000; i++) spurious.note_interrupt(desc, IRQ_NONE)
  t.strictSame(said, [])
  t.equal(desc.depth, 0)
  spurious.note_interrupt(desc, IRQ_NONE)
  t.equal(desc.depth, 1)
  t.strictSame(said, [NOBODY, '(stack)', '\x013handlers:\n', '\x010Disabling IRQ #24\n'])
})

t.test('a hundred that are handled are enough to keep it on', async t => {
  const { said, spurious, desc } = machine()
  for (let i = 0; i < 100_000; i++) {
    spurious.note_interrupt(desc, i < 100 ? IRQ_HANDLED : IRQ_NONE)
  }
  t.strictSame(said, [])
  t.equal(desc.depth, 0)
})

t.test('an odd one now and then does not count', async t => {
  const { said, time, spurious, desc } = machine()
  for (let i = 0; i < 100_000; i++) {
    time.jiffies += 26
    spurious.note_interrupt(desc, IRQ_NONE)
  }
  t.strictSame(said, [])
})

t.test('an answer that is none is reported, a hundred times', async t => {
  const { said, spurious, desc } = machine()
  for (let i = 0; i < 200; i++) spurious.note_interrupt(desc, 77)
  t.equal(said[0], '\x013irq event 24: bogus return value 4d\n')
  t.equal(said.filter(line => line.includes('bogus')).length, 100)
})
