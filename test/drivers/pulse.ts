// pulse: from the interrupt to the reader, and what is left when it goes.
import t from 'tap'
import { EAGAIN, EINVAL, ERESTARTSYS } from '../../src/include/linux/errno.ts'
import { O_NONBLOCK, O_RDONLY } from '../../src/include/uapi/fcntl.ts'
import { boot, type TestMachine } from '../harness/machine.ts'

const DEVICE = '/dev/pulse'

/** How many interrupts there were, by /proc/interrupts. */
async function interrupts({ user }: TestMachine): Promise<number> {
  const table = String(await user.readFile('/proc/interrupts'))
  return Number(/(\d+) .*pulse$/m.exec(table)?.[1])
}

t.test('one character after the other arrives', async t => {
  const machine = await boot(t)
  const { user, insmod } = machine
  await insmod('pulse', 'period=1')
  const fd = await user.open(DEVICE)
  let text = ''
  while (text.length < 100) {
    text += Buffer.from((await user.read(fd, 7)) as Uint8Array).toString()
  }
  const ascii = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 0x20 + i))
  t.ok((ascii + ascii).startsWith(text), text)
  t.ok((await interrupts(machine)) >= 100, 'each by an interrupt')
  t.equal(await user.readFile('/sys/class/misc/pulse/lost'), '0\n')
  await user.close(fd)
})

t.test('it is at rest when nobody has it open', async t => {
  const machine = await boot(t)
  const { user, insmod } = machine
  await insmod('pulse', 'period=1')
  const fd = await user.open(DEVICE)
  await user.read(fd, 1)
  await user.close(fd)
  const before = await interrupts(machine)
  await new Promise(resolve => setTimeout(resolve, 50))
  t.equal(await interrupts(machine), before)
})

t.test('a reader who does not want to wait, and one who is interrupted', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('pulse', 'period=1000000')
  const fd = await user.open(DEVICE, O_RDONLY | O_NONBLOCK)
  t.equal(await user.read(fd, 1), -EAGAIN)
  t.equal(await user.ready(fd), 0)
  const waiting = process({ pid: 2 })
  const other = await waiting.open(DEVICE)
  const reading = waiting.read(other, 1)
  await user.readFile('/proc/uptime')
  waiting.signal()
  t.equal(await reading, -ERESTARTSYS)
  await waiting.close(other)
  await user.close(fd)
  await user.writeFile('/sys/module/pulse/parameters/period', '0')
  t.equal(await user.open(DEVICE), -EINVAL)
})

t.test('it goes without a trace', async t => {
  const { user, insmod, rmmod, dmesg } = await boot(t)
  await insmod('pulse', 'period=1')
  const fd = await user.open(DEVICE)
  await user.read(fd, 1)
  await user.close(fd)
  dmesg()
  t.equal(await rmmod('pulse'), 0)
  t.strictSame(dmesg(), [])
  t.notMatch(await user.readFile('/proc/interrupts'), /pulse/)
})
