// The judges of our .ko files: binutils and kmod.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { readModule } from '../../src/elf/module_image.ts'
import { driverTree } from '../harness/driver_tree.ts'
import { findTool, requireTool } from '../harness/require.ts'

const SOURCE = `import { EXPORT_SYMBOL, EXPORT_SYMBOL_GPL, MODULE_AUTHOR, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { MODULE_PARM_DESC, module_param } from '#linux/moduleparam'
import { pr_info } from '#linux/printk'
MODULE_LICENSE('GPL')
MODULE_AUTHOR('Ada Example <ada@example.org>')
const n = module_param('n', 'int', 1, 0o644)
MODULE_PARM_DESC('n', 'how many')
export function foo(): number { return n.value }
EXPORT_SYMBOL(foo)
export function bar(): number { return foo() }
EXPORT_SYMBOL_GPL(bar)
function hello_init(): number { pr_info('hi\\n'); return 0 }
module_init(hello_init)
module_exit(function hello_exit() {})
`

const VARIABLES = `import { EXPORT_SYMBOL, MODULE_LICENSE, module_init } from '#linux/module'
import { EINVAL } from '#linux/errno'
import { no_llseek } from '#linux/fs'
import { module_param } from '#linux/moduleparam'
import { pr_info } from '#linux/printk'
MODULE_LICENSE('GPL')
const limit = 7
let count = 0, last: number
let mask = -2n
const whom = module_param('whom', 'charp', 'Horatio', 0o644)
const howmany = module_param('howmany', 'int', 0, 0o644)
const seek = no_llseek
const fops = { llseek: seek }
const table = Uint8Array.of(1, 2, 3, 4)
const big = new Uint8Array(20000)
const helper = (n: number): number => n + limit
class dev {}
export let shared = 41
EXPORT_SYMBOL(shared)
export let nothing = null
EXPORT_SYMBOL(nothing)
module_init(() => {
  count += 1
  last = helper(count)
  mask &= 3n
  pr_info('%d', last, mask, whom, howmany, fops, table, big, new dev())
  return count ? 0 : -EINVAL
})
`

async function builtModule(t: Test): Promise<{ dir: string; file: string }> {
  const { dir, build } = driverTree(t, { 'hello.ts': SOURCE })
  const [module] = (await build()).modules
  return { dir, file: module?.file ?? '' }
}

/** What the tool prints; it must succeed and complain of nothing. */
function run(t: Test, tool: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(findTool(tool) ?? tool, args, {
    encoding: 'utf8',
  })
  t.equal(stderr, '', `${tool} complains of nothing`)
  t.equal(status, 0)
  return stdout
}

t.test('readelf reads everything without a warning', async t => {
  if (!requireTool(t, 'readelf')) return
  const { file } = await builtModule(t)
  const out = run(t, 'readelf', '-a', '-W', file)

  t.match(out, /Type: +REL \(Relocatable file\)/)
  t.match(out, /Build ID: [0-9a-f]{40}/)
  for (const section of [
    '.modinfo',
    '__versions',
    '__ksymtab',
    '__ksymtab_gpl',
    '__param',
    '.text',
    '.init.text',
    '.exit.text',
    '.rodata.str1.1',
    '.init.data',
    '.script',
  ]) {
    t.match(out, new RegExp(`\\] ${section.replace('.', '\\.')} +PROGBITS`), section)
  }
  t.match(out, /\.gnu\.linkonce\.this_module PROGBITS +0{16} [0-9a-f]+ 000400/)
})

t.test('nm shows entry points, exports and what is missing', async t => {
  if (!requireTool(t, 'nm')) return
  const { file } = await builtModule(t)
  const symbols = run(t, 'nm', file)
    .split('\n')
    .map(line => line.slice(17))
  for (const symbol of [
    'U _printk',
    'T init_module',
    'T cleanup_module',
    'D __this_module',
    'T foo',
    'T bar',
    't hello_init',
    'r __crc_foo',
    'r __ksymtab_foo',
    'r __kstrtab_foo',
    'r __kstrtabns_foo',
    'r __param_n',
  ]) {
    t.ok(symbols.includes(symbol), symbol)
  }
})

t.test('nm tells variables from constants, and those that start as zero', async t => {
  if (!requireTool(t, 'nm') || !requireTool(t, 'readelf')) return
  const { dir, build } = driverTree(t, { 'data.ts': VARIABLES })
  await build()
  const lines = run(t, 'nm', '-S', join(dir, 'data.ko')).split('\n')
  const known = new Map(
    lines.map(line => [line.slice(36), `${line.slice(34, 35)} ${line.slice(17, 33)}`]),
  )
  const eight = '0000000000000008'
  for (const [name, expected] of Object.entries({
    limit: `r ${eight}`,
    count: `b ${eight}`,
    last: `b ${eight}`,
    mask: `d ${eight}`,
    whom: `d ${eight}`,
    howmany: `b ${eight}`,
    fops: `d ${eight}`,
    seek: `d ${eight}`,
    shared: `D ${eight}`,
    nothing: `B ${eight}`,
    table: 'd 0000000000000004',
    big: 'b 0000000000004e20',
  })) {
    t.equal(known.get(name), expected, name)
  }
  t.match(known.get('helper'), /^t /, 'a function, however it is written')
  t.match(known.get('dev'), /^t /, 'a class is code')
  t.equal(known.get('EINVAL'), undefined, 'what a header has is a macro')
  const hex = run(t, 'readelf', '-x', '.data', join(dir, 'data.ko'))
  t.match(hex, / feffffff ffffffff /, 'first values')
  t.match(hex, /01020304/)
})

t.test('readelf -p shows the messages', async t => {
  if (!requireTool(t, 'readelf')) return
  const { file } = await builtModule(t)
  t.match(run(t, 'readelf', '-p', '.rodata.str1.1', file), / hi/)
})

t.test('strip -g takes the source map away and nothing else', async t => {
  if (!requireTool(t, 'strip')) return
  const { dir, file } = await builtModule(t)
  const stripped = join(dir, 'stripped.ko')
  run(t, 'strip', '-g', '-o', stripped, file)

  const { sourceMap, ...before } = readModule(readFileSync(file))
  const after = readModule(readFileSync(stripped))
  t.type(sourceMap, 'string')
  t.equal(after.sourceMap, undefined)
  for (const key of [
    'name',
    'modinfo',
    'versions',
    'undefined',
    'exports',
    'script',
  ] as const) {
    t.same(after[key], before[key], key)
  }
})

t.test('objdump lists the sections', async t => {
  if (!requireTool(t, 'objdump')) return
  const { file } = await builtModule(t)
  t.match(run(t, 'objdump', '-h', file), /\.init\.text .*\n.*CODE/)
})

t.test("objcopy gives a section's bytes as they are", async t => {
  if (!requireTool(t, 'objcopy')) return
  const { dir, file } = await builtModule(t)
  const out = join(dir, 'modinfo')
  run(t, 'objcopy', '-O', 'binary', '--only-section=.modinfo', file, out)
  t.match(
    readFileSync(out, 'latin1'),
    /\0author=Ada Example <ada@example\.org>\0license=GPL\0/,
  )
})

t.test("kmod's modinfo prints what Linux's modules print", async t => {
  if (!requireTool(t, 'modinfo')) return
  const { file } = await builtModule(t)
  const retpoline = process.arch === 'x64' ? ['retpoline:      Y'] : []
  t.same(run(t, 'modinfo', file).split('\n'), [
    `filename:       ${file}`,
    'author:         Ada Example <ada@example.org>',
    'license:        GPL',
    'depends:        ',
    ...retpoline,
    'name:           hello',
    'vermagic:       6.1.0-test SMP preempt mod_unload modversions ',
    'parm:           n:how many (int)',
    '',
  ])
})

t.test('depmod finds dependencies and checks symbols', async t => {
  if (!requireTool(t, 'depmod')) return
  const { dir, build } = driverTree(t, {
    'hello.ts': SOURCE,
    'user.ts': `import { MODULE_LICENSE, module_init } from '#linux/module'
MODULE_LICENSE('GPL')
declare function foo(): number
module_init(() => foo())`,
  })
  await build()
  const root = join(dir, 'root')
  const modules = join(root, 'lib/modules/6.1.0-test')
  mkdirSync(modules, { recursive: true })
  for (const name of ['hello.ko', 'user.ko']) cpSync(join(dir, name), join(modules, name))
  for (const name of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
    execFileSync('touch', [join(modules, name)])
  }

  run(t, 'depmod', '-b', root, '-e', '-E', join(dir, '..', 'symvers'), '6.1.0-test')
  t.equal(
    readFileSync(join(modules, 'modules.dep'), 'utf8'),
    'hello.ko:\nuser.ko: hello.ko\n',
  )
})

t.test('strip --strip-unneeded keeps what a module needs', async t => {
  if (!requireTool(t, 'strip')) return
  const { dir, file } = await builtModule(t)
  const stripped = join(dir, 'stripped.ko')
  run(t, 'strip', '--strip-unneeded', '-o', stripped, file)

  const before = readModule(readFileSync(file))
  const after = readModule(readFileSync(stripped))
  for (const key of ['name', 'modinfo', 'versions', 'undefined', 'exports'] as const) {
    t.same(after[key], before[key], key)
  }
  const globals = after.symbols.filter(({ global }) => global).map(({ name }) => name)
  t.same(globals.toSorted(), [
    '__this_module',
    'bar',
    'cleanup_module',
    'foo',
    'init_module',
  ])
})

t.test('ld -r makes of .o and .mod.o what kbuild makes', async t => {
  if (!requireTool(t, 'ld')) return
  const { dir, file } = await builtModule(t)
  const linked = join(dir, 'linked.ko')
  const parts = ['hello.o', 'hello.mod.o'].map(name => join(dir, name))
  run(t, 'ld', '-r', '-o', linked, ...parts)

  const ours = readModule(readFileSync(file))
  const theirs = readModule(readFileSync(linked))
  for (const key of [
    'name',
    'modinfo',
    'versions',
    'undefined',
    'exports',
    'script',
  ] as const) {
    t.same(theirs[key], ours[key], key)
  }
})

t.test('the notes are those of Linux', async t => {
  if (!requireTool(t, 'readelf')) return
  const { file } = await builtModule(t)
  const { notes } = readModule(readFileSync(file))
  t.same(
    notes.map(({ name, data }) => [name, data.length]),
    [
      ['.note.gnu.build-id', 36],
      ['.note.Linux', 24 + 20 + 12],
    ],
    'the release, 6.1.0-test, takes twelve bytes',
  )
  t.match(run(t, 'readelf', '-n', '-W', file), /Linux +0x0000000b/)
})

t.test("kmod's modprobe reads exports, versions and compressed modules", async t => {
  if (!requireTool(t, 'modprobe') || !requireTool(t, 'xz') || !requireTool(t, 'zstd'))
    return
  const { file } = await builtModule(t)
  const [foo, bar] = readModule(readFileSync(file)).exports
  const hex = (crc = 0): string => `0x${crc.toString(16).padStart(8, '0')}`
  const shown = [`${hex(foo?.crc)}\tfoo`, `${hex(bar?.crc)}\tbar`].toSorted()
  run(t, 'xz', '-k', file)
  run(t, 'zstd', '-q', file)
  for (const suffix of ['', '.xz', '.zst']) {
    const out = run(t, 'modprobe', '--show-exports', file + suffix)
    t.same(out.split('\n').slice(0, -1).toSorted(), shown, `hello.ko${suffix}`)
    t.match(run(t, 'modinfo', '-F', 'license', file + suffix), 'GPL')
  }
  const versions = run(t, 'modprobe', '--show-modversions', file)
  t.match(versions, '0x00000001\tmodule_layout\n')
})
