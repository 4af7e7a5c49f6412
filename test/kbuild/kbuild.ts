import { rmSync, writeFileSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import t from 'tap'
import { readModule } from '../../src/elf/module_image.ts'
import type { ModuleImage } from '../../src/elf/module_image.ts'
import { driverTree } from '../harness/driver_tree.ts'

const MODULE = "import { MODULE_LICENSE } from '#linux/module'\nMODULE_LICENSE('GPL')\n"

const HELLO = `import {
  MODULE_ALIAS, MODULE_AUTHOR, MODULE_DESCRIPTION, MODULE_INFO, MODULE_LICENSE, MODULE_VERSION,
  module_exit, module_init,
} from '#linux/module'
import { MODULE_PARM_DESC, module_param } from '#linux/moduleparam'
import { jiffies } from '#linux/jiffies'
import { pr_info } from '#linux/printk'

function hello_init(): number {
  pr_info('hello at %d\\n', Math.max(jiffies, 1))
  return 0
}
module_init(hello_init)
module_exit(() => {})
MODULE_LICENSE('GPL'); MODULE_AUTHOR('Ada'); MODULE_AUTHOR('Second Author')
MODULE_DESCRIPTION('The smallest module')
MODULE_VERSION('1.2.3'); MODULE_ALIAS('hullo'); MODULE_INFO('custom', 'a field')
module_param('whom', 'charp', 'world', 0o644)
MODULE_PARM_DESC('whom', 'who')
`

const SYMA = `${MODULE}
import { EXPORT_SYMBOL, EXPORT_SYMBOL_GPL } from '#linux/module'
export function foo(a: number): number { return a + 1 }
EXPORT_SYMBOL(foo)
export let count = 5
EXPORT_SYMBOL_GPL(count)
`
const SYMB = `${MODULE}
import { module_init } from '#linux/module'
declare function foo(a: number): number
declare let count: number
declare function unused(): void
module_init(() => foo(count))
`

const image = (file: string | undefined): ModuleImage =>
  readModule(readFileSync(file ?? 'no file'))
const tag = (module: ModuleImage, name: string): string | undefined =>
  module.modinfo.find(([tag]) => tag === name)?.[1]

t.test('kbuild() turns hello.ts into hello.ko', async t => {
  const { dir, build, lines } = driverTree(t, { 'hello.ts': HELLO })
  const result = await build()

  t.same(result.modules, [{ name: 'hello', file: join(dir, 'hello.ko'), rebuilt: true }])
  t.same(result.builtin, [])
  t.same(lines, [
    '  CC [M]  hello.o',
    '  MODPOST Module.symvers',
    '  CC [M]  hello.mod.o',
    '  LD [M]  hello.ko',
  ])
  t.equal(readFileSync(join(dir, 'Module.symvers'), 'utf8'), '', 'nothing exported')
})

t.test('.modinfo has the order gcc gives it', async t => {
  const { build } = driverTree(t, { 'hello.ts': HELLO })
  const [hello] = (await build()).modules
  const module = image(hello?.file)

  t.match(tag(module, 'srcversion'), /^[0-9A-F]{23}$/)
  t.same(
    module.modinfo.filter(([name]) => name !== 'srcversion' && name !== 'retpoline'),
    [
      ['parm', 'whom:who'],
      ['parmtype', 'whom:charp'],
      ['custom', 'a field'],
      ['alias', 'hullo'],
      ['version', '1.2.3'],
      ['description', 'The smallest module'],
      ['author', 'Second Author'],
      ['author', 'Ada'],
      ['license', 'GPL'],
      ['depends', ''],
      ['name', 'hello'],
      ['vermagic', '6.1.0-test SMP preempt mod_unload modversions '],
    ],
  )
})

t.test('declared names that are used become undefined symbols', async t => {
  const { build } = driverTree(t, { 'hello.ts': HELLO })
  const module = image((await build()).modules[0]?.file)

  t.same(module.undefined.toSorted(), ['_printk', 'jiffies'])
  t.same(
    module.versions,
    new Map([
      ['module_layout', 1],
      ['_printk', 2],
      ['jiffies', 3],
    ]),
  )
  t.match(
    module.script,
    /^"use strict";var \{ Math(?:, \w+)* \} = globalThis;\n/,
    'globals become locals',
  )
  t.match(module.script, 'require("vmlinux:jiffies")')
})

t.test('the source map leads from a stack trace to the lines of the driver', async t => {
  const { build } = driverTree(t, { 'hello.ts': HELLO })
  const { script, sourceMap = '' } = image((await build()).modules[0]?.file)
  const parameters = ['require', 'module', 'exports', '__this_module']
  const run = compileFunction(script, parameters, { filename: 'hello.ko' })
  const self = { init: (): unknown => 0, modinfo: () => 0, param: () => 0 }
  let stack = ''
  const printk = (): void => {
    stack = new Error().stack ?? ''
  }
  run(() => ({ jiffies: 7, _printk: printk }), {}, {}, self)
  t.equal(self.init(), 0)

  const map = new SourceMap(JSON.parse(sourceMap))
  const places = [...stack.matchAll(/hello\.ko:(\d+):(\d+)/g)].map(([, line, column]) => {
    const place = map.findEntry(Number(line) - 1, Number(column) - 1)
    return 'originalLine' in place
      ? `${place.originalSource}:${place.originalLine + 1}`
      : ''
  })
  t.match(places, [/^include\/linux\/printk\.ts:\d+$/, 'src/hello.ts:10'])
})

t.test(
  'a second run does nothing until a source, a header or a setting changes',
  async t => {
    const { dir, build, lines } = driverTree(t, {
      'hello.ts': `${MODULE}import './part.ts'`,
      'part.ts': 'export const a = 1',
    })
    await build()
    const first = readFileSync(join(dir, 'hello.ko'))
    lines.length = 0

    t.equal((await build()).modules[0]?.rebuilt, false)
    t.same(lines, [])
    t.equal((await build({ force: true })).modules[0]?.rebuilt, true)
    t.ok(
      first.equals(readFileSync(join(dir, 'hello.ko'))),
      'the same sources give the same bytes',
    )

    writeFileSync(join(dir, 'part.ts'), 'export const a = 2; a')
    t.equal((await build()).modules[0]?.rebuilt, true)
    t.equal((await build({ release: '6.2.0' })).modules[0]?.rebuilt, true)
    rmSync(join(dir, 'hello.ko'))
    t.equal((await build({ release: '6.2.0' })).modules[0]?.rebuilt, true)
  },
)

t.test('time and chance are the same in each build', async t => {
  const { dir, build } = driverTree(t, {
    'hello.ts': `${MODULE}
      export let seed = Math.floor(Date.now() + Math.random() * 1e9 + Number(new Date()))
      export const said = Date()
      export const born = new Date(7).getTime()
      export function use() { seed++; return [said, born] }`,
  })
  await build()
  const first = readFileSync(join(dir, 'hello.ko'))
  t.equal((await build()).modules[0]?.rebuilt, false)
  await build({ force: true })
  t.ok(first.equals(readFileSync(join(dir, 'hello.ko'))))
})

t.test('modules of one build use each other', async t => {
  const { dir, build } = driverTree(t, {
    Kbuild: 'obj-m := symb.o syma.o\n',
    'syma.ts': SYMA,
    'symb.ts': SYMB,
  })
  const { modules, symvers } = await build()
  const [symb, syma] = modules.map(({ file }) => image(file))

  t.equal(symb && tag(symb, 'depends'), 'syma')
  t.same(symb?.undefined.toSorted(), ['count', 'foo'], 'unused symbols vanish')
  const [foo, count] = syma?.exports ?? []
  t.match(foo, { name: 'foo', gpl: false, namespace: '' })
  t.match(count, { name: 'count', gpl: true, namespace: '' })
  t.equal(symb?.versions.get('foo'), foo?.crc)
  t.equal(symvers, join(dir, 'Module.symvers'))
  t.match(
    readFileSync(symvers, 'utf8'),
    /^0x[0-9a-f]{8}\tfoo\tsyma\tEXPORT_SYMBOL\t\n0x[0-9a-f]{8}\tcount\tsyma\tEXPORT_SYMBOL_GPL\t\n$/,
  )
})

t.test('a changed signature rebuilds the modules that use it', async t => {
  const { dir, build } = driverTree(t, { 'syma.ts': SYMA, 'symb.ts': SYMB })
  await build()
  const rebuilt = async (): Promise<string[]> =>
    (await build()).modules.filter(one => one.rebuilt).map(one => one.name)
  t.same(await rebuilt(), [])

  writeFileSync(join(dir, 'syma.ts'), SYMA.replace('return a + 1', 'return a + 2'))
  t.same(await rebuilt(), ['syma'], 'a new body is no new signature')
  writeFileSync(join(dir, 'syma.ts'), SYMA.replace('a: number', 'a: string'))
  t.same(await rebuilt(), ['syma', 'symb'])
})

t.test('symbols of modules elsewhere come from KBUILD_EXTRA_SYMBOLS', async t => {
  const { dir, build } = driverTree(t, {
    'a/syma.ts': SYMA,
    'b/symb.ts': SYMB,
    Kbuild: '',
  })
  const at = (folder: string): { cwd: string; output: string } => ({
    cwd: dir,
    output: join(dir, folder),
  })
  writeFileSync(join(dir, 'Kbuild'), 'obj-m := a/')
  await build(at('outa'))
  writeFileSync(join(dir, 'Kbuild'), 'obj-m := b/')
  await t.rejects(build(at('outb')), {
    message: /"foo" \[outb\/b\/symb\.ko\] undefined!/,
  })
  const { modules } = await build({
    ...at('outb'),
    extraSymbols: ['outa/Module.symvers'],
  })
  const symb = image(modules[0]?.file)
  t.equal(tag(symb, 'depends'), 'syma')
})

t.test('a Kbuild file names objects, parts and folders', async t => {
  const { build, lines } = driverTree(t, {
    Kbuild:
      'obj-y := char/\nobj-m := own-name.o sub/ made/\nown-name-objs := main.o part.o\n',
    'main.ts': MODULE,
    'part.ts': 'export const p = 1\np',
    'char/mem.ts': MODULE,
    'char/not_a_module.ts': '// MODULE_LICENSE is only spoken of here',
    'sub/Kbuild': 'obj-m := inner.o',
    'sub/inner.ts': MODULE,
    'made/Makefile': 'obj-y := all.o',
    'made/all.ts': MODULE,
  })
  const { modules, builtin } = await build({ output: 'out' })
  t.same(
    modules.map(one => one.name),
    ['own_name', 'inner', 'all'],
  )
  t.same(
    builtin.map(one => one.name),
    ['mem'],
  )
  t.match(modules[0]?.file, /out\/own-name\.ko$/)
  t.equal(image(modules[0]?.file).name, 'own_name')
  t.equal(tag(image(builtin[0]?.file), 'intree'), 'Y')
  t.match(lines, [
    '  CC      out/char/mem.o',
    '  CC [M]  out/main.o',
    '  CC [M]  out/part.o',
  ])
})

t.test('mistakes in Kbuild files say where', async t => {
  const cases: [Record<string, string>, string | RegExp][] = [
    [
      { Kbuild: '\nobj-m := gone.o' },
      `Kbuild:2: error: No rule to make target 'gone.o': no file "gone.ts"`,
    ],
    [{ Kbuild: 'obj-m := gone/' }, 'Kbuild:1: error: No such folder: "gone"'],
    [
      { Kbuild: 'obj-m := a.ts' },
      'Kbuild:1: error: Cannot build "a.ts": neither an object (.o) nor a folder (/)',
    ],
    [
      { Kbuild: 'obj-m := a/ b/', 'a/x.ts': MODULE, 'b/x.ts': MODULE },
      'Cannot build "x" twice: in "a" and "b"',
    ],
    [
      { [`${'x'.repeat(56)}.ts`]: MODULE },
      /^Cannot build "x+": names of modules have at most 55 characters$/,
    ],
  ]
  for (const [files, message] of cases) {
    const { build } = driverTree(t, files)
    await t.rejects(build(), { name: 'KbuildError', message })
  }
})

t.test('without the list of kernel symbols the build says how to get it', async t => {
  const { build } = driverTree(t, { 'x.ts': MODULE })
  await t.rejects(build({ symvers: 'nosuch' }), {
    message:
      'Cannot read "nosuch": `npm run build` makes this list of the kernel\'s symbols',
  })
})
