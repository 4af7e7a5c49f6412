import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { EINVAL, ENOENT, ENOEXEC } from '../../src/include/uapi/errno.ts'
import { hashOrder, superfastHash } from '../../src/kmod/hash_order.ts'
import { modinfoOf, readModuleElf, readModuleFile } from '../../src/kmod/module_file.ts'
import { isModulePath, pathToModname } from '../../src/kmod/module_path.ts'
import { exportedSymbols, neededSymbols } from '../../src/kmod/module_symbols.ts'
import { moduleImage } from '../harness/module_image.ts'
import { findTool, requireTool } from '../harness/require.ts'

const IMAGE = moduleImage({
  modinfo: [['license', 'GPL']],
  exports: { foo: 0x12345678, bar: 0xffffffff },
  needs: { module_layout: 1, printk: 2 },
})

/** The error number that `read` throws; undefined if it throws none. */
async function errnoOf(read: () => unknown): Promise<unknown> {
  try {
    await read()
    return undefined
  } catch (error) {
    return error instanceof Error && 'errno' in error ? error.errno : error
  }
}

t.test('a compressed module is read by what it begins with, not by its name', async t => {
  const dir = t.testdir()
  const packed: Record<string, Uint8Array> = { plain: IMAGE, gz: gzipSync(IMAGE) }
  for (const program of ['xz', 'zstd']) {
    if (findTool(program)) {
      packed[program] = spawnSync(program, ['-c'], { input: IMAGE }).stdout
    }
  }
  for (const [name, bytes] of Object.entries(packed)) {
    const path = join(dir, `${name}.ko`)
    writeFileSync(path, bytes)
    t.same(Buffer.from(await readModuleFile(path)), Buffer.from(IMAGE), name)
    if (name === 'plain') continue
    writeFileSync(path, bytes.subarray(0, bytes.length >> 1))
    t.equal(await errnoOf(() => readModuleFile(path)), EINVAL, `${name}, cut`)
  }
})

t.test('.ko.xz and .ko.zst are those that xz and zstd make', async t => {
  if (!requireTool(t, 'xz') || !requireTool(t, 'zstd')) return
  const dir = t.testdir()
  const big = Buffer.alloc(3_000_000, 'all modules are alike ')
  for (const command of ['xz -9', 'xz --check=crc32 -1', 'zstd -19', 'zstd --no-check']) {
    const [program = '', ...argv] = command.split(' ')
    const path = join(dir, 'big.ko')
    writeFileSync(path, spawnSync(program, [...argv, '-c'], { input: big }).stdout)
    t.ok(big.equals(await readModuleFile(path)), command)
  }
})

t.test('what is no module has the error that libkmod gives', async t => {
  const dir = t.testdir({ short: 'ELF', text: 'a text file, no more' })
  t.equal(
    await errnoOf(() => readModuleFile(join(dir, 'nosuch'))),
    -ENOENT,
    "as fs's own",
  )
  t.equal(await errnoOf(() => readModuleFile(join(dir, 'short'))), EINVAL)
  const text = await readModuleFile(join(dir, 'text'))
  t.equal(await errnoOf(() => readModuleElf(text)), ENOEXEC)
  t.equal(await errnoOf(() => readModuleElf(IMAGE.subarray(0, 63))), EINVAL)
  t.equal(await errnoOf(() => readModuleElf(IMAGE.with(4, 1))), EINVAL, '32 bits')
  const elf = readModuleElf(IMAGE)
  t.same(modinfoOf(elf), [['license', 'GPL']])
  const silent = { ...elf, section: () => undefined }
  t.equal(await errnoOf(() => modinfoOf(silent)), ENOENT)
})

t.test(
  'symbols come with their versions, what only __versions knows comes last',
  async t => {
    const elf = readModuleElf(IMAGE)
    t.same(exportedSymbols(elf), [
      { name: 'foo', crc: 0x12345678n },
      { name: 'bar', crc: 0xffffffffn },
    ])
    t.same(neededSymbols(elf), [
      { name: 'module_layout', crc: 1n, weak: false },
      { name: 'printk', crc: 2n, weak: false },
    ])
  },
)

t.test('a path says what the module is called', async t => {
  t.equal(pathToModname('/lib/modules/x/with-dash.ko.xz'), 'with_dash')
  t.equal(pathToModname('g.x.ko'), 'g')
  t.ok(isModulePath('a.ko.zst'))
  t.notOk(isModulePath('.ko'))
  t.notOk(isModulePath('a.kox'))
})

t.test('the order of a hash table is that of buckets, then of bytes', async t => {
  t.equal(superfastHash(Buffer.from('')), 0)
  t.same(hashOrder(['b', 'a', 'b'], 1), ['a', 'b'])
  // As kmod 30 lists modules of these names.
  t.same(hashOrder(['a', 'ab', 'abc', 'abcd', 'abcdefg'], 512), [
    'abcd',
    'ab',
    'a',
    'abc',
    'abcdefg',
  ])
})
