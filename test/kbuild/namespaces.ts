// What MODULE_* and EXPORT_SYMBOL_NS* leave in a module.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { readModule } from '../../src/elf/module_image.ts'
import type { ModuleImage } from '../../src/elf/module_image.ts'
import { driverTree } from '../harness/driver_tree.ts'

const SOURCE = `import {
  EXPORT_SYMBOL, EXPORT_SYMBOL_GPL, EXPORT_SYMBOL_NS, EXPORT_SYMBOL_NS_GPL, MODULE_DEVICE_TABLE,
  MODULE_FIRMWARE, MODULE_LICENSE,
} from '#linux/module'
import { MODULE_ALIAS_FS } from '#linux/fs'
import { MODULE_ALIAS_NETPROTO } from '#linux/net'
MODULE_LICENSE('GPL')
MODULE_FIRMWARE('acme.bin')
MODULE_ALIAS_FS('acmefs')
MODULE_ALIAS_NETPROTO(17)
MODULE_DEVICE_TABLE('platform', [{ name: 'acme-led' }, { name: 'acme-key' }, {}])
function one(): void {}
function two(): void {}
function three(): void {}
function four(): void {}
EXPORT_SYMBOL(one)
EXPORT_SYMBOL_GPL(two)
EXPORT_SYMBOL_NS(three, 'THREE')
EXPORT_SYMBOL_NS_GPL(
  four,
  'FOUR',
)
`

async function image(
  t: Parameters<typeof driverTree>[0],
  Kbuild: string,
): Promise<ModuleImage> {
  const { build } = driverTree(t, { 'acme.ts': SOURCE, Kbuild })
  return readModule(readFileSync((await build()).modules[0]?.file ?? ''))
}

const namespaces = ({ exports }: ModuleImage): Record<string, string> =>
  Object.fromEntries(
    exports.map(({ name, gpl, namespace }) => [name, `${gpl ? 'gpl ' : ''}${namespace}`]),
  )

t.test('exports are in the namespaces they name', async t => {
  t.strictSame(namespaces(await image(t, 'obj-m := acme.o')), {
    one: '',
    two: 'gpl ',
    three: 'THREE',
    four: 'gpl FOUR',
  })
})

t.test('-DDEFAULT_SYMBOL_NAMESPACE is for those that name none', async t => {
  const Kbuild = 'obj-m := acme.o\nccflags-y += -DDEFAULT_SYMBOL_NAMESPACE=ACME\n'
  t.strictSame(namespaces(await image(t, Kbuild)), {
    one: 'ACME',
    two: 'gpl ACME',
    three: 'THREE',
    four: 'gpl FOUR',
  })
})

t.test('aliases of device tables come where modpost puts them', async t => {
  const { modinfo } = await image(t, 'obj-m := acme.o')
  t.strictSame(
    modinfo.filter(([tag]) => tag !== 'retpoline' && tag !== 'vermagic'),
    [
      ['alias', 'net-pf-17'],
      ['alias', 'fs-acmefs'],
      ['firmware', 'acme.bin'],
      ['license', 'GPL'],
      ['alias', 'platform:acme-key'],
      ['alias', 'platform:acme-led'],
      ['depends', ''],
      ['name', 'acme'],
    ],
  )
})
