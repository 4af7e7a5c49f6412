// Symbols by name at run time, and the lists of symbols.
import t from 'tap'
import { EAGAIN } from '../../../src/include/uapi/errno.ts'
import { boot, buildAll } from '../../harness/machine.ts'

const SOURCES = {
  syma: `
    import { EXPORT_SYMBOL, EXPORT_SYMBOL_GPL, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
    MODULE_LICENSE('GPL')
    export let syma_data = 41
    EXPORT_SYMBOL(syma_data)
    export function foo(): number { return 1 }
    EXPORT_SYMBOL(foo)
    export function bar(): number { return 2 }
    EXPORT_SYMBOL_GPL(bar)
    function a_init(): number { return 0 }
    function a_exit(): void {}
    module_init(a_init)
    module_exit(a_exit)
  `,
  symget: `
    import { MODULE_LICENSE, module_exit, module_init, symbol_get, symbol_put } from '#linux/module'
    import { module_param } from '#linux/moduleparam'
    import { pr_info } from '#linux/printk'
    MODULE_LICENSE('GPL')
    const name = module_param('name', 'charp', 'foo', 0)
    let fp: (() => number) | null = null
    module_init(() => {
      fp = symbol_get<() => number>(name.value ?? '')
      pr_info('%s\\n', fp ? String(fp()) : 'NULL')
      return 0
    })
    module_exit(() => { if (fp) symbol_put(name.value ?? '') })
  `,
}

t.test('symbol_get takes a reference, and only what is GPL-only', async t => {
  const images = await buildAll(t, SOURCES)
  const { insmod, rmmod, dmesg, user } = await boot(t)
  await insmod(images.syma as Uint8Array)
  dmesg()
  const symget = images.symget as Uint8Array

  t.equal(await insmod(symget, 'name=foo'), 0)
  t.strictSame(dmesg(), ['<4>failing symbol_get of non-GPLONLY symbol foo.', '<6>NULL'])
  await rmmod('symget')
  t.equal(await insmod(symget, 'name=nosuch'), 0)
  t.strictSame(dmesg(), ['<6>NULL'])
  await rmmod('symget')

  t.equal(await insmod(symget, 'name=bar'), 0)
  t.strictSame(dmesg(), ['<6>2'])
  t.match(await user.readFile('/proc/modules'), /^symget .*\nsyma \d+ 1 - Live /)
  t.strictSame(user.readdir('/sys/module/syma/holders'), [], 'a reference, no holder')
  t.equal(await rmmod('syma'), -EAGAIN)
  await rmmod('symget')
  t.equal(await rmmod('syma'), 0)
})

t.test('kallsyms and ksyms', async t => {
  const images = await buildAll(t, SOURCES)
  const { insmod, user, process } = await boot(t)
  await insmod(images.syma as Uint8Array)
  const lines = String(await user.readFile('/proc/kallsyms'))
    .split('\n')
    .filter(line => line.endsWith('\t[syma]'))
  const names = lines.map(line => line.replace(/^\S+ /, '').replace('\t[syma]', ''))
  for (const name of [
    'T foo',
    't bar',
    'D syma_data',
    't a_exit',
    't cleanup_module',
    'd __this_module',
    'r __ksymtab_foo',
    'r __crc_foo',
  ]) {
    t.ok(names.includes(name), name)
  }
  t.notOk(
    names.some(name => /a_init|init_module/.test(name)),
    'init is gone after init',
  )
  t.ok(lines.every(line => !line.startsWith('0000')))
  const stranger = process({ uid: 1000, gid: 1000 })
  t.notMatch(await stranger.readFile('/proc/kallsyms'), /^(?!0{16} )./m)

  const ksyms = String(await user.readFile('/proc/ksyms'))
  t.match(ksyms, /^[0-9a-f]{16} syma_data\t\[syma\]\n/)
  t.match(ksyms, /\n[0-9a-f]{16} printk\n|\n[0-9a-f]{16} _printk\n/)
  t.notMatch(ksyms, /a_exit/)
})
