import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
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
