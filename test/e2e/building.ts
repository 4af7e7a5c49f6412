// What a course types: make with a stock Makefile in the build tree of the machine, then insmod.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'

const HELLO = `import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'
MODULE_LICENSE('GPL')
module_init(() => { pr_info('Hello, world\\n'); return 0 })
module_exit(() => pr_info('Goodbye\\n'))
`
/** KDIR is where the machine is mounted; all else is as it stands in course notes. */
const MAKEFILE = `obj-m += hello.o
KDIR = $(MNT)/lib/modules/$(shell uname -r)/build

all:
\tmake -C $(KDIR) M=$(PWD) modules

clean:
\tmake -C $(KDIR) M=$(PWD) clean

install:
\tmake -C $(KDIR) M=$(PWD) modules_install
`

t.test('make, insmod, modules_install, make clean', async t => {
  if (!requireTool(t, 'make')) return
  const { mnt, out, sh } = bootMounted(t)
  const dir = join(mnt, '..', 'hello')
  mkdirSync(dir)
  writeFileSync(join(dir, 'hello.ts'), HELLO)
  writeFileSync(join(dir, 'Makefile'), MAKEFILE)
  const make = (target: string): string =>
    out(`cd hello && MAKEFLAGS= MAKELEVEL= make MNT=${mnt} ${target}`)

  t.match(make(''), `  CC [M]  ${dir}/hello.o\n  MODPOST ${dir}/Module.symvers\n`)
  t.equal(sh('modbox insmod hello/hello.ko').status, 0)
  t.match(out('modbox dmesg | tail -1'), 'Hello, world')
  out('modbox rmmod hello')
  t.match(make('install'), `  INSTALL ${mnt}/lib/modules/`)
  t.match(out('ls mnt/lib/modules/$(uname -r)/extra'), 'hello.ko')
  t.equal(sh('modbox modprobe hello').status, 0)
  t.match(out('modbox lsmod'), /^hello /m)
  out('modbox rmmod hello')
  t.match(make('clean'), `  CLEAN   ${dir}/Module.symvers\n`)
  t.strictSame(readdirSync(dir).toSorted(), ['Makefile', 'hello.ts'])
})
