import t, { type Test } from 'tap'
import type { TestMachine } from '../../harness/machine.ts'
import { boot, build } from '../../harness/machine.ts'

const IRQ_11 = '/sys/kernel/debug/irq/irqs/11'

/** A driver of line 11, whose handler is `handler`. */
function source(handler: string, more = ''): string {
  return `
import { current } from '#linux/sched'
import { in_hardirq } from '#linux/preempt'
import { disable_irq, enable_irq, free_irq, IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD,
  IRQF_ONESHOT, IRQF_SHARED, request_irq, request_threaded_irq } from '#linux/interrupt'
import { msleep } from '#linux/delay'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { module_param } from '#linux/moduleparam'
import { pr_info } from '#linux/printk'
MODULE_LICENSE('GPL')
const act = module_param('act', 'charp', '', 0o200)
const dev = {}
const handler = (irq: number, dev_id: object) => ${handler}
${
  more ||
  `
function init() { return request_irq(11, handler, IRQF_SHARED, 'mine', dev) }
async function exit() { await free_irq(11, dev) }
module_init(init)
module_exit(exit)`
}
`
}

async function interrupts({ user }: TestMachine): Promise<string[]> {
  return String(await user.readFile('/proc/interrupts')).split('\n')
}

const messages = (machine: TestMachine) =>
  machine.dmesg().filter(line => !line.includes('taint'))

/** A machine with the driver `name`, in which line 11 has been triggered three times. */
async function rungThrice(t: Test, name: string, driver: string): Promise<TestMachine> {
  const image = await build(t, name, driver)
  const machine = await boot(t)
  t.equal(await machine.insmod(image), 0)
  messages(machine)
  for (let i = 0; i < 3; i++) await machine.user.writeFile(IRQ_11, 'trigger\n')
  return machine
}

t.test('an interrupt interrupts whoever is current, and is counted', async t => {
  const said = `(pr_info('%d %s %d %d\\n', irq, current.comm, in_hardirq(), dev_id === dev), IRQ_HANDLED)`
  const image = await build(t, 'one', source(said))
  const machine = await boot(t)
  const { user, insmod, rmmod } = machine
  t.equal(await user.writeFile(IRQ_11, 'trigger\n'), -22, 'nobody has the line')
  t.equal(await insmod(image), 0)
  messages(machine)
  t.equal(await user.writeFile(IRQ_11, 'trigger\n'), 8)
  t.equal(await user.writeFile(IRQ_11, 'trigger\n'), 8)
  t.strictSame(messages(machine), ['<6>11 test 1 1', '<6>11 test 1 1'])
  t.strictSame((await interrupts(machine)).slice(0, 2), [
    '           CPU0       ',
    ' 11:          2   IO-APIC  11-edge      mine',
  ])
  t.match(await user.readFile(IRQ_11), /actions: {2}mine/)
  t.equal(await rmmod('one'), 0)
  t.match((await interrupts(machine))[1], / 11: {10}2   IO-APIC  11-edge    $/)
})

t.test('a thread goes on with it; the line stays off meanwhile', async t => {
  const machine = await rungThrice(
    t,
    'threaded',
    source(
      'IRQ_WAKE_THREAD',
      `
async function thread(irq: number) {
  pr_info('begin %s\\n', current.comm)
  await msleep(5)
  pr_info('end\\n')
  return IRQ_HANDLED
}
function init() { return request_threaded_irq(11, null, thread, IRQF_ONESHOT, 'slow', dev) }
async function exit() { pr_info('was %s\\n', await free_irq(11, dev)) }
module_init(init)
module_exit(exit)`,
    ),
  )
  t.equal(await machine.rmmod('threaded'), 0, 'it waits for the thread')
  const [begin, ...others] = messages(machine)
  t.equal(begin, '<6>begin irq/11-slow')
  t.equal(others.at(-1), '<6>was slow')
  t.equal(others[0], '<6>end', 'never two at once')
})

t.test('what is disabled is made up for, once', async t => {
  const machine = await rungThrice(
    t,
    'off',
    source(
      `(pr_info('rings\\n'), IRQ_HANDLED)`,
      `
async function init() {
  const err = request_irq(11, handler, 0, 'mine', dev)
  await disable_irq(11)
  return err
}
async function exit() {
  enable_irq(11)
  pr_info('on\\n')
  enable_irq(11)
  await free_irq(11, dev)
  await free_irq(11, dev)
}
module_init(init)
module_exit(exit)`,
    ),
  )
  t.strictSame(messages(machine), [])
  t.equal(await machine.rmmod('off'), 0)
  const said = messages(machine)
  t.strictSame(said.slice(0, 2), ['<6>rings', '<6>on'])
  t.ok(said.includes('<4>Unbalanced enable for IRQ 11'), 'one enable_irq() too many')
  t.ok(said.includes('<4>Trying to free already-free IRQ 11'))
})

t.test('a line is shared only among those who say so', async t => {
  const image = await build(t, 'first', source('IRQ_NONE'))
  const other = await build(
    t,
    'second',
    source('IRQ_NONE').replace("IRQF_SHARED, 'mine'", "0, 'other'"),
  )
  const machine = await boot(t)
  t.equal(await machine.insmod(image), 0)
  messages(machine)
  t.equal(await machine.insmod(other), -16)
  t.strictSame(messages(machine), [
    '<3>genirq: Flags mismatch irq 11. 00000000 (other) vs. 00000080 (mine)',
  ])
})

t.test('simulated lines ring when their driver says so', async t => {
  const image = await build(
    t,
    'sim',
    `
import { irq_create_mapping, irq_dispose_mapping, irq_domain_create_sim, irq_domain_remove_sim,
  irq_find_mapping, irq_set_irqchip_state, IRQCHIP_STATE_PENDING } from '#linux/irq_sim'
import type { irq_domain } from '#linux/irq_sim'
import { free_irq, IRQ_HANDLED, request_irq } from '#linux/interrupt'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'
MODULE_LICENSE('GPL')
let domain: irq_domain
let irq = 0
let nested = false
function handler() {
  pr_info('begin\\n')
  if (!nested) {
    nested = true
    irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true)
  }
  pr_info('end\\n')
  return IRQ_HANDLED
}
function init() {
  domain = irq_domain_create_sim(null, 2) as irq_domain
  pr_info('%d %d\\n', irq_create_mapping(domain, 2), irq_find_mapping(domain, 1))
  irq = irq_create_mapping(domain, 1)
  const err = request_irq(irq, handler, 0, 'sim', domain)
  irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true)
  return err
}
async function exit() {
  await free_irq(irq, domain)
  irq_dispose_mapping(irq)
  irq_domain_remove_sim(domain)
}
module_init(init)
module_exit(exit)`,
  )
  const machine = await boot(t)
  t.equal(await machine.insmod(image), 0)
  t.strictSame(
    messages(machine),
    ['0 0', 'begin', 'end', 'begin', 'end'].map(line => `<6>${line}`),
    'an interrupt does not interrupt another',
  )
  t.match(await interrupts(machine), [/CPU0/, / 24: {10}2   irq_sim   1  sim/])
  t.equal(await machine.rmmod('sim'), 0)
  t.match((await interrupts(machine))[1], /^LOC: /, 'the number is gone')
})

t.test('while interrupts are off none comes; it comes later', async t => {
  const image = await build(
    t,
    'held',
    source(
      `(pr_info('rings\\n'), IRQ_HANDLED)`,
      `
import { irq_inject_interrupt } from '#linux/interrupt'
import { irqs_disabled, local_irq_disable, local_irq_enable } from '#linux/irqflags'
async function init() {
  const err = request_irq(11, handler, 0, 'mine', dev)
  local_irq_disable()
  irq_inject_interrupt(11)
  pr_info('off %d\\n', irqs_disabled())
  local_irq_enable()
  await msleep(1)
  return err
}
async function exit() { await free_irq(11, dev) }
module_init(init)
module_exit(exit)`,
    ),
  )
  const machine = await boot(t)
  t.equal(await machine.insmod(image), 0)
  t.strictSame(messages(machine), ['<6>off 1', '<6>rings'])
})
