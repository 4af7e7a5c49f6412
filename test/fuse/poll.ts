// Polls as the host asks for them: one `kh` for all who poll an open file, told once, then asked again.
import t from 'tap'
import { EPOLLIN, EPOLLOUT } from '../../src/include/uapi/poll.ts'
import { O_RDWR } from '../../src/include/uapi/fcntl.ts'
import { SystemCalls } from '../../src/fuse/system_call.ts'
import { VfsBridge } from '../../src/fuse/vfs_bridge.ts'
import { no_memory } from '../../src/lib/usercopy.ts'
import { boot, build } from '../harness/machine.ts'

/** Its poll() waits for a lock before it gets in line, as many do. */
const DRIVER = `
  import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
  import type { miscdevice } from '#linux/miscdevice'
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { mutex, mutex_lock, mutex_unlock } from '#linux/mutex'
  import { EPOLLIN, poll_wait } from '#linux/poll'
  import { wait_queue_head, wake_up_interruptible, wake_up_interruptible_poll } from '#linux/wait'
  MODULE_LICENSE('GPL')
  const queue = new wait_queue_head()
  const lock = new mutex()
  let ready = false
  const dev: miscdevice = {
    minor: MISC_DYNAMIC_MINOR,
    name: 'locked',
    fops: {
      owner: THIS_MODULE,
      async poll(filp, table) {
        await mutex_lock(lock)
        poll_wait(filp, queue, table)
        mutex_unlock(lock)
        return ready ? EPOLLIN : 0
      },
      async unlocked_ioctl(_filp, cmd) {
        if (cmd === 1) await mutex_lock(lock)
        if (cmd === 2) mutex_unlock(lock)
        if (cmd === 3) wake_up_interruptible(queue)
        if (cmd === 4) wake_up_interruptible_poll(queue, EPOLLIN)
        ready = cmd > 2
        return 0
      },
    },
  }
  module_init(() => misc_register(dev))
  module_exit(() => misc_deregister(dev))
`

const KH = 7n

async function bridge(t: Parameters<typeof boot>[0]) {
  const image = await build(t, 'locked', DRIVER)
  const { kernel, insmod } = await boot(t)
  t.equal(await insmod(image), 0)
  let told = 0
  const fs = new VfsBridge({
    machine: kernel,
    looksOnly: () => false,
    ids: { uid: (id: number) => id, gid: (id: number) => id },
    memoryOf: () => no_memory,
    systemCalls: new SystemCalls(() => no_memory),
    notifyPoll: (kh: bigint) => void (told += kh === KH ? 1 : 100),
  } as unknown as ConstructorParameters<typeof VfsBridge>[0])
  let unique = 0
  const caller = () => ({ uid: 0, gid: 0, pid: 1, unique: ++unique })
  /** As the dispatcher does: let it run until it sleeps. */
  const ask = <T>(call: () => T): T => {
    const answer = call()
    kernel.sched.settle()
    return answer
  }
  const dev = fs.lookup(1, 'dev', caller()) as { nodeid: number }
  const node = fs.lookup(dev.nodeid, 'locked', caller()) as { nodeid: number }
  const opened = (await ask(() => fs.open(node.nodeid, O_RDWR, caller()))) as {
    fh: number
  }
  const { fh } = opened
  const ioctl = (cmd: number) => ask(() => fs.ioctl(fh, cmd, 0n, 0, caller()))
  t.teardown(() => fs.release(fh, 0, caller()))
  return {
    told: () => told,
    poll: (events: number) => ask(() => fs.poll(fh, events, KH, caller())),
    ioctl,
    fs,
    fh,
    caller,
  }
}

t.test('who polls is told once, and asks again', async t => {
  const { told, poll, ioctl } = await bridge(t)
  t.equal(await poll(EPOLLIN), 0)
  await ioctl(3)
  await ioctl(3)
  t.equal(told(), 1)
  t.equal(await poll(EPOLLIN), EPOLLIN)
  await ioctl(3)
  t.equal(told(), 2)
})

t.test(
  'a second poll that waits in the driver does not put the first out of line',
  async t => {
    const { told, poll, ioctl } = await bridge(t)
    t.equal(await poll(EPOLLIN), 0)
    await ioctl(1)
    const second = poll(EPOLLOUT)
    await ioctl(3)
    t.equal(told(), 1, 'the first is told')
    await ioctl(2)
    t.equal(await second, 0)
  },
)

t.test('events are told to whom they concern, whoever asked last', async t => {
  const { told, poll, ioctl } = await bridge(t)
  await poll(EPOLLOUT)
  await ioctl(4)
  t.equal(told(), 0, 'nobody asked for that')
  await poll(EPOLLIN)
  await poll(EPOLLOUT)
  await ioctl(4)
  t.equal(told(), 1)
})

t.test('a closed file is in no line', async t => {
  const { told, poll, ioctl, fs, fh, caller } = await bridge(t)
  await poll(EPOLLIN)
  const late = poll(EPOLLIN)
  await ioctl(1)
  await fs.release(fh, 0, caller())
  await late
  t.equal(told(), 0)
})
