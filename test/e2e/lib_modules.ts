// /lib/modules in the mount: files like any others, also to the host's own depmod and modprobe.

import { findTool, requireTool } from '../harness/require.ts'
import t from 'tap'
import { bootMounted } from '../harness/mounted.ts'

t.test('a machine boots with the files that depmod would write', async t => {
  if (!requireTool(t, 'depmod')) return
  const machine = bootMounted(t)
  const folder = '"mnt/lib/modules/$(uname -r)"'
  machine.out(`cp -r ${folder} before`)
  const depmod = findTool('depmod') ?? ''

  machine.out(`${depmod} -b "$PWD/mnt"`)
  t.equal(
    machine.out(`diff -r before ${folder}`),
    '',
    "the host's depmod changes nothing",
  )
  machine.out('modbox depmod')
  t.equal(machine.out(`diff -r before ${folder}`), '', 'nor does ours')
  machine.out(`rm ${folder}/modules.*.bin; modbox depmod -A`)
  t.match(
    machine.out(`ls ${folder}`),
    /^((?!dep.bin)[^])*$/,
    '-A: modules.dep is new enough',
  )
  machine.out('modbox depmod -a')
  t.match(machine.out(`ls ${folder}`), 'modules.dep.bin\n')

  t.equal(
    machine.out('modbox modinfo -F filename mem hello'),
    `(builtin)\n${machine.mnt}/lib/modules/${machine.out('uname -r').trim()}` +
      '/kernel/drivers/hello/hello.ko\n',
  )
})

t.test(
  'a module that is put into extra/ is found after depmod, compressed or not',
  async t => {
    if (!requireTool(t, 'depmod') || !requireTool(t, 'xz')) return
    const machine = bootMounted(t)
    const source = [
      "import { MODULE_ALIAS, MODULE_LICENSE } from '#linux/module'",
      "MODULE_LICENSE('GPL')",
      "MODULE_ALIAS('char-major-240-*')",
      '',
    ].join('\n')
    const file = await machine.build('latecomer', source)
    const extra = '"mnt/lib/modules/$(uname -r)/extra"'
    const names = 'modbox modinfo -n latecomer char-major-240-7 | xargs -n1 basename'

    machine.out(`mkdir ${extra} && cp ${file} ${extra} && modbox depmod`)
    t.equal(machine.out(names), 'latecomer.ko\nlatecomer.ko\n')
    machine.out(`xz ${extra}/latecomer.ko && modbox depmod`)
    t.equal(machine.out(names), 'latecomer.ko.xz\nlatecomer.ko.xz\n')
    machine.out(`modbox insmod ${extra}/latecomer.ko.xz`)
    t.match(machine.out('modbox lsmod'), 'latecomer')
    machine.out('modbox rmmod latecomer')
  },
)
