// Programs that wait in a driver: for data, for a signal, for poll.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import t from 'tap'
import { bootMounted, type MountedMachine, start } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { until } from '../harness/until.ts'
import { requireTransport } from '../harness/transport.ts'

/** A device whose readers wait for a writer: one message at a time. */
const PIPE = `
import { EAGAIN, EFAULT, ERESTARTSYS } from '#linux/errno'
import { O_NONBLOCK } from '#linux/fcntl'
import { stream_open } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM, poll_wait } from '#linux/poll'
import { pr_info } from '#linux/printk'
import { current } from '#linux/sched'
import { copy_from_user, copy_to_user } from '#linux/uaccess'
import { wait_event_interruptible, wait_queue_head, wake_up_interruptible } from '#linux/wait'

MODULE_LICENSE('GPL')
const queue = new wait_queue_head()
let messages: Uint8Array[] = []

const fops: file_operations = {
  owner: THIS_MODULE,
  open: stream_open,
  async read(filp, buf, count) {
    const who = current.comm
    while (messages.length === 0) {
      if (filp.f_flags & O_NONBLOCK) return -EAGAIN
      if (await wait_event_interruptible(queue, () => messages.length > 0)) {
        pr_info('pipe: %s was interrupted, still %s\\n', who, current.comm)
        return -ERESTARTSYS
      }
    }
    const message = messages.shift()!
    const n = Math.min(count, message.length)
    return copy_to_user(buf, message, n) ? -EFAULT : n
  },
  write(_filp, buf, count) {
    const message = new Uint8Array(count)
    if (copy_from_user(message, buf, count)) return -EFAULT
    messages.push(message)
    wake_up_interruptible(queue)
    return count
  },
  poll(filp, table) {
    poll_wait(filp, queue, table)
    return EPOLLOUT | EPOLLWRNORM | (messages.length > 0 ? EPOLLIN | EPOLLRDNORM : 0)
  },
  release() {
    pr_info('pipe: released\\n')
    return 0
  },
}
const dev: miscdevice = { minor: MISC_DYNAMIC_MINOR, name: 'pipe', fops }
module_init(() => misc_register(dev))
module_exit(() => void misc_deregister(dev))
`

async function bootPipe(t: Parameters<typeof bootMounted>[0]): Promise<MountedMachine> {
  const machine = bootMounted(t)
  machine.out(`modbox insmod ${await machine.build('pipe', PIPE)}`)
  return machine
}

const asleep = (machine: MountedMachine) =>
  Number(/asleep +(\d+)/.exec(machine.out('modbox status'))?.[1])

t.test('a reader waits for a writer, also on the same descriptor', async t => {
  if (!requireTransport(t, 'two calls at once', 'poll')) return
  const machine = await bootPipe(t)
  const reader = start(t, machine, 'head -c 5 mnt/dev/pipe')
  let got = ''
  reader.stdout.on('data', (data: Buffer) => (got += data.toString()))
  const closed = once(reader, 'close')
  await until(() => asleep(machine) === 1)
  machine.out('printf hello > mnt/dev/pipe')
  await closed
  t.equal(got, 'hello')
  const both = 'exec 3<>mnt/dev/pipe; head -c 2 <&3 & sleep 0.2; printf hi >&3; wait'
  t.equal(machine.out(both), 'hi')
})

t.test('one write wakes one of two readers, the other sleeps on', async t => {
  const machine = await bootPipe(t)
  const readers = [1, 2].map(() => start(t, machine, 'head -c 3 mnt/dev/pipe'))
  await until(() => asleep(machine) === 2)
  machine.out('printf one > mnt/dev/pipe')
  await until(() => readers.some(({ exitCode }) => exitCode === 0))
  t.equal(asleep(machine), 1)
  machine.out('printf two > mnt/dev/pipe')
  await until(() => readers.every(({ exitCode }) => exitCode === 0))
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
  t.test(`${signal} ends a reader that waits`, async t => {
    if (!requireTransport(t, 'callers')) return
    const machine = await bootPipe(t)
    const reader = start(t, machine, 'cat mnt/dev/pipe')
    await until(() => asleep(machine) === 1)
    reader.kill(signal)
    await until(() => reader.signalCode === signal)
    await until(() => asleep(machine) === 0)
    t.match(
      machine.out('modbox dmesg -t | tail -2'),
      /pipe: cat was interrupted, still cat\npipe: released/,
    )
    t.equal(machine.sh('modbox rmmod pipe').status, 0)
  })
}

t.test('a signal ends an open(2) that waits', async t => {
  const machine = bootMounted(t)
  const ko = await machine.build(
    'gate',
    `import { ERESTARTSYS } from '#linux/errno'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { wait_event_interruptible, wait_queue_head } from '#linux/wait'
MODULE_LICENSE('GPL')
const queue = new wait_queue_head()
const dev: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'gate',
  fops: {
    owner: THIS_MODULE,
    async open() {
      return (await wait_event_interruptible(queue, () => false)) ? -ERESTARTSYS : 0
    },
  },
}
module_init(() => misc_register(dev))
module_exit(() => void misc_deregister(dev))
`,
  )
  machine.out(`modbox insmod ${ko}`)
  const opener = start(t, machine, 'cat mnt/dev/gate')
  await until(() => asleep(machine) === 1)
  t.equal(machine.out('cat mnt/sys/module/gate/refcnt'), '1\n')
  opener.kill('SIGTERM')
  await until(() => opener.signalCode === 'SIGTERM')
  await until(() => asleep(machine) === 0)
  t.equal(machine.sh('modbox rmmod gate').status, 0, 'the open that failed holds nothing')
})

t.test('O_NONBLOCK does not wait', async t => {
  const { sh } = await bootPipe(t)
  t.match(
    sh('dd if=mnt/dev/pipe iflag=nonblock bs=10 count=1').err,
    /Resource temporarily unavailable/,
  )
})

t.test('select, poll and epoll see what the driver says, when it says it', async t => {
  if (!requireTransport(t, 'poll')) return
  if (!requireTool(t, 'python3')) return
  const { out } = await bootPipe(t)
  const program = `
import os, select, threading, time
fd = os.open("mnt/dev/pipe", os.O_RDWR)
print([len(x) for x in select.select([fd], [fd], [], 0)])
p = select.poll(); p.register(fd, select.POLLIN)
print(p.poll(50))
threading.Timer(0.2, lambda: os.write(fd, b"news")).start()
print(p.poll(5000) == [(fd, select.POLLIN)], os.read(fd, 9))
e = select.epoll(); e.register(fd, select.EPOLLIN | select.EPOLLET)
print(e.poll(0.05))
threading.Timer(0.2, lambda: os.write(fd, b"more")).start()
print(e.poll(5) == [(fd, select.EPOLLIN)], e.poll(0.05), os.read(fd, 9))
`
  t.equal(
    out(`python3 -c '${program}'`),
    `[0, 1, 0]\n[]\nTrue b'news'\n[]\nTrue [] b'more'\n`,
  )
})

t.test('kill -9 of the daemon frees those who wait', async t => {
  const machine = await bootPipe(t)
  const readers = Array.from({ length: 5 }, () => start(t, machine, 'cat mnt/dev/pipe'))
  await until(() => asleep(machine) === 5)
  process.kill(machine.pid, 'SIGKILL')
  await until(() => readers.every(({ exitCode }) => exitCode !== null))
  t.same(
    readers.map(({ exitCode }) => exitCode),
    [1, 1, 1, 1, 1],
  )
  await until(() => !existsSync(`/proc/${machine.pid}`))
})
