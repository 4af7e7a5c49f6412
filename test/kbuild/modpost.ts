import t from 'tap'
import { driverTree } from '../harness/driver_tree.ts'

const license = (name: string): string =>
  `import { MODULE_LICENSE } from '#linux/module'\nMODULE_LICENSE('${name}')\n`

t.test('modpost refuses what Linux refuses, in the words of Linux', async t => {
  const cases: [string, Record<string, string>, string][] = [
    [
      'no licence',
      { Kbuild: 'obj-m := x.o', 'x.ts': 'export const a = 1' },
      'ERROR: modpost: missing MODULE_LICENSE() in x.o',
    ],
    [
      'unknown symbol',
      {
        'x.ts': `${license('GPL')}declare function nosuch(): number\nconst f = () => nosuch()\nf.name`,
      },
      'ERROR: modpost: "nosuch" [x.ko] undefined!',
    ],
    [
      'GPL-only symbol in another licence',
      {
        'x.ts': `${license('Proprietary')}import { class_create } from '#linux/device'\nconst f = () => class_create('x')\nf.name`,
      },
      "ERROR: modpost: GPL-incompatible module x.ko uses GPL-only symbol 'class_create'",
    ],
    [
      'namespace not imported',
      {
        'x.ts': `${license('GPL')}declare function secret(): number\nconst f = () => secret()\nf.name`,
      },
      'ERROR: modpost: module x uses symbol secret from namespace HIDDEN, but does not import it.',
    ],
    [
      'two of one name',
      {
        'a.ts': `${license('GPL')}import { EXPORT_SYMBOL } from '#linux/module'\nfunction f() {}\nEXPORT_SYMBOL(f)`,
        'b.ts': `${license('GPL')}import { EXPORT_SYMBOL } from '#linux/module'\nfunction f() {}\nEXPORT_SYMBOL(f)`,
      },
      "ERROR: modpost: b: 'f' exported twice. Previous export was in a.ko",
    ],
  ]
  for (const [what, files, message] of cases) {
    const { build } = driverTree(t, files)
    await t.rejects(build(), { name: 'KbuildError', message }, what)
  }
})

t.test('modpost lets through what Linux lets through', async t => {
  const { build } = driverTree(t, {
    'gpl.ts': `${license('Dual MIT/GPL')}import { class_create } from '#linux/device'\nconst f = () => class_create('x')\nf.name`,
    'ns.ts': `${license('GPL')}import { MODULE_IMPORT_NS } from '#linux/module'\nMODULE_IMPORT_NS('HIDDEN')\ndeclare function secret(): number\nconst f = () => secret()\nf.name`,
    'prop.ts': license('Proprietary'),
  })
  t.equal((await build()).modules.length, 3)
})
