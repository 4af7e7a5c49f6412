// What a module says of itself, and how the kernel is tainted by it.
import t from 'tap'
import { boot, buildAll } from '../../harness/machine.ts'

const source = (license: string, extra = '') => `
  import { MODULE_INFO, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  MODULE_LICENSE('${license}')
  ${extra}
  module_init(() => 0)
  module_exit(() => {})
`
const OUT_OF_TREE = (name: string) =>
  `<4>${name}: loading out-of-tree module taints kernel.`
const UNSIGNED = (name: string) =>
  `<5>${name}: module verification failed: signature and/or required key missing - tainting kernel`
const LOCKDEP = '<4>Disabling lock debugging due to kernel taint'

t.test('licences, trees and signatures', async t => {
  const images = await buildAll(t, {
    gpl: source('GPL'),
    dual: source('Dual MIT/GPL'),
    prop: source('Proprietary'),
    mit: source('MIT'),
    nolic: source('GPL'),
    intree: source('GPL', "MODULE_INFO('intree', 'Y')"),
    staging: source('GPL', "MODULE_INFO('staging', 'Y'); MODULE_INFO('intree', 'Y')"),
  })
  const image = (name: string) => images[name] as Uint8Array
  const unlicensed = Buffer.from(
    Buffer.from(image('nolic'))
      .toString('latin1')
      .replaceAll('license=GPL\0', 'xicense=GPL\0'),
    'latin1',
  )

  await t.test('an out-of-tree module, the first of a boot and the next', async t => {
    const { insmod, dmesg, user, rmmod } = await boot(t)
    await insmod(image('gpl'))
    t.strictSame(dmesg(), [OUT_OF_TREE('gpl'), UNSIGNED('gpl')])
    await insmod(image('dual'))
    t.strictSame(dmesg(), [])
    t.equal(await user.readFile('/proc/sys/kernel/tainted'), '12288\n')
    t.equal(await user.readFile('/sys/module/dual/taint'), 'OE\n')
    await rmmod('gpl')
    await rmmod('dual')
    t.equal(
      await user.readFile('/proc/sys/kernel/tainted'),
      '12288\n',
      'it never goes down',
    )
  })

  for (const [name, license] of [
    ['prop', 'Proprietary'],
    ['mit', 'MIT'],
    ['nolic', 'unspecified'],
  ] as const) {
    await t.test(`a licence that is not the GPL: ${license}`, async t => {
      const { insmod, dmesg, user } = await boot(t)
      t.equal(await insmod(name === 'nolic' ? unlicensed : image(name)), 0)
      t.strictSame(dmesg(), [
        OUT_OF_TREE(name),
        `<4>${name}: module license '${license}' taints kernel.`,
        LOCKDEP,
        UNSIGNED(name),
      ])
      t.equal(await user.readFile('/proc/sys/kernel/tainted'), '12289\n')
      t.equal(await user.readFile(`/sys/module/${name}/taint`), 'POE\n')
    })
  }

  await t.test('a second proprietary module is taken without a word', async t => {
    const { insmod, dmesg } = await boot(t)
    await insmod(image('prop'))
    dmesg()
    await insmod(image('mit'))
    t.strictSame(dmesg(), [])
  })

  await t.test('modules of the tree, and of its staging directory', async t => {
    const { insmod, dmesg, user } = await boot(t)
    await insmod(image('intree'))
    t.strictSame(dmesg(), [UNSIGNED('intree')])
    t.equal(await user.readFile('/sys/module/intree/taint'), 'E\n')
    await insmod(image('staging'))
    t.strictSame(dmesg(), [
      '<4>staging: module is from the staging directory, the quality is unknown, you have been warned.',
    ])
    t.equal(await user.readFile('/sys/module/staging/taint'), 'CE\n')
    t.equal(await user.readFile('/proc/sys/kernel/tainted'), `${8192 + 1024}\n`)
  })
})
