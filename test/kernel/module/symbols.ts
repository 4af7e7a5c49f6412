// Symbols between modules: who uses whom, and who may.
import t from 'tap'
import { EAGAIN, EINVAL, ENOENT, ENOEXEC } from '../../../src/include/linux/errno.ts'
import { boot, buildAll } from '../../harness/machine.ts'

const provider = (name: string, license = 'GPL') => `
  import { EXPORT_SYMBOL, EXPORT_SYMBOL_GPL, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  MODULE_LICENSE('${license}')
  export function ${name}_foo(): number { return 1 }
  EXPORT_SYMBOL(${name}_foo)
  export function ${name}_bar(): number { return 2 }
  EXPORT_SYMBOL_GPL(${name}_bar)
  module_init(() => 0)
  module_exit(() => {})
`
const user = (...symbols: string[]) => `
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  import { pr_info } from '#linux/printk'
  ${symbols.map(symbol => `declare function ${symbol}(): number`).join('\n')}
  MODULE_LICENSE('GPL')
  module_init(() => { pr_info('%d\\n', ${symbols.map(symbol => `${symbol}()`).join(' + ')}); return 0 })
  module_exit(() => {})
`

/** The same module under another licence, which modpost would not have built. */
function relicensed(image: Uint8Array, license: string): Uint8Array {
  const text = Buffer.from(image).toString('latin1')
  return Buffer.from(text.replaceAll('license=GPL', `license=${license}`), 'latin1')
}

t.test('dependencies, and who may have which symbol', async t => {
  const images = await buildAll(t, {
    syma: provider('a'),
    symp: provider('p'),
    symb: user('a_foo', 'a_bar'),
    symc: user('a_foo'),
    mixed: user('a_bar', 'p_foo'),
    usep: user('p_foo'),
  })
  const image = (name: string) => images[name] as Uint8Array

  await t.test('a module that is needed has to be there, and stays', async t => {
    const { insmod, rmmod, dmesg, user } = await boot(t)
    t.equal(await insmod(image('symb')), -ENOENT)
    t.strictSame(dmesg().slice(2).toSorted(), [
      '<4>symb: Unknown symbol a_bar (err -2)',
      '<4>symb: Unknown symbol a_foo (err -2)',
    ])
    t.equal(await insmod(image('syma')), 0)
    t.equal(await insmod(image('symb')), 0)
    t.strictSame(dmesg(), ['<6>3'])
    t.equal(await insmod(image('symc')), 0)
    const lines = String(await user.readFile('/proc/modules')).split('\n')
    t.match(lines, [/^symc \d+ 0 - /, /^symb \d+ 0 - /, /^syma \d+ 2 symc,symb, Live /])
    t.strictSame(user.readdir('/sys/module/syma/holders'), ['symb', 'symc'])
    t.match(user.lstat('/sys/module/syma/holders/symb'), { i_link: '../../symb' })
    t.match(await user.readFile('/proc/kallsyms'), /[0-9a-f]{16} T a_foo\t\[syma\]\n/)

    t.equal(await rmmod('syma'), -EAGAIN)
    t.equal(await rmmod('symb'), 0)
    t.strictSame(user.readdir('/sys/module/syma/holders'), ['symc'])
    t.equal(await user.readFile('/sys/module/syma/refcnt'), '1\n')
    t.equal(await rmmod('symc'), 0)
    t.equal(await rmmod('syma'), 0)
    t.equal(await insmod(image('symc')), -ENOENT, 'the symbols are gone with it')
  })

  await t.test('a symbol is exported once', async t => {
    const { insmod, dmesg, user } = await boot(t)
    await insmod(image('syma'))
    dmesg()
    const twin = Buffer.from(image('syma'))
    const at = twin.indexOf(Buffer.from('syma\0\0\0\0'))
    twin.write('symd', at)
    t.equal(await insmod(twin), -ENOEXEC)
    t.strictSame(dmesg(), ['<3>symd: exports duplicate symbol a_foo (owned by syma)'])
    t.match(await user.readFile('/proc/kallsyms'), / a_foo\t\[syma\]/)
    t.equal(await insmod(image('symc')), 0, 'the first one’s is still there')
  })

  await t.test('what is GPL-only is unknown to others', async t => {
    const { insmod, dmesg } = await boot(t)
    await insmod(image('syma'))
    dmesg()
    t.equal(await insmod(relicensed(image('symb'), 'MIT')), -ENOENT)
    t.strictSame(dmesg().slice(2), ['<4>symb: Unknown symbol a_bar (err -2)'])
    t.equal(await insmod(relicensed(image('symc'), 'MIT')), 0)
  })

  await t.test('a proprietary module’s symbol passes its taint on', async t => {
    const { insmod, dmesg, user } = await boot(t)
    await insmod(relicensed(image('symp'), 'MIT'))
    dmesg()
    t.equal(await insmod(image('usep')), 0)
    t.strictSame(dmesg(), [
      '<4>usep: module uses symbols p_foo from proprietary module symp, inheriting taint.',
      '<6>1',
    ])
    t.equal(await user.readFile('/sys/module/usep/taint'), 'POE\n')
  })

  await t.test('GPL-only symbols and proprietary modules do not go together', async t => {
    const { insmod } = await boot(t)
    await insmod(image('syma'))
    await insmod(relicensed(image('symp'), 'MIT'))
    t.equal(await insmod(image('mixed')), -ENOENT)
    t.equal(await insmod(image('symc')), 0, 'what was resolved by then is given back')
  })

  await t.test('a namespace has to be imported', async t => {
    const { insmod, dmesg, kernel } = await boot(t)
    const get = () => () => 5
    const plain = { get, gpl_only: false, crc: undefined, owner: undefined }
    kernel.symbols.add({ ...plain, name: 'p_foo', namespace: 'ORACLE_NS' })
    t.equal(await insmod(image('usep')), -EINVAL)
    t.strictSame(dmesg().slice(2), [
      '<3>usep: module uses symbol (p_foo) from namespace ORACLE_NS, but does not import it.',
      '<4>usep: Unknown symbol p_foo (err -22)',
    ])
  })
})
