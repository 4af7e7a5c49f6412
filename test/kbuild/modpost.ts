import t from 'tap'
import { driverTree } from '../harness/driver_tree.ts'

const license = (name: string): string =>
  `import { MODULE_LICENSE } from '#linux/module'\nMODULE_LICENSE('${name}')\n`

/** A module that needs `symbol`. */
const user = (licence: string, symbol: string): string =>
  `${license(licence)}declare function ${symbol}(): number\nconst f = () => ${symbol}()\nf.name`

const exporter = (symbol: string): string =>
  `${license('GPL')}import { EXPORT_SYMBOL } from '#linux/module'\nfunction ${symbol}() {}\nEXPORT_SYMBOL(${symbol})`

t.test('modpost refuses what Linux refuses, in the words of Linux', async t => {
  const cases: [string, Record<string, string>, string][] = [
    [
      'no licence',
      { Kbuild: 'obj-m := x.o', 'x.ts': 'export const a = 1' },
      'ERROR: modpost: missing MODULE_LICENSE() in x.o',
    ],
    [
      'unknown symbol',
      { 'x.ts': user('GPL', 'nosuch') },
      'ERROR: modpost: "nosuch" [x.ko] undefined!',
    ],
    [
      'GPL-only symbol in another licence',
      { 'x.ts': user('Proprietary', 'class_create') },
      "ERROR: modpost: GPL-incompatible module x.ko uses GPL-only symbol 'class_create'",
    ],
    [
      'namespace not imported',
      { 'with-dash.ts': user('GPL', 'secret') },
      'ERROR: modpost: module with-dash uses symbol secret from namespace HIDDEN, but does not import it.',
    ],
    [
      'what the kernel exports already',
      { 'a.ts': exporter('no_llseek') },
      "ERROR: modpost: a: 'no_llseek' exported twice. Previous export was in vmlinux",
    ],
    [
      'all mistakes of all modules at once',
      { 'a.ts': user('GPL', 'one'), 'b.ts': user('GPL', 'two') },
      'ERROR: modpost: "one" [a.ko] undefined!\nERROR: modpost: "two" [b.ko] undefined!',
    ],
  ]
  for (const [what, files, message] of cases) {
    const { build } = driverTree(t, files)
    await t.rejects(build(), { name: 'KbuildError', message }, what)
  }
})

t.test('modpost lets through what Linux lets through', async t => {
  const { build } = driverTree(t, {
    'gpl.ts': user('Dual MIT/GPL', 'class_create'),
    'ns.ts': `${user('GPL', 'secret')}\nimport { MODULE_IMPORT_NS } from '#linux/module'\nMODULE_IMPORT_NS('HIDDEN')`,
    'prop.ts': license('Proprietary'),
    'a.ts': exporter('same'),
    'b.ts': exporter('same'),
  })
  t.equal((await build()).modules.length, 5, 'also two modules that export one name')
})

t.test('of many undefined symbols ten are named', async t => {
  const names = Array.from({ length: 13 }, (_, i) => `missing_${i}`)
  const { build, lines } = driverTree(t, {
    'x.ts': `${license('GPL')}declare const ${names.map(name => `${name}: number`).join(', ')}
const f = (): number[] => [${names.join(', ')}]\nf.name`,
  })
  await t.rejects(build(), { message: /^(ERROR: modpost: "missing_\d+" .*\n?){10}$/ })
  t.equal(
    lines.at(-1),
    'WARNING: modpost: suppressed 3 unresolved symbol warnings because there were too many)',
  )
})

t.test('KBUILD_MODPOST_WARN=1 lets undefined symbols pass', async t => {
  const { build, lines } = driverTree(t, { 'x.ts': user('GPL', 'nosuch') })
  const { modules } = await build({ modpostWarn: true })
  t.equal(modules.length, 1)
  t.ok(lines.includes('WARNING: modpost: "nosuch" [x.ko] undefined!'))
})
