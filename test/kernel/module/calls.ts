// The system calls' own answers, and the account of a load that can be asked for.
import t from 'tap'
import { CAP_SYS_MODULE, CAP_SYSLOG } from '../../../src/include/uapi/capability.ts'
import { EINVAL, ENOENT, ENOEXEC, EPERM } from '../../../src/include/uapi/errno.ts'
import type { LoadStep } from '../../../src/lib/load_step.ts'
import { bootThisMachine } from '../../../src/this_machine.ts'
import { type Credentials, UserProcess } from '../../../src/user_process.ts'
import { boot, build, buildAll } from '../../harness/machine.ts'

const HELLO = `
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  import { module_param } from '#linux/moduleparam'
  import { printk } from '#linux/printk'
  MODULE_LICENSE('GPL')
  const whom = module_param('whom', 'charp', 'you', 0o444)
  function hello_init(): number { printk('hello, %s\\n', whom.value); return 0 }
  module_init(hello_init)
  module_exit(() => {})
`

t.test('init_module and finit_module have errors of their own', async t => {
  const image = await build(t, 'hello', HELLO)
  const { kernel, process, dmesg } = await boot(t)
  const { modules } = kernel
  const call = (make: () => Promise<number>) => process({}).syscall(make)

  for (const length of [0, 10, 63]) {
    const part = image.subarray(0, length)
    t.equal(await call(() => modules.init_module(part, '')), -ENOEXEC, `${length} bytes`)
  }
  t.strictSame(dmesg(), [], 'too short to be worth a message')
  t.equal(await call(() => modules.init_module(image.subarray(0, 100), '')), -ENOEXEC)
  t.strictSame(dmesg(), ['<3>Invalid ELF section header overflow'])

  t.equal(await call(() => modules.finit_module(image, '', 8)), -EINVAL)
  t.equal(await call(() => modules.finit_module(new Uint8Array(), '', 0)), -EINVAL)
  for (const flags of [1, 2, 3]) {
    t.equal(await call(() => modules.finit_module(image, '', flags)), 0)
    t.equal(await call(() => modules.delete_module('hello', 0)), 0)
  }
  t.equal(await call(() => modules.delete_module('x'.repeat(80), 0)), -ENOENT)
})

t.test('the trace tells each step with its data, up to the one that failed', async t => {
  const image = await build(t, 'hello', HELLO)
  const { kernel, process } = await boot(t)
  const load = async (params: string, uid = 0) => {
    const steps: LoadStep[] = []
    const ret = await process({ comm: 'insmod', pid: 77, uid }).syscall(() =>
      kernel.modules.finit_module(image, params, 0, step => void steps.push(step)),
    )
    return { ret, steps, kinds: [...new Set(steps.map(({ step }) => step))] }
  }

  const refused = await load('', 1000)
  t.equal(refused.ret, -EPERM)
  t.match(refused.steps, [
    { step: 'call', uid: 1000, pid: 77, comm: 'insmod', capable: false },
  ])

  const { ret, steps, kinds } = await load('whom=world nosuch=1')
  t.equal(ret, 0)
  t.strictSame(
    kinds,
    'call elf name versions vermagic origin license list signature tainted symbol layout section evaluate state parameter sysfs init'.split(
      ' ',
    ),
  )
  const found = (kind: LoadStep['step']) => steps.filter(({ step }) => step === kind)
  t.match(found('call'), [
    { bytes: image.length, params: 'whom=world nosuch=1', capable: true },
  ])
  t.match(found('elf'), [{ class: 2, data: 1, type: 1, error: '' }])
  t.match(found('vermagic'), [{ ok: true, withoutRelease: true }])
  t.match(found('tainted'), [{ module: 'OE', before: 0, after: 12288 }])
  const [symbol] = found('symbol')
  t.match(symbol, { name: /printk/, owner: 'vmlinux', err: 0 })
  if (symbol?.step === 'symbol') t.equal(symbol.crc, symbol.expected)
  t.match(found('parameter'), [
    { name: 'whom', value: 'world', known: true, err: 0 },
    { name: 'nosuch', value: '1', known: false, err: 0 },
  ])
  t.match(found('init'), [{ function: 'hello_init', ret: 0 }])

  const again = await load('')
  t.match(again.steps.at(-1), { step: 'list', name: 'hello', other: 'live', err: -17 })
})

t.test('module_blacklist= on the command line', async t => {
  const images = await buildAll(t, { hello: HELLO, other: HELLO })
  const messages: string[] = []
  const kernel = await bootThisMachine({
    cmdline: 'quiet module_blacklist=nosuch,hello panic=1',
    console: ({ text }) => void messages.push(text),
  })
  const load = (name: string) =>
    new UserProcess(kernel, {}).syscall(() =>
      kernel.modules.finit_module(images[name] as Uint8Array, '', 0),
    )
  t.equal(await load('hello'), -EPERM)
  t.match(messages.at(-1), /^Module hello is blacklisted/)
  t.equal(await load('other'), 0)
})

t.test('what file scope does wrong is no oops, and leaves nothing', async t => {
  const source = (text: string) => `
    import { MODULE_LICENSE } from '#linux/module'
    MODULE_LICENSE('GPL')
    if (['la', 'ter'].join('') === 'never') ${text}
  `
  const rows = [
    ["throw new Error('too early')", /^<3>x: Error: too early \(.*x\.ts:4:/],
    ["throw 'tea'", /^<3>x: uncaught tea at file scope/],
    ['for (;;);', /^<3>x: file scope takes more than 1 s/],
  ] as const
  const { insmod, dmesg, user } = await boot(t)
  for (const [text, message] of rows) {
    const image = Buffer.from(await build(t, 'x', source(text)))
    const later = image.toString('latin1').replaceAll('never', 'later')
    dmesg()
    t.equal(await insmod(Buffer.from(later, 'latin1')), -ENOEXEC, text)
    t.match(dmesg().at(-1), message)
  }
  t.equal(await user.readFile('/proc/modules'), '')
  t.equal(await user.readFile('/proc/sys/kernel/tainted'), '12288\n', 'no D')
})

t.test('a symbol of a module that is still loading is waited for', async t => {
  const images = await buildAll(t, {
    giver: `
      import { EXPORT_SYMBOL, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
      import { msleep } from '#linux/delay'
      MODULE_LICENSE('GPL')
      export function given(): number { return 5 }
      EXPORT_SYMBOL(given)
      module_init(async () => { await msleep(30); return 0 })
      module_exit(() => {})
    `,
    taker: `
      import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
      MODULE_LICENSE('GPL')
      declare function given(): number
      module_init(() => given() - 5)
      module_exit(() => {})
    `,
  })
  const { insmod, rmmod, user } = await boot(t)
  const giver = insmod(images.giver as Uint8Array)
  const taker = insmod(images.taker as Uint8Array)
  t.match(await user.readFile('/proc/modules'), /^giver .* Loading /)
  t.equal(await giver, 0)
  t.equal(await taker, 0)
  t.equal(await rmmod('taker'), 0)
})

t.test('addresses are for who has CAP_SYSLOG when he opens the file', async t => {
  const image = await build(t, 'hello', HELLO)
  const { insmod, process } = await boot(t)
  await insmod(image)
  for (const file of ['/proc/modules', '/proc/kallsyms', '/proc/ksyms']) {
    const shows = async (cred: Credentials) =>
      /\b(0x)?f{8}[0-9a-f]{8}\b/.test(String(await process(cred).readFile(file)))
    t.ok(await shows({}), file)
    t.notOk(await shows({ uid: 1000 }))
    t.notOk(await shows({ uid: 0, capabilities: [CAP_SYS_MODULE] }))
    t.ok(await shows({ uid: 1000, capabilities: [CAP_SYSLOG] }))
  }
})

t.test('kernel/tainted and kernel/kptr_restrict', async t => {
  const image = await build(t, 'hello', HELLO)
  const { insmod, user } = await boot(t)
  await insmod(image)
  const tainted = '/proc/sys/kernel/tainted'
  t.equal(await user.writeFile(tainted, '512\n'), 4)
  t.equal(await user.readFile(tainted), `${12288 + 512}\n`, 'bits are added')
  t.equal(await user.writeFile(tainted, '0\n'), 2)
  t.equal(await user.writeFile(tainted, String(1 << 25)), 8)
  t.equal(await user.readFile(tainted), `${12288 + 512}\n`, 'unknown ones are dropped')
  t.equal(await user.writeFile(tainted, '-1\n'), -EINVAL)

  const zeros = /^hello .* 0x0000000000000000 /
  t.notMatch(await user.readFile('/proc/modules'), zeros)
  await user.writeFile('/proc/sys/kernel/kptr_restrict', '2\n')
  t.match(await user.readFile('/proc/modules'), zeros, 'not even for root')
  t.match(await user.readFile('/proc/kallsyms'), /^0{16} [tTD] /)
})
