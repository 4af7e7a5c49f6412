// GNU make in our build tree, with the Makefiles of courses: what it prints and what it leaves.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { readModule } from '../../src/elf/module_image.ts'
import { packageRoot } from '../../src/package.ts'
import { requireTool } from '../harness/require.ts'

const TREE = join(packageRoot(), 'linux-headers')
const GPL = "import { MODULE_LICENSE } from '#linux/module'\nMODULE_LICENSE('GPL')\n"
const HELLO = `${GPL}import { module_exit, module_init } from '#linux/module'
module_init(() => 0)
module_exit(() => {})
`

/** The Makefile of chapter 2 of a well-known book on drivers: read twice, by make and by us. */
const LDD3 = `ifneq ($(KERNELRELEASE),)
\tobj-m := hello.o
else
\tKERNELDIR ?= ${TREE}
\tPWD := $(shell pwd)

default:
\t$(MAKE) -C $(KERNELDIR) M=$(PWD) modules
endif
`

interface MakeRun {
  status: number | null
  out: string[]
  err: string
}

function make(dir: string, ...args: string[]): MakeRun {
  const { MAKEFLAGS: _, MAKELEVEL: __, ...env } = process.env
  const { status, stdout, stderr } = spawnSync('make', args, {
    cwd: dir,
    encoding: 'utf8',
    env: { ...env, PWD: dir, LC_ALL: 'C' },
    timeout: 60_000,
  })
  return { status, out: stdout.split('\n').slice(0, -1), err: stderr }
}

/** As a course has it: `make -C /lib/modules/$(uname -r)/build M=$PWD …`. */
function makeModules(dir: string, ...args: string[]): MakeRun {
  const run = make(dir, '-C', TREE, `M=${dir}`, ...args)
  return { ...run, out: run.out.filter(line => !line.startsWith('make')) }
}

function module(t: Test, files: Record<string, string>): string {
  const dir = t.testdir(
    Object.fromEntries(Object.entries(files).filter(([name]) => !name.includes('/'))),
  )
  for (const [name, text] of Object.entries(files).filter(([name]) =>
    name.includes('/'),
  )) {
    mkdirSync(join(dir, name, '..'), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
  return dir
}

t.test('a Makefile that is read twice prints what it prints on Linux', async t => {
  if (!requireTool(t, 'make')) return
  const dir = module(t, { Makefile: LDD3, 'hello.ts': HELLO })
  const { status, out, err } = make(dir)
  t.equal(status, 0, err)
  t.strictSame(out, [
    `make -C ${TREE} M=${dir} modules`,
    `make[1]: Entering directory '${TREE}'`,
    `  CC [M]  ${dir}/hello.o`,
    `  MODPOST ${dir}/Module.symvers`,
    `  CC [M]  ${dir}/hello.mod.o`,
    `  LD [M]  ${dir}/hello.ko`,
    `make[1]: Leaving directory '${TREE}'`,
  ])
  t.strictSame(readdirSync(dir).toSorted(), [
    '.Module.symvers.cmd',
    '.hello.ko.cmd',
    '.hello.mod.o.cmd',
    '.hello.o.cmd',
    '.modules.order.cmd',
    'Makefile',
    'Module.symvers',
    'hello.ko',
    'hello.mod',
    'hello.mod.c',
    'hello.mod.o',
    'hello.o',
    'hello.ts',
    'modules.order',
  ])
  t.equal(readFileSync(join(dir, 'modules.order'), 'utf8'), `${dir}/hello.ko\n`)
  t.equal(readFileSync(join(dir, 'hello.mod'), 'utf8'), `${dir}/hello.o\n`)

  t.strictSame(makeModules(dir).out, [], 'a second time there is nothing to do')
  t.strictSame(makeModules(dir, 'clean').out, [`  CLEAN   ${dir}/Module.symvers`])
  t.strictSame(readdirSync(dir).toSorted(), ['Makefile', 'hello.ts'])
})

t.test('Kbuild files may use all of make', async t => {
  if (!requireTool(t, 'make')) return
  const dir = module(t, {
    Makefile: 'obj-m := wrong.o',
    Kbuild: `NAMES := $(shell echo ret-1 other)
obj-m := ownname.o sub/
obj-$(CONFIG_EXTRA) += with-dash.o
ownname-objs := $(addsuffix .o,$(NAMES))
ccflags-y := -Wall -DLEVEL=0x10 -D NAME='"a b"' -DFLAG
`,
    'ret-1.ts': `${GPL}import { x } from './other.ts'
declare const LEVEL: number, NAME: string
declare function inner(): number
import { MODULE_INFO, module_init } from '#linux/module'
MODULE_INFO('level', String(LEVEL))
MODULE_INFO('name_of', NAME)
MODULE_INFO('flag', typeof FLAG)
MODULE_INFO('absent', typeof ABSENT)
module_init(() => x + inner())
`,
    'other.ts': 'export const x = 1',
    'with-dash.ts': GPL,
    'sub/Makefile': 'obj-m += inner.o\n',
    'sub/inner.ts': `${GPL}import { EXPORT_SYMBOL } from '#linux/module'
export function inner(): number { return 1 }
EXPORT_SYMBOL(inner)
`,
  })
  const { status, out, err } = makeModules(dir, '-j2', 'CONFIG_EXTRA=m')
  t.equal(status, 0, err)
  t.ok(out.includes(`  LD [M]  ${dir}/ownname.o`), 'parts are joined')
  t.strictSame(
    readFileSync(join(dir, 'modules.order'), 'utf8').split('\n'),
    ['ownname', 'sub/inner', 'with-dash'].map(name => `${dir}/${name}.ko`).concat(''),
  )
  const image = readModule(readFileSync(join(dir, 'ownname.ko')))
  const info = new Map(image.modinfo)
  t.equal(info.get('depends'), 'inner')
  t.equal(info.get('level'), '16')
  t.equal(info.get('name_of'), 'a b')
  t.equal(info.get('flag'), 'number')
  t.equal(info.get('absent'), 'undefined')
})

t.test('mistakes stop make as they do on Linux', async t => {
  if (!requireTool(t, 'make')) return
  const cases: [Record<string, string>, RegExp[]][] = [
    [
      { 'hello.ts': `${HELLO}nought(` },
      [/^\S+\/hello\.ts:\d+:\d+: error: /m, /: \S+\/hello\.o\] Error 1$/m],
    ],
    [
      { 'hello.ts': 'export const a = 1' },
      [
        /^ERROR: modpost: missing MODULE_LICENSE\(\) in \S+\/hello\.o$/m,
        /^make\[1\]: \*\*\* \[\S+\/Makefile\.modpost:\d+: \S+\/Module\.symvers\] Error 1$/m,
        /^make: \*\*\* \[Makefile:\d+: modpost\] Error 2$/m,
      ],
    ],
    [
      { 'hello.c': '#include <linux/module.h>' },
      [/"\S+\/hello\.c" is C; drivers are TypeScript here: .*docs\/porting\.md/],
    ],
  ]
  for (const [files, patterns] of cases) {
    const dir = module(t, { Makefile: 'obj-m := hello.o', ...files })
    const { status, err } = makeModules(dir)
    t.equal(status, 2)
    for (const pattern of patterns) t.match(err, pattern)
  }
  const { status, err } = make(t.testdir(), '-C', TREE)
  t.equal(status, 2)
  t.match(err, 'say where yours is with M=dir')
})

t.test('symbols of another folder: KBUILD_EXTRA_SYMBOLS, or a warning', async t => {
  if (!requireTool(t, 'make')) return
  const dir = module(t, {
    'a/Makefile': 'obj-m := a.o',
    'a/a.ts': `${GPL}import { EXPORT_SYMBOL } from '#linux/module'
export function fa(): number { return 1 }
EXPORT_SYMBOL(fa)
`,
    'b/Makefile': 'obj-m := b.o',
    'b/b.ts': `${GPL}import { module_init } from '#linux/module'
declare function fa(): number
module_init(() => fa())
`,
    'c/Kbuild': 'obj-m := b.o\nKBUILD_EXTRA_SYMBOLS := $(src)/../a/Module.symvers',
  })
  writeFileSync(join(dir, 'c/b.ts'), readFileSync(join(dir, 'b/b.ts')))
  t.equal(makeModules(join(dir, 'a')).status, 0)
  const [b, c] = [join(dir, 'b'), join(dir, 'c')]
  t.match(makeModules(b).err, `ERROR: modpost: "fa" [${b}/b.ko] undefined!`)
  const lenient = makeModules(b, 'KBUILD_MODPOST_WARN=1')
  t.equal(lenient.status, 0)
  t.match(lenient.err, `WARNING: modpost: "fa" [${b}/b.ko] undefined!`)
  t.equal(makeModules(b, `KBUILD_EXTRA_SYMBOLS=${dir}/a/Module.symvers`).status, 0)
  t.equal(makeModules(c).status, 0, 'a Kbuild file may say it too')
  t.equal(new Map(readModule(readFileSync(join(c, 'b.ko'))).modinfo).get('depends'), 'a')
})

t.test('C=1 checks the types of what is compiled, C=2 of everything', async t => {
  if (!requireTool(t, 'make')) return
  const dir = module(t, {
    Makefile: 'obj-m := x.o',
    'x.ts': `${GPL}const n: number = 'one'\nn`,
  })
  const wrong = /x\.ts:3:7: error: Type 'string' is not assignable to type 'number'/
  t.match(makeModules(dir, 'C=1').err, wrong)
  t.equal(makeModules(dir).status, 0)
  t.equal(makeModules(dir, 'C=1').status, 0, 'nothing was compiled')
  t.match(makeModules(dir, 'C=2').err, wrong)
})

t.test('modules_install puts modules where modprobe looks', async t => {
  if (!requireTool(t, 'make')) return
  const dir = module(t, {
    Makefile: 'obj-m := x.o sub/',
    'x.ts': GPL,
    'sub/Kbuild': 'obj-m := y.o',
    'sub/y.ts': GPL,
  })
  const root = join(dir, 'root')
  const at = (path: string): string => join(root, 'lib/modules', release(), path)
  t.equal(makeModules(dir).status, 0)
  const { status, out, err } = makeModules(
    dir,
    'modules_install',
    `INSTALL_MOD_PATH=${root}`,
  )
  t.equal(status, 0, err)
  t.match(out, [
    `  INSTALL ${at('extra/sub/y.ko')}`,
    `  INSTALL ${at('extra/x.ko')}`,
    `  DEPMOD  ${at('')}`.slice(0, -1),
  ])
  t.ok(existsSync(at('extra/sub/y.ko')))
  t.match(readFileSync(at('modules.dep'), 'utf8'), 'extra/x.ko:\n')
  makeModules(
    dir,
    'modules_install',
    `INSTALL_MOD_PATH=${root}`,
    'INSTALL_MOD_DIR=mine',
    'INSTALL_MOD_STRIP=1',
  )
  t.equal(readModule(readFileSync(at('mine/x.ko'))).sourceMap, undefined, 'stripped')
})

t.test('SUBDIRS=, V=1, -s and help', async t => {
  if (!requireTool(t, 'make')) return
  const dir = module(t, { Makefile: 'obj-m := x.o', 'x.ts': GPL })
  const silent = make(dir, '-s', '-C', TREE, `SUBDIRS=${dir}`, 'modules')
  t.strictSame(silent, { status: 0, out: [], err: '' })
  t.match(makeModules(dir, 'V=1').out.join('\n'), '--stage=compile')
  t.match(makeModules(dir, 'help').out.join('\n'), 'modules_install')
})
