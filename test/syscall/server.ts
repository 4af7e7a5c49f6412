// /dev/modbox: requests that are whole, in pieces, wrong, too large, or somebody else's.
import t from 'tap'
import { EFBIG, EINVAL, EPERM } from '../../src/include/linux/errno.ts'
import { O_RDWR } from '../../src/include/uapi/fcntl.ts'
import { Connections } from '../../src/syscall/connections.ts'
import { MODBOX_MINOR, modboxDevice } from '../../src/syscall/server.ts'
import type { Credentials, UserProcess } from '../../src/user_process.ts'
import { boot, driver } from '../harness/machine.ts'
import type { TestMachine } from '../harness/machine.ts'

const DEVICE = '/dev/modbox'

async function serve(
  t: Parameters<typeof boot>[0],
): Promise<TestMachine & { reboots: number[] }> {
  const machine = await boot(t)
  const { kernel } = machine
  const reboots: number[] = []
  const device = modboxDevice(
    {
      modules: kernel.modules,
      log: kernel.log,
      capabilities: kernel.capabilities,
      status: () => ({ mountpoint: '/mnt' }) as never,
      reboot: () => reboots.push(1),
      sched: kernel.sched,
      connections: new Connections({
        wake: queue => kernel.wait.wake_up(queue),
        signal: task => kernel.sched.signal_wake_up(task),
        rightsOf: () => () => true,
        fput: file => void kernel.files.fput(file),
      }),
    },
    MODBOX_MINOR,
  )
  t.equal(kernel.misc.misc_register(device), 0)
  t.teardown(() => kernel.misc.misc_deregister(device))
  return { ...machine, reboots }
}

/** A conversation: what is written, in these pieces, and the reply. */
async function talk(user: UserProcess, ...pieces: (string | Uint8Array)[]) {
  const fd = await user.open(DEVICE, O_RDWR)
  const written: number[] = []
  for (const piece of pieces) written.push(await user.write(fd, piece))
  const chunks: Uint8Array[] = []
  for (;;) {
    const chunk = await user.read(fd, 7)
    if (typeof chunk === 'number' || chunk.length === 0) break
    chunks.push(chunk)
  }
  await user.close(fd)
  const reply = Buffer.concat(chunks)
  const end = reply.indexOf('\n')
  return {
    written,
    reply: end < 0 ? undefined : (JSON.parse(reply.toString('utf8', 0, end)) as unknown),
    payload: reply.subarray(end + 1),
  }
}

const line = (request: object) => `${JSON.stringify(request)}\n`
const init = (image: Uint8Array, params = '') =>
  Buffer.concat([
    Buffer.from(line({ call: 'init_module', payload: image.length, params, flags: 0 })),
    image,
  ])
const remove = (name: string) => line({ call: 'delete_module', name, flags: 0 })

t.test('a whole request in one write', async t => {
  const { user } = await serve(t)
  const request = init(driver('scull'), 'nr_devs=2')
  t.strictSame(await talk(user, request), {
    written: [request.length],
    reply: { ret: 0 },
    payload: Buffer.of(),
  })
  t.ok(user.lstat('/dev/scull1'))
  t.match(await talk(user, remove('scull')), { reply: { ret: 0 } })
  t.match(await talk(user, remove('scull')), { reply: { ret: -2 } })
})

t.test('one byte a write', async t => {
  const { user } = await serve(t)
  const request = init(driver('hello'))
  const { written, reply } = await talk(
    user,
    ...Array.from(request, byte => Uint8Array.of(byte)),
  )
  t.equal(
    written.reduce((a, b) => a + b),
    request.length,
  )
  t.strictSame(reply, { ret: 0 })
})

t.test('syslog(2) has its text as payload', async t => {
  const { user, kernel } = await serve(t)
  kernel.log.printk('hé\udcff\n')
  const { reply, payload } = await talk(
    user,
    line({ call: 'syslog', type: 3, len: 99999 }),
  )
  t.strictSame(reply, { ret: payload.length, payload: payload.length })
  t.match(payload.toString('latin1'), /hÃ©\xff\n$/)
})

t.test('what is no request is refused, and the next one is taken', async t => {
  const { user } = await serve(t)
  const wrong = [
    'not JSON\n',
    '{"call":\n',
    'null\n',
    '[]\n',
    '7\n',
    '{}\n',
    line({ call: 'nosuch' }),
    line({ call: 'delete_module', name: 7, flags: 0 }),
    line({ call: 'delete_module', name: 'x', flags: -1 }),
    line({ call: 'init_module', payload: 1.5, params: '', flags: 0 }),
    line({ call: 'init_module', payload: '9', params: '', flags: 0 }),
    line({ call: 'syslog', type: 3, len: null }),
  ]
  const fine = line({ call: 'syslog', type: 10, len: 0 })
  for (const request of wrong) {
    t.match(await talk(user, request, fine), {
      written: [-EINVAL, fine.length],
      reply: { ret: 1 << 18 },
    })
  }
})

t.test('there are limits', async t => {
  const { user } = await serve(t)
  const half = 'x'.repeat(40_000)
  t.match(await talk(user, half, half), { written: [half.length, -EINVAL] })
  const large = line({ call: 'init_module', payload: 65 << 20, params: '', flags: 0 })
  t.match(await talk(user, large), { written: [-EFBIG], reply: undefined })
})

t.test('those who may not load modules need not send the image', async t => {
  const { process, reboots } = await serve(t)
  const other = process({ uid: 1000, gid: 1000 } satisfies Credentials)
  const image = driver('hello')
  const head = line({ call: 'init_module', payload: image.length, params: '', flags: 0 })
  t.match(await talk(other, head), { reply: { ret: -EPERM } })
  t.match(await talk(other, head, image.subarray(0, 100)), { reply: { ret: -EPERM } })
  t.match(await talk(other, remove('hello')), { reply: { ret: -EPERM } })
  t.match(await talk(other, line({ call: 'syslog', type: 5, len: 0 })), {
    reply: { ret: -EPERM },
  })
  t.match(await talk(other, line({ call: 'reboot' })), { reply: { ret: -EPERM } })
  t.strictSame(reboots, [])
  t.match(await talk(other, line({ call: 'status' })), {
    reply: { ret: 0, status: { mountpoint: '/mnt' } },
  })
})

t.test('several conversations at once do not mix', async t => {
  const { user, process } = await serve(t)
  const users = [user, process({ pid: 2 }), process({ pid: 3 })] as const
  const answers = await Promise.all([
    talk(users[0], ...halves(init(driver('hello')))),
    talk(users[1], ...halves(init(driver('scull')))),
    talk(users[2], ...halves(Buffer.from(line({ call: 'syslog', type: 10, len: 0 })))),
  ])
  t.strictSame(
    answers.map(({ reply }) => reply),
    [{ ret: 0 }, { ret: 0 }, { ret: 1 << 18 }],
  )
})

function halves(bytes: Uint8Array): Uint8Array[] {
  const middle = bytes.length >> 1
  return [bytes.subarray(0, middle), bytes.subarray(middle)]
}
