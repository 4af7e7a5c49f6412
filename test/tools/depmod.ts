import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { Test } from 'tap'
import { moduleImage } from '../harness/module_image.ts'
import type { ModuleSpec } from '../harness/module_image.ts'
import { findTool, requireTool } from '../harness/require.ts'
import { runTool } from '../harness/tool.ts'

const RELEASE = '6.1.0-test'

/** Files below lib/modules/<release>: text, bytes, or a module to make. */
type Tree = Record<string, string | Uint8Array | ModuleSpec>

/** The folder that holds lib/modules/<release> with `tree`. */
function plant(root: string, tree: Tree): string {
  for (const [path, content] of Object.entries(tree)) {
    const file = join(root, 'lib/modules', RELEASE, path)
    mkdirSync(dirname(file), { recursive: true })
    const raw = typeof content === 'string' || content instanceof Uint8Array
    writeFileSync(file, raw ? content : moduleImage(content))
  }
  return root
}

interface Outcome {
  status: number | null
  out: string
  err: string
  files: Record<string, string>
}

/** Run depmod: ours and the host's on two copies of one tree, which must end up alike. */
async function compare(
  t: Test,
  tree: Tree,
  argv: readonly string[] = [],
  prepare: (root: string) => void = () => {},
): Promise<Outcome> {
  const dir = t.testdir({ theirs: {}, ours: {} })
  const outcomes: Outcome[] = []
  for (const who of ['theirs', 'ours']) {
    const home = join(dir, 'root')
    rmSync(home, { recursive: true, force: true })
    plant(home, tree)
    prepare(home)
    const words = ['-b', home, ...argv.map(word => word.replace('%', home))]
    const ran = who === 'theirs' ? theirs(words) : await ours(words)
    outcomes.push({ ...ran, files: indexes(home) })
  }
  const [expected, actual] = outcomes
  t.same(actual, expected, `depmod ${argv.join(' ')}`)
  return actual as Outcome
}

function theirs(words: string[]): Omit<Outcome, 'files'> {
  const ran = spawnSync(findTool('depmod') ?? '', words, {
    encoding: 'utf8',
    env: { LC_ALL: 'C' },
  })
  // With -vv the library tells of its own life, too.
  const err = ran.stderr.replace(/^depmod: INFO: \.\.\/libkmod\/libkmod\.c.*\n/gm, '')
  return { status: ran.status, out: ran.stdout, err }
}

async function ours(words: string[]): Promise<Omit<Outcome, 'files'>> {
  return await runTool(['depmod', ...words])
}

/** What depmod has left, with nothing temporary among it. */
function indexes(root: string): Record<string, string> {
  const folder = join(root, 'lib/modules', RELEASE)
  if (!existsSync(folder)) return {}
  const names = readdirSync(folder).filter(name => name.startsWith('modules.'))
  return Object.fromEntries(
    names
      .toSorted()
      .map(name => [name, readFileSync(join(folder, name)).toString('latin1')]),
  )
}

const SYMBOLS: Tree = {
  'modules.order': 'kernel/symb.ko\nkernel/syma.ko\n',
  'modules.builtin': 'kernel/drivers/char/mem.ko\nkernel/net/unix/af-unix.ko\n',
  'modules.builtin.modinfo':
    'mem.license=GPL\0mem.alias=char-major-1-*\0unix.alias=net-pf-1\0unix.alias=bad[\0',
  'kernel/syma.ko': {
    modinfo: [
      ['alias', 'oracle-a'],
      ['license', 'GPL'],
    ],
    exports: { foo: 0x12345678, bar: 0xffffffff },
  },
  'kernel/symb.ko': {
    modinfo: [
      ['alias', 'char-major-243-*'],
      ['alias', 'pci:v*d[0-9A-F]*-x'],
      ['alias', 'oracle-a'],
    ],
    needs: { module_layout: 1, printk: 2, foo: 0x12345678 },
  },
  'extra/symc.ko': {
    modinfo: [
      ['alias', 'devname:oracle/symc'],
      ['alias', 'char-major-10-200'],
      ['softdep', 'pre: symb post: hi'],
    ],
    needs: { bar: 7, baz: 3, printk: 2 },
  },
  'extra/with-dash.ko': { exports: { baz: 3, foobar: 1 }, needs: { foo: 0x12345678 } },
  'extra/nodev.ko': { modinfo: [['alias', 'devname:lonely']] },
}

t.test('depmod writes what kmod’s depmod writes', async t => {
  if (!requireTool(t, 'depmod')) return
  const { files } = await compare(t, SYMBOLS, [RELEASE])
  t.equal(Object.keys(files).length, 13)
  t.match(files['modules.dep'], 'extra/symc.ko: extra/with-dash.ko kernel/syma.ko\n')
  await compare(t, SYMBOLS, ['-n', RELEASE])
  await compare(t, SYMBOLS, ['-v', RELEASE])
  await compare(t, SYMBOLS, ['-vv', RELEASE])
  await compare(t, SYMBOLS, ['-w', RELEASE])
  await compare(t, SYMBOLS, ['-a', RELEASE])
})

/** Many modules, each of which needs some of those before it. */
function forest(count: number): Tree {
  const tree: Tree = {}
  for (let i = 0; i < count; i++) {
    const needed = [i - 1, i - 7, Math.floor(i / 2), i - 13].filter(n => n >= 0 && n < i)
    tree[`kernel/d${i % 5}/mod_${i * 7919}.ko`] = {
      modinfo: [
        ['alias', `pci:v${i}d*`],
        ['alias', `of:N*T*Cvendor,dev-${i % 9}`],
      ],
      exports: { [`fn_${i}`]: i, [`other_${i}_${i * i}`]: i },
      needs: Object.fromEntries(needed.map(n => [`fn_${n}`, n])),
    }
  }
  return tree
}

t.test(
  'depmod orders many modules as kmod does, with and without modules.order',
  async t => {
    if (!requireTool(t, 'depmod')) return
    const tree = forest(61)
    await compare(t, tree, [RELEASE])
    const order = Object.keys(tree)
      .filter((_, at) => at % 3 !== 0)
      .toReversed()
    await compare(t, { ...tree, 'modules.order': `${order.join('\n')}\n` }, [RELEASE])
    await compare(t, { ...tree, 'modules.order': order.join('\n') }, [RELEASE])
    const twice = [...order, ...order.slice(0, 5)]
    await compare(t, { ...tree, 'modules.order': `${twice.join('\n')}\n` }, [RELEASE])
  },
)

t.test('depmod takes the module that counts, of several of one name', async t => {
  if (!requireTool(t, 'depmod')) return
  const tree: Tree = {
    'modules.order': 'kernel/a.ko\nkernel/b.ko\n',
    'kernel/a.ko': { exports: { one: 1 } },
    'extra/a.ko': { exports: { two: 2 } },
    'updates/a.ko': { exports: { three: 3 } },
    'updates/deep/b.ko': { needs: { three: 3 } },
    'kernel/b.ko': { needs: { one: 1 } },
    'build/c.ko': {},
    'source/d.ko': {},
    'skipped/e.ko': {},
    '.hidden/f.ko': {},
    'kernel/not-a-module.kox': 'x',
    'kernel/.ko': {},
    'kernel/g.x.ko': {},
  }
  await compare(t, tree, [RELEASE])
  const configs = [
    'search extra updates\n',
    'search updates built-in extra\n',
    'search built-in\n',
    'search extra\nsearch kernel\nexclude skipped deep\n',
    `override a * extra\noverride b ${RELEASE} kernel\n`,
    'override a ^6\\.1 kernel\noverride b 5.10 kernel\n',
    '# a comment\n\nnonsense here\noverride a *\nmake_map_files yes\n',
    'search extra \\\nupdates\n',
    `external * %/ext\nsearch external updates\n`,
    `external * %/ext\nsearch updates external\n`,
    `external ^5 %/ext\nsearch external\n`,
    `external * %/nowhere\n`,
  ]
  for (const config of configs) {
    const { files } = await compare(
      t,
      tree,
      ['-vv', '-C', '%/my.conf', RELEASE],
      root => {
        writeFileSync(join(root, 'my.conf'), config.replaceAll('%', root))
        mkdirSync(join(root, 'ext'))
        writeFileSync(join(root, 'ext/a.ko'), moduleImage({ exports: { four: 4 } }))
        writeFileSync(join(root, 'ext/h.ko'), moduleImage({ needs: { four: 4 } }))
      },
    )
    t.ok(files['modules.dep'], config)
  }
  await compare(t, tree, ['-vv', '-C', '%/conf.d', '-C', '%/none', RELEASE], root => {
    mkdirSync(join(root, 'conf.d/sub.conf'), { recursive: true })
    writeFileSync(join(root, 'conf.d/10.conf'), 'search extra\n')
    writeFileSync(join(root, 'conf.d/05.conf'), 'search kernel\n')
    writeFileSync(join(root, 'conf.d/note.txt'), 'search nothing\n')
  })
})

t.test('depmod reports cycles, and writes nothing', async t => {
  if (!requireTool(t, 'depmod')) return
  const needs = (...names: string[]) => Object.fromEntries(names.map(name => [name, 1]))
  const ring = (names: string[]): Tree =>
    Object.fromEntries(
      names.map((name, at) => [
        `${name}.ko`,
        { exports: { [name]: 1 }, needs: needs(names[(at + 1) % names.length] ?? '') },
      ]),
    )
  const free: Tree = { 'free.ko': { exports: { free: 1 } } }
  for (const tree of [
    ring(['a', 'b']),
    ring(['mod_loop_a', 'mod_loop_b', 'mod_loop_c']),
    { ...ring(['a', 'b', 'c']), ...ring(['d', 'e']), ...free },
    { ...ring(['a', 'b']), 'user.ko': { needs: needs('a', 'free') }, ...free },
  ]) {
    const { status, err, files } = await compare(t, tree, [RELEASE])
    t.match({ status, err }, { status: 1, err: 'depmod: ERROR: Cycle detected: ' })
    t.same(files, {})
  }
})

t.test('depmod reports symbols that are unknown or differ', async t => {
  if (!requireTool(t, 'depmod')) return
  const symvers =
    '0x00000001\tmodule_layout\tvmlinux\tEXPORT_SYMBOL\t\n' +
    '0x00000002\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n' +
    '0x00000003\tnot_here\tdrivers/x\tEXPORT_SYMBOL\t\n' +
    '0xzz\tbad\tvmlinux\tEXPORT_SYMBOL\t\nshort line\n'
  const map =
    'ffffffff81000000 T _text\nffffffff81a00000 r __ksymtab_printk\n' +
    'ffffffff81a00010 r __ksymtab_gpl_only\nnonsense\n'
  const prepare = (root: string) => {
    writeFileSync(join(root, 'Module.symvers'), symvers)
    writeFileSync(join(root, 'System.map'), map)
    writeFileSync(join(root, 'empty'), '')
  }
  for (const argv of [
    ['-e', '-E', '%/Module.symvers'],
    ['-E', '%/Module.symvers'],
    ['-e', '-F', '%/System.map'],
    ['-F', '%/System.map'],
    ['-e', '-F', '%/System.map', '-E', '%/Module.symvers'],
    ['-e', '-F', '%/empty'],
    ['-e', '-P', '_', '-F', '%/System.map'],
    ['-e', '-P', 'f', '-F', '%/System.map'],
    ['-e'],
    ['-e', '-E', '%/nosuch'],
    ['-F', '%/nosuch'],
  ]) {
    await compare(t, SYMBOLS, [...argv, RELEASE], prepare)
  }
})

t.test('depmod goes on after a file that is no module', async t => {
  if (!requireTool(t, 'depmod')) return
  const good = moduleImage({ exports: { good: 1 } })
  const tree: Tree = {
    'modules.order': '',
    'modules.builtin': '7bad line\n\nkernel/ok.ko\n',
    'text.ko': 'no more than a text file\n',
    'empty.ko': '',
    'short.ko': 'ELF',
    'cut.ko': good.subarray(0, good.length - 70),
    'good.ko': good,
    'user.ko': { needs: { good: 1 } },
  }
  const { err } = await compare(t, tree, [RELEASE], root => {
    symlinkSync('nowhere', join(root, 'lib/modules', RELEASE, 'build'))
    symlinkSync('good.ko', join(root, 'lib/modules', RELEASE, 'link.ko'))
  })
  t.match(err, 'text.ko: Exec format error')
})

t.test('depmod reads compressed modules', async t => {
  if (!requireTool(t, 'depmod') || !requireTool(t, 'xz') || !requireTool(t, 'zstd'))
    return
  const pack = (program: string, spec: ModuleSpec) =>
    spawnSync(program, ['-c'], { input: moduleImage(spec) }).stdout
  const tree: Tree = {
    'modules.order': 'kernel/c.ko\nkernel/b.ko\nkernel/a.ko\n',
    'kernel/a.ko.xz': pack('xz', { exports: { a: 1 }, modinfo: [['alias', 'first']] }),
    'kernel/b.ko.zst': pack('zstd', { exports: { b: 1 }, needs: { a: 1 } }),
    'kernel/c.ko': { needs: { a: 1, b: 1 } },
  }
  await compare(t, tree, [RELEASE])
  const gz = { ...tree, 'kernel/d.ko.gz': gzipSync(moduleImage({ needs: { b: 1 } })) }
  const root = plant(t.testdir(), gz)
  await runTool(['depmod', '-b', root, RELEASE])
  t.match(
    indexes(root)['modules.dep'],
    'kernel/d.ko.gz: kernel/b.ko.zst kernel/a.ko.xz\n',
  )
})

t.test('depmod takes modules from its command line', async t => {
  if (!requireTool(t, 'depmod')) return
  const file = (name: string) => `%/lib/modules/${RELEASE}/${name}`
  for (const argv of [
    [RELEASE, file('kernel/symb.ko'), file('kernel/syma.ko')],
    ['-a', RELEASE, file('kernel/symb.ko')],
    ['-n', RELEASE, file('kernel/symb.ko'), file('extra/symc.ko')],
    [RELEASE, 'kernel/symb.ko'],
    [RELEASE, file('nosuch.ko')],
    ['badver'],
    ['6'],
    ['6.x'],
    ['9.9.9'],
    ['-P', 'xx', RELEASE],
    ['-u', '-q', '-r', '-m', RELEASE],
    ['--unresolved-error', '--map', RELEASE],
  ]) {
    await compare(t, SYMBOLS, argv)
  }
})

t.test('depmod -A does nothing while no module is newer', async t => {
  if (!requireTool(t, 'depmod')) return
  const age = (written: number, changed: number) => (root: string) => {
    const folder = join(root, 'lib/modules', RELEASE)
    for (const name of Object.keys(SYMBOLS)) utimesSync(join(folder, name), 1000, 1000)
    utimesSync(join(folder, 'extra/symc.ko'), changed, changed)
    writeFileSync(join(folder, 'modules.dep'), 'old\n')
    utimesSync(join(folder, 'modules.dep'), written, written)
  }
  for (const [written, changed] of [
    [2000, 2000],
    [2000, 2001],
    [2000.2, 2000.9],
    [2000, 1],
  ] as const) {
    await compare(t, SYMBOLS, ['-A', RELEASE], age(written, changed))
  }
  await compare(t, SYMBOLS, ['-A', RELEASE])
  await compare(t, SYMBOLS, ['-A', '-n', RELEASE])
})

t.test('modprobe reads what depmod has written', async t => {
  if (!requireTool(t, 'modprobe')) return
  const root = plant(t.testdir(), SYMBOLS)
  await runTool(['depmod', '-b', root, RELEASE])
  const ask = (...words: string[]) =>
    spawnSync(findTool('modprobe') ?? '', ['-d', root, '-S', RELEASE, ...words], {
      encoding: 'utf8',
      env: { LC_ALL: 'C' },
    }).stdout.replaceAll(`${root}/lib/modules/${RELEASE}/`, '')
  t.equal(ask('-D', 'nodev'), 'insmod extra/nodev.ko \n')
  t.equal(ask('-R', 'char-major-243-9'), 'symb\n')
  t.equal(ask('-R', 'oracle-a'), 'symb\nsyma\n')
  t.equal(ask('-R', 'symbol:baz'), 'with_dash\n')
  t.equal(ask('-D', 'mem'), 'builtin mem\n')
  t.match(ask('-D', 'symc'), /insmod kernel\/syma.ko .*insmod extra\/symc.ko/s)
})

t.test('depmod replaces whole files, and leaves nothing else', async t => {
  const root = plant(t.testdir(), SYMBOLS)
  const folder = join(root, 'lib/modules', RELEASE)
  writeFileSync(join(folder, 'modules.dep'), 'old\n')
  chmodSync(join(folder, 'modules.dep'), 0o400)
  const old = statSync(join(folder, 'modules.dep')).ino
  await runTool(['depmod', '-b', root, RELEASE])
  t.not(statSync(join(folder, 'modules.dep')).ino, old)
  t.equal(statSync(join(folder, 'modules.dep')).mode & 0o777, 0o644 & ~process.umask())
  t.equal(Object.keys(indexes(root)).length, 13)
})

t.test('depmod works in the machine', async t => {
  const root = plant(
    t.testdir({ proc: { sys: { kernel: { osrelease: `${RELEASE}\n` } } } }),
    {
      'a.ko': { exports: { a: 1 } },
      'b/b.ko': { needs: { a: 1 } },
    },
  )
  const { status } = await runTool(['depmod'], { root })
  t.equal(status, 0)
  t.equal(indexes(root)['modules.dep'], 'b/b.ko: a.ko\na.ko:\n')
})
