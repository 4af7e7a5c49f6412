import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { Test } from 'tap'
import { encodeModinfo } from '../../src/elf/modinfo.ts'
import { writeElf } from '../../src/elf/writer.ts'
import { moduleImage } from '../harness/module_image.ts'
import { findTool, requireTool } from '../harness/require.ts'
import { runTool } from '../harness/tool.ts'

const IMAGE = writeElf({
  sections: [
    {
      name: '.modinfo',
      data: encodeModinfo([
        ['parm', 'p_int:an int (default -4)'],
        ['parmtype', 'p_int:int'],
        ['parmtype', 'p_ushort:ushort'],
        ['parmtype', 'p_arr:array of int'],
        ['parm', 'p_cb:without a type'],
        ['custom', 'a custom field'],
        ['a_very_long_tag_name', 'value'],
        ['alias', 'char-major-240-*'],
        ['alias', 'hullo'],
        ['description', 'The smallest module'],
        ['author', 'Second Author'],
        ['author', 'Ada Example <ada@example.org>'],
        ['license', 'GPL'],
        ['depends', ''],
        ['name', 'hello'],
        ['vermagic', '6.1.0-56-amd64 SMP preempt mod_unload modversions '],
      ]),
    },
  ],
  symbols: [],
})

/** A folder with a module, and files that are none. */
function modules(t: { testdir: typeof import('tap').testdir }): string {
  const dir = t.testdir({
    'text.ko': 'a text file, no more\n',
    'empty.ko': '',
    'x.ko': 'ELF',
  })
  writeFileSync(join(dir, 'hello.ko'), IMAGE)
  writeFileSync(join(dir, 'short.ko'), IMAGE.subarray(0, 63))
  writeFileSync(join(dir, 'trunc.ko'), IMAGE.subarray(0, IMAGE.length - 70))
  return dir
}

t.test('modinfo shows the fields in their order, then the parameters', async t => {
  const file = join(modules(t), 'hello.ko')
  const { status, out } = await runTool(['modinfo', file])
  t.equal(status, 0)
  t.equal(
    out,
    `filename:       ${file}\n` +
      'custom:         a custom field\n' +
      'a_very_long_tag_name:     value\n' +
      'alias:          char-major-240-*\n' +
      'alias:          hullo\n' +
      'description:    The smallest module\n' +
      'author:         Second Author\n' +
      'author:         Ada Example <ada@example.org>\n' +
      'license:        GPL\n' +
      'depends:        \n' +
      'name:           hello\n' +
      'vermagic:       6.1.0-56-amd64 SMP preempt mod_unload modversions \n' +
      'parm:           p_cb:without a type\n' +
      'parm:           p_arr:array of int\n' +
      'parm:           p_ushort:ushort\n' +
      'parm:           p_int:an int (default -4) (int)\n',
  )
})

t.test('modinfo shows what the host’s modinfo shows', async t => {
  if (!requireTool(t, 'modinfo')) return
  const dir = modules(t)
  const options = [
    '',
    '-a',
    '-d',
    '-l',
    '-p',
    '-n',
    '-0',
    '-p -0',
    '-F alias',
    '-F none',
    '-a -l -d',
    '-d -p',
  ]
  const files = [
    'text.ko',
    'short.ko',
    'trunc.ko',
    'empty.ko',
    'x.ko',
    './nosuch.ko',
    '.',
  ]
  const lines = [
    ...options.map(option => [...option.split(' ').filter(Boolean), 'hello.ko']),
    ...files.map(file => [file]),
    ['hello.ko', 'text.ko', 'hello.ko'],
  ]
  for (const line of lines) {
    const argv = line.map(word => (word.endsWith('.ko') ? join(dir, word) : word))
    const host = spawnSync(findTool('modinfo') ?? '', argv, { encoding: 'utf8' })
    const { status, out, err } = await runTool(['modinfo', ...argv], { root: dir })
    t.same(
      { status, out, err },
      { status: host.status, out: host.stdout, err: host.stderr },
      line.join(' '),
    )
  }
})

/** A tree with modules, some part of the kernel, and the indexes that depmod makes. */
async function tree(t: Test): Promise<string> {
  const root = t.testdir({
    proc: { sys: { kernel: { osrelease: '6.1.0-test\n' } } },
    lib: {
      modules: {
        '6.1.0-test': {
          extra: {},
          'modules.builtin': 'kernel/drivers/char/mem.ko\nkernel/net/af-unix.ko\n',
          'modules.builtin.modinfo':
            'mem.license=GPL\0mem.alias=char-major-1-*\0mem.parm=size:how much\0' +
            'mem.parmtype=size:int\0mem.bare\0af_unix.alias=net-pf-1\0mem.late=1\0',
        },
      },
    },
  })
  const folder = join(root, 'lib/modules/6.1.0-test')
  writeFileSync(join(folder, 'extra/hello.ko'), IMAGE)
  writeFileSync(
    join(folder, 'extra/with-dash.ko'),
    moduleImage({ exports: { dashed: 1 } }),
  )
  writeFileSync(
    join(folder, 'extra/other.ko'),
    moduleImage({ modinfo: [['alias', 'hullo']] }),
  )
  const { status, err } = await runTool(['depmod', '-b', root, '6.1.0-test'])
  t.same({ status, err }, { status: 0, err: WARNING_OF_ORDER.replace('%', folder) })
  return root
}

const WARNING_OF_ORDER =
  'depmod: WARNING: could not open modules.order at %: No such file or directory\n'

t.test('modinfo looks a name up in the machine', async t => {
  const root = await tree(t)
  const folder = join(root, 'lib/modules/6.1.0-test')
  const where = async (...argv: string[]) =>
    (await runTool(['modinfo', '-n', ...argv], { root })).out

  t.equal(await where('hello'), `${folder}/extra/hello.ko\n`)
  t.equal(await where('with_dash'), `${folder}/extra/with-dash.ko\n`)
  t.equal(await where('mem'), '(builtin)\n')
  t.same(await runTool(['modinfo', 'nosuch'], { root }), {
    status: 1,
    out: '',
    err: 'modinfo: ERROR: Module nosuch not found.\n',
  })
  t.equal(
    (await runTool(['modinfo'])).err,
    'modinfo: ERROR: missing module or filename.\n',
  )
})

t.test('modinfo finds names and aliases as the host’s modinfo does', async t => {
  if (!requireTool(t, 'modinfo')) return
  const root = await tree(t)
  const where = ['-b', root, '-k', '6.1.0-test']
  const operands = [
    'hello',
    'with-dash',
    'with_dash',
    'hullo',
    'char-major-240-7',
    'char_major_240_*',
    'char-major-1-3',
    'net-pf-1',
    'symbol:dashed',
    'mem',
    'af_unix',
    'af-unix',
    'nosuch',
    'bad[',
    '',
    'extra/hello.ko',
  ]
  for (const operand of operands) {
    for (const options of [[], ['-n'], ['-m'], ['-F', 'name'], ['-p'], ['-0']]) {
      await compare(t, [...where, ...options, operand])
    }
  }
  await compare(t, [...where, 'hello', 'nosuch', 'mem'])
  await compare(t, ['-b', `${root}/.`, '-k', '6.1.0-test', 'hello'])
  await compare(t, ['-b', root, '-k', '9.9.9', 'hello'])
})

t.test('modinfo reads compressed modules as the host’s modinfo does', async t => {
  if (!requireTool(t, 'modinfo') || !requireTool(t, 'xz') || !requireTool(t, 'zstd'))
    return
  const dir = modules(t)
  for (const [program, extension] of [
    ['xz', 'xz'],
    ['zstd', 'zst'],
  ] as const) {
    const packed = spawnSync(program, ['-c'], { input: IMAGE }).stdout
    writeFileSync(join(dir, `hello.ko.${extension}`), packed)
    writeFileSync(join(dir, `bad.ko.${extension}`), packed.subarray(0, -40))
    writeFileSync(join(dir, `misnamed-${extension}.ko`), packed)
    await compare(t, [join(dir, `hello.ko.${extension}`)])
    await compare(t, [join(dir, `misnamed-${extension}.ko`)])
    const bad = await runTool(['modinfo', join(dir, `bad.ko.${extension}`)])
    t.match(bad, { status: 1, err: "could not get modinfo from 'bad'" })
  }
  // The host's is built without zlib.
  writeFileSync(join(dir, 'hello.ko.gz'), gzipSync(IMAGE))
  const { out } = await runTool(['modinfo', '-F', 'license', join(dir, 'hello.ko.gz')])
  t.equal(out, 'GPL\n')
})

t.test('modinfo shows who signed a module as the host’s modinfo does', async t => {
  if (!requireTool(t, 'modinfo') || !requireTool(t, 'openssl')) return
  const dir = modules(t)
  const openssl = (line: string) => {
    const argv = line.split(' ')
    const { status, stderr } = spawnSync('openssl', argv, { cwd: dir, encoding: 'utf8' })
    t.equal(status, 0, stderr)
  }
  openssl(
    'req -x509 -newkey rsa:2048 -nodes -keyout key -out cert ' +
      '-subj /O=modbox/CN=Testers/OU=tests -set_serial 0xf1e2d3c4b5a697',
  )
  for (const digest of ['sha1', 'sha256', 'sha512']) {
    openssl(
      'cms -sign -in hello.ko -binary -nocerts -noattr -outform DER -out sig ' +
        `-signer cert -inkey key -md ${digest}`,
    )
    const signature = readFileSync(join(dir, 'sig'))
    writeFileSync(join(dir, 'signed.ko'), signed(signature, [0, 0, 2, 0, 0]))
    await compare(t, [join(dir, 'signed.ko')])
    await compare(t, ['-F', 'sig_key', join(dir, 'signed.ko')])
    writeFileSync(
      join(dir, 'cut.ko'),
      signed(signature.subarray(0, 300), [0, 0, 2, 0, 0]),
    )
    await compare(t, [join(dir, 'cut.ko')])
  }
  const old = Buffer.from('Signerkey:by hand, of more than twenty bytes')
  writeFileSync(join(dir, 'old.ko'), signed(old, [1, 4, 1, 6, 4], 34))
  await compare(t, [join(dir, 'old.ko')])
  writeFileSync(join(dir, 'odd.ko'), signed(old, [1, 9, 1, 6, 4], 34))
  await compare(t, [join(dir, 'odd.ko')])
  writeFileSync(join(dir, 'long.ko'), signed(old, [1, 4, 1, 6, 4], 1 << 20))
  await compare(t, [join(dir, 'long.ko')])
})

/** The module with a signature behind it: `kinds` are algorithm, hash, type and two lengths. */
function signed(signature: Buffer, kinds: number[], size = signature.length): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(size)
  const trailer = Buffer.concat([Buffer.from([...kinds, 0, 0, 0]), length])
  const magic = Buffer.from('~Module signature appended~\n')
  return Buffer.concat([IMAGE, signature, trailer, magic])
}

t.test('modinfo reports what makes no sense as the host’s modinfo does', async t => {
  if (!requireTool(t, 'modinfo')) return
  const dir = modules(t)
  const odd = moduleImage({
    modinfo: [
      ['parm', 'no colon'],
      ['parmtype', 'x:int'],
      ['bare', ''],
    ],
  })
  writeFileSync(join(dir, 'odd.ko'), odd)
  writeFileSync(join(dir, 'none.ko'), writeElf({ sections: [], symbols: [] }))
  writeFileSync(join(dir, 'elf32.ko'), IMAGE.with(4, 1))
  writeFileSync(join(dir, 'order.ko'), IMAGE.with(5, 3))
  for (const name of ['odd', 'none', 'elf32', 'order']) {
    await compare(t, [join(dir, `${name}.ko`)])
    await compare(t, ['-p', join(dir, `${name}.ko`)])
  }
  await compare(t, ['-x'])
  await compare(t, ['--nonsense'])
  await compare(t, ['-F'])
})

/** Our modinfo and the host's have to print the same. */
async function compare(t: Test, argv: string[]): Promise<void> {
  const env = { LC_ALL: 'C' }
  const host = spawnSync(findTool('modinfo') ?? '', argv, { encoding: 'utf8', env })
  const { status, out, err } = await runTool(['modinfo', ...argv])
  const theirs = host.stderr.replaceAll(
    /^.*modinfo: (?=invalid|unrec|option)/gm,
    'modinfo: ',
  )
  t.same(
    { status, out, err },
    { status: host.status, out: host.stdout, err: theirs },
    argv.join(' '),
  )
}
