// Modules that have taken their name but are not formed yet, or no longer: nobody sees them.
import t from 'tap'
import { ENOENT } from '../../../src/include/linux/errno.ts'
import { boot, build, buildAll } from '../../harness/machine.ts'

const settle = () => new Promise(resolve => setTimeout(resolve, 5))

const OWNER = `
  import { EXPORT_SYMBOL_GPL, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  import { msleep } from '#linux/delay'
  MODULE_LICENSE('GPL')
  function slow_answer(): number { return 42 }
  EXPORT_SYMBOL_GPL(slow_answer)
  module_init(async () => { await msleep(40); return 0 })
  module_exit(() => {})
`
const USER = `
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  declare function slow_answer(): number
  MODULE_LICENSE('GPL')
  module_init(() => slow_answer() - 42)
  module_exit(() => {})
`

t.test('a module that waits for a symbol is in no list', async t => {
  const images = await buildAll(t, { owner: OWNER, waiter: USER })
  const { insmod, rmmod, user, kernel } = await boot(t)
  const owner = insmod(images.owner as Uint8Array)
  await settle()
  const waiter = insmod(images.waiter as Uint8Array)
  await settle()

  t.match(await user.readFile('/proc/modules'), /^owner \d+ 1 - Loading \S+ \(OE\+\)\n$/)
  t.notMatch(await user.readFile('/proc/kallsyms'), /\[waiter\]/)
  t.equal(kernel.modules.linkedIn(), 'Modules linked in: owner(OE+)')
  t.equal(await rmmod('waiter'), -ENOENT)
  t.equal(await owner, 0)
  t.equal(await waiter, 0)
  t.match(await user.readFile('/proc/modules'), /^waiter .* Live .*\nowner \d+ 1 waiter,/)
  await rmmod('waiter')
  await rmmod('owner')
})

const FREES = `
  import { MODULE_LICENSE, EXPORT_SYMBOL_GPL, module_exit, module_init } from '#linux/module'
  import { module_param_cb } from '#linux/moduleparam'
  MODULE_LICENSE('GPL')
  function frees_answer(): number { return 1 }
  EXPORT_SYMBOL_GPL(frees_answer)
  const arg = { free(): void { throw new Error('in free') } }
  module_param_cb('p', { set: () => 0, free: it => it.free() }, arg, 0)
  module_init(() => 0)
  module_exit(() => {})
`

t.test('a module that crashes while it is freed is gone from all lists', async t => {
  const image = await build(t, 'frees', FREES)
  const { insmod, rmmod, user, kernel } = await boot(t)
  await insmod(image)
  await t.rejects(rmmod('frees'), /in free/, 'the oops is for who entered the kernel')
  t.equal(await user.readFile('/proc/modules'), '')
  t.notMatch(await user.readFile('/proc/kallsyms'), /frees/)
  t.equal(kernel.symbols.find('frees_answer'), undefined)
  t.equal(await rmmod('frees'), -ENOENT)
})

const SLEEPS = `
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  import { module_param, module_param_cb } from '#linux/moduleparam'
  import { msleep } from '#linux/delay'
  import { pr_info } from '#linux/printk'
  MODULE_LICENSE('GPL')
  const ret = module_param('ret', 'int', 0, 0)
  async function set(): Promise<number> {
    await msleep(30)
    pr_info('set\\n')
    return 0
  }
  const free = () => pr_info('free\\n')
  module_param_cb('p', { set, free }, null, 0o644)
  module_init(async () => { await msleep(10); return ret.value })
  module_exit(() => void pr_info('exit\\n'))
`

t.test('nothing is freed while a set() sleeps in it', async t => {
  const image = await build(t, 'sleeps', SLEEPS)
  const { insmod, rmmod, user, dmesg } = await boot(t)
  const said = () => dmesg().filter(line => line.startsWith('<6>'))
  const write = async () => {
    const writing = user.writeFile('/sys/module/sleeps/parameters/p', '1')
    await settle()
    return { writing }
  }
  await insmod(image)
  const { writing } = await write()
  t.equal(await rmmod('sleeps'), 0)
  t.strictSame(said(), ['<6>exit', '<6>set', '<6>free'])
  t.equal(await writing, 1)

  const loading = insmod(image, 'ret=-19')
  await settle()
  const again = await write()
  t.equal(await loading, -19)
  t.strictSame(said(), ['<6>set', '<6>free'], 'nor when init has failed')
  t.equal(await again.writing, 1)
})
