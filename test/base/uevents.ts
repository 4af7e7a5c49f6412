// Events: what is sent when modules, classes and devices come and go, and what programs can ask for.
import t from 'tap'
import { EACCES, EAGAIN, EINVAL, ENOBUFS } from '../../src/include/linux/errno.ts'
import { O_NONBLOCK, O_RDONLY } from '../../src/include/linux/fcntl.ts'
import type { UserProcess } from '../../src/user_process.ts'
import { boot, build } from '../harness/machine.ts'

const STREAM = '/sys/kernel/uevent_stream'

const PLAIN = `
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  MODULE_LICENSE('GPL')
  module_init(() => 0)
  module_exit(() => {})
`

const DEVICE = `
  import { class_create, class_destroy, device_create, device_destroy } from '#linux/device'
  import type { class as class_t, device } from '#linux/device'
  import { KOBJ_CHANGE, add_uevent_var, kobject_uevent, kobject_uevent_env } from '#linux/kobject'
  import { MKDEV } from '#linux/kdev_t'
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  MODULE_LICENSE('GPL')
  let cls: class_t
  const devt = MKDEV(246, 3)
  module_init(() => {
    cls = class_create('oracle') as class_t
    cls.dev_uevent = (dev, env) => add_uevent_var(env, 'DEVMODE=%#o', 0o666)
    const dev = device_create(cls, undefined, devt, null, 'orc%d', 3) as device
    kobject_uevent(dev.kobj, KOBJ_CHANGE)
    return kobject_uevent_env(dev.kobj, KOBJ_CHANGE, ['SPEED=fast', 'TURN=left'])
  })
  module_exit(() => {
    device_destroy(cls, devt)
    class_destroy(cls)
  })
`

/** Everything that waits for a listener, an array of lines for each event. */
async function events(user: UserProcess, fd: number): Promise<string[][]> {
  const all: string[][] = []
  for (;;) {
    const event = await user.read(fd, 4096)
    if (typeof event === 'number') return all
    const lines = Buffer.from(event).toString().split('\0')
    all.push(lines.slice(0, -1).filter(line => !line.startsWith('SEQNUM=')))
  }
}

const listen = (user: UserProcess) => user.open(STREAM, O_RDONLY | O_NONBLOCK)

const head = (action: string, path: string, subsystem: string) => [
  `${action}@${path}`,
  `ACTION=${action}`,
  `DEVPATH=${path}`,
  `SUBSYSTEM=${subsystem}`,
]

t.test('a module is announced when its init is done, and when it goes', async t => {
  const image = await build(t, 'plain', PLAIN)
  const { insmod, rmmod, user } = await boot(t)
  const fd = await listen(user)
  t.equal(await user.read(fd, 4096), -EAGAIN)
  await insmod(image)
  t.strictSame(await events(user, fd), [head('add', '/module/plain', 'module')])
  await rmmod('plain')
  t.strictSame(await events(user, fd), [head('remove', '/module/plain', 'module')])
})

t.test(
  'a device is announced with its number, its name and what its class adds',
  async t => {
    const image = await build(t, 'dev', DEVICE)
    const { insmod, rmmod, user } = await boot(t)
    const fd = await listen(user)
    await insmod(image)
    const path = '/devices/virtual/oracle/orc3'
    const variables = ['MAJOR=246', 'MINOR=3', 'DEVNAME=orc3', 'DEVMODE=0666']
    t.strictSame(await events(user, fd), [
      head('add', '/class/oracle', 'class'),
      [...head('add', path, 'oracle'), ...variables],
      [...head('change', path, 'oracle'), ...variables],
      [...head('change', path, 'oracle'), 'SPEED=fast', 'TURN=left', ...variables],
      head('add', '/module/dev', 'module'),
    ])
    t.equal(
      await user.readFile(`/sys${path}/uevent`),
      variables.map(line => `${line}\n`).join(''),
    )
    await rmmod('dev')
    t.strictSame(await events(user, fd), [
      [...head('remove', path, 'oracle'), ...variables],
      head('remove', '/class/oracle', 'class'),
      head('remove', '/module/dev', 'module'),
    ])
  },
)

t.test('writing to uevent sends an event, marked as made by hand', async t => {
  const image = await build(t, 'plain', PLAIN)
  const { insmod, rmmod, user, dmesg } = await boot(t)
  await insmod(image)
  dmesg()
  const fd = await listen(user)
  const file = '/sys/module/plain/uevent'
  const uuid = 'fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed'
  t.equal(await user.readFile(file), -EACCES)
  t.equal(await user.writeFile(file, 'add\n'), 4)
  t.equal(await user.writeFile(file, `change ${uuid} A=1 B=abc\n`), 54)
  t.equal(await user.writeFile(file, `change ${uuid}`), 43)
  const [add, change] = ['add', 'change'].map(action =>
    head(action, '/module/plain', 'module'),
  )
  t.strictSame(await events(user, fd), [
    [...(add ?? []), 'SYNTH_UUID=0'],
    [...(change ?? []), `SYNTH_UUID=${uuid}`, 'SYNTH_ARG_A=1', 'SYNTH_ARG_B=abc'],
    [...(change ?? []), `SYNTH_UUID=${uuid}`],
  ])
  for (const text of ['zz', '\n', 'ADD', 'add\n\n', ' add']) {
    t.equal(await user.writeFile(file, text), -EINVAL)
  }
  const unknown = '<4>synth uevent: /module/plain: unknown uevent action string'
  t.strictSame(dmesg(), Array(5).fill(unknown))
  for (const args of ['x', `${uuid}x`, `${uuid} A`, `${uuid} A=`, `${uuid} A-B=1`, '']) {
    t.equal(await user.writeFile(file, `add ${args}`), -EINVAL, args)
  }
  const incorrect = '<4>synth uevent: /module/plain: incorrect uevent action arguments'
  t.strictSame(dmesg(), Array(6).fill(incorrect))

  t.equal(await user.writeFile(file, 'remove'), 6)
  t.equal((await events(user, fd)).length, 1)
  await rmmod('plain')
  t.strictSame(
    await events(user, fd),
    [],
    'who has heard that it is gone is not told again',
  )
})

t.test('every listener gets every event from its open on', async t => {
  const image = await build(t, 'plain', PLAIN)
  const { insmod, rmmod, user, process } = await boot(t)
  const early = await listen(user)
  const before = Number(await user.readFile('/sys/kernel/uevent_seqnum'))
  await insmod(image)
  const other = process({ uid: 1000 })
  const late = await listen(other)
  const small = await listen(user)
  await rmmod('plain')
  t.equal(Number(await user.readFile('/sys/kernel/uevent_seqnum')), before + 2)
  t.equal((await events(user, early)).length, 2)
  t.equal((await events(other, late)).length, 1)
  t.equal(await user.read(small, 10), -EINVAL, 'an event is read whole')
  t.equal((await events(user, small)).length, 1, 'and is not lost')
})

t.test('a listener sleeps until something happens', async t => {
  const image = await build(t, 'plain', PLAIN)
  const { insmod, user, process } = await boot(t)
  const reader = process({ pid: 7 })
  const fd = await reader.open(STREAM)
  t.equal((await user.ready(await listen(user))) & 1, 0)
  const waiting = reader.read(fd, 4096)
  await insmod(image)
  t.match(Buffer.from((await waiting) as Uint8Array).toString(), /^add@\/module\/plain\0/)
})

t.test('a listener that never reads is told, once, that it has lost events', async t => {
  const image = await build(t, 'plain', PLAIN)
  const { insmod, user } = await boot(t)
  await insmod(image)
  const fd = await listen(user)
  const enough = Math.ceil(212_992 / 90)
  for (let i = 0; i < enough; i++) await user.writeFile('/sys/module/plain/uevent', 'add')
  t.equal(await user.read(fd, 4096), -ENOBUFS)
  const kept = await events(user, fd)
  t.ok(kept.length > 1000 && kept.length < enough)
})
