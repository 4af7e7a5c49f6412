// modprobe on folders of files: kmod 30's own modprobe is asked the same, and is the judge.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { EAGAIN, EEXIST, EINVAL, ENOENT, ENOSYS } from '../../src/include/linux/errno.ts'
import type { Transport } from '../../src/syscall/client.ts'
import type { Request } from '../../src/syscall/protocol.ts'
import {
  buildModules,
  modulesFolder,
  moduleTree,
  type ModuleTree,
  RELEASE,
} from '../harness/module_tree.ts'
import { findTool, requireTool } from '../harness/require.ts'

const images = await buildModules(t)

const CONFIG = {
  'a.conf': `
options opt a=5 s=fromconf
options opt b=9
options oracle-opt viaalias=1
alias nick opt
alias wild-* symb
alias two symb
alias two opt
alias [ab]x syma
alias nowhere nosuchmodule
softdep usep pre: opt nosuch post: symb
install cmd echo installing $CMDLINE_OPTS for $MODPROBE_MODULE
install opt-x true
remove rem echo removing
blacklist syma
blacklist symc
options cmd c=1
`,
}

const LIST = ['syma', 'symb', 'symc', 'symp2', 'usep', 'opt']
const NAMES = [
  ...LIST,
  'oracle-b',
  'oracle_b',
  'oracle-opt',
  'sym-provider',
  'char-major-243-7',
  'char-major-24-7',
  'symbol:foo',
  'symbol:nosuch',
  'nick',
  'wild-thing',
  'two',
  'ax',
  'nowhere',
  'cmd',
  'opt-x',
  'rem',
  'mem',
  'nosuch',
  './symb.ko',
  'x[',
]

async function same(t: Test, tree: ModuleTree, words: readonly string[]): Promise<void> {
  // Addresses are those of kmod's own memory; our root is the real one's.
  const plain = (text: string) =>
    text.replace(/ctx=0x[0-9a-f]+/g, 'ctx=0x0').replaceAll(`${tree.root}/etc`, '/etc')
  const real = tree.real(words)
  const ours = await tree.ours(words)
  t.strictSame(
    { ...ours, err: plain(ours.err) },
    { ...real, err: plain(real.err) },
    words.join(' '),
  )
}

const WAYS = [
  ['-R'],
  ['-D'],
  ['-n'],
  ['-n', '-v'],
  ['-n', '-v', '-i'],
  ['-n', '-v', '-b'],
]

t.test('names, aliases and dependencies are found as by kmod', async t => {
  if (!requireTool(t, 'modprobe')) return
  const builtin = 'kernel/drivers/char/mem.ko\n'
  const plain = moduleTree(t, images, { builtin })
  for (const name of NAMES) await same(t, plain, ['-D', name])
  const configured = moduleTree(t, images, { builtin, config: CONFIG })
  for (const way of WAYS) {
    for (const name of NAMES) await same(t, configured, [...way, name])
  }
})

t.test('parameters come from everywhere, in order', async t => {
  if (!requireTool(t, 'modprobe')) return
  const cmdline = 'opt.k=1 opt.text="a b" modprobe.blacklist=symb'
  const tree = moduleTree(t, images, { config: CONFIG, cmdline })
  for (const words of [
    ['opt', 'a=6'],
    ['opt', 's=two words', 'x', 'y="kept as it is"', "z='and so'", 'e='],
    ['oracle-opt', 'q=1'],
    ['cmd', 'd=2'],
    ['symb', 'p=1'],
    ['-b', 'symb'],
    ['oracle-b'],
    ['opt', '--', '-x'],
  ]) {
    await same(t, tree, ['-n', '-v', ...words])
    await same(t, tree, ['-D', ...words])
  }
})

t.test('what is loaded is left alone, or removed with what it needed', async t => {
  if (!requireTool(t, 'modprobe')) return
  const loaded = { usep: 0, symp2: 1, syma: 2, symc: 0, rem: 0 }
  const tree = moduleTree(t, images, { config: CONFIG, loaded })
  for (const name of NAMES) {
    await same(t, tree, ['-n', '-v', name])
    await same(t, tree, ['-n', '--first-time', name])
    await same(t, tree, ['-r', '-n', '-v', '--first-time', name])
    await same(t, tree, ['-r', '-D', name])
    await same(t, tree, ['-r', '-n', '-v', '-i', name])
    await same(t, tree, ['-r', '-n', '-v', '--remove-holders', name])
  }
  await same(t, tree, ['-r', '-n', '-v', '-a', 'usep', 'syma', 'nosuch'])
  await same(t, tree, ['-n', '-v', '-a', 'usep', 'opt', 'nosuch', 'symb'])
  await same(t, tree, ['-r', '-n', '-v', '--wait', '0x10', 'syma'])
})

t.test('the configuration is shown as kmod shows it', async t => {
  if (!requireTool(t, 'modprobe')) return
  const distribution = { 'a.conf': 'options hidden x=1\n', 'z.conf': 'options z x=1\n' }
  const tree = moduleTree(t, images, {
    config: { ...CONFIG, 'bad.conf': 'nonsense here\ninclude x\n' },
    distribution,
    cmdline: 'opt.k=1',
  })
  for (const words of [['-c'], ['--showconfig'], ['--show-config'], ['-c', '-q']]) {
    await same(t, tree, words)
  }
  for (const path of ['etc/modprobe.d/a.conf', 'lib/modprobe.d', 'nosuch']) {
    await same(t, tree, ['-c', '-C', join(tree.root, path)])
  }
})

t.test('mistakes are reported in the same words', async t => {
  if (!requireTool(t, 'modprobe')) return
  const tree = moduleTree(t, images)
  for (const words of [
    [],
    ['-r'],
    ['-a'],
    ['--nosuch'],
    ['-o', 'x'],
    ['-w'],
    ['-w', 'x', 'opt'],
    ['-q', 'nosuch'],
    ['-q', '-v', 'nosuch'],
    ['-r', '-q', 'nosuch'],
    ['-q', '-D', 'nosuch'],
    ['-a', '-q', 'nosuch'],
  ]) {
    await same(t, tree, words)
  }
})

t.test('versions and exports of a file', async t => {
  if (!requireTool(t, 'modprobe')) return
  const tree = moduleTree(t, images, {
    config: { 'text.ko': 'some text\n', 's.ko': 'x' },
  })
  const files = LIST.map(name => join(modulesFolder(tree.root), `extra/${name}.ko`))
  const others = ['text.ko', 's.ko', 'nosuch.ko'].map(name =>
    join(tree.root, 'etc/modprobe.d', name),
  )
  for (const file of [...files, ...others, tree.root]) {
    for (const option of ['--show-modversions', '--dump-modversions', '--show-exports']) {
      await same(t, tree, [option, file])
    }
  }
})

t.test(
  'a dependency whose file is gone is reported, and the module still tried',
  async t => {
    if (!requireTool(t, 'modprobe')) return
    const tree = moduleTree(t, images)
    rmSync(join(modulesFolder(tree.root), 'extra/syma.ko'))
    for (const way of WAYS) await same(t, tree, [...way, 'symb'])
    rmSync(modulesFolder(tree.root), { recursive: true })
    await same(t, tree, ['-n', 'symb'])
    await same(t, tree, ['-r', 'symb'])
  },
)

t.test('what the machine answers decides message and exit status', async t => {
  const tree = moduleTree(t, images)
  const modprobe = async (ret: number, ...words: string[]) => {
    const calls: Request[] = []
    const call = (request: Request) => {
      calls.push(request)
      return { reply: { ret }, payload: Buffer.alloc(0) }
    }
    const { status, err } = await tree.ours(words, { call })
    return { status, err, calls: calls.map(({ call }) => call) }
  }
  const failed = (reason: string) => ({
    status: 1,
    err: `modprobe: ERROR: could not insert 'opt': ${reason}\n`,
    calls: ['finit_module'],
  })
  t.strictSame(await modprobe(0, 'opt'), { status: 0, err: '', calls: ['finit_module'] })
  t.strictSame(await modprobe(-EINVAL, 'opt'), failed('Invalid argument'))
  t.strictSame(
    await modprobe(-ENOENT, 'opt'),
    failed('Unknown symbol in module, or unknown parameter (see dmesg)'),
  )
  t.match(await modprobe(-EEXIST, 'opt'), { status: 0, err: '' })
  t.strictSame(
    await modprobe(-EEXIST, '--first-time', 'opt'),
    failed('Module already in kernel'),
  )
  t.match(await modprobe(-EINVAL, '-q', 'opt'), { status: 1, err: '' })
  t.strictSame(await modprobe(-ENOSYS, 'opt'), {
    ...failed('Function not implemented'),
    calls: ['finit_module', 'init_module'],
  })
})

t.test('compressed modules reach the machine as they were before', async t => {
  for (const [program, suffix] of [
    ['xz', 'xz'],
    ['zstd', 'zst'],
  ] as const) {
    if (!findTool(program)) {
      t.comment(`${program} is not installed`)
      continue
    }
    const tree = moduleTree(t, images)
    const extra = join(modulesFolder(tree.root), 'extra')
    const args = program === 'xz' ? ['--check=crc32'] : ['-q', '--rm']
    spawnSync(program, [...args, join(extra, 'opt.ko')])
    spawnSync(findTool('depmod') ?? '', ['-b', tree.root, RELEASE])
    const call: Transport = (_request, image) => {
      t.ok(Buffer.compare(image, images.opt ?? Buffer.alloc(0)) === 0, suffix)
      return { reply: { ret: 0 }, payload: Buffer.alloc(0) }
    }
    const { status, out, err } = await tree.ours(['-v', 'opt', 'a=1'], { call })
    t.strictSame({ status, err }, { status: 0, err: '' })
    t.equal(out, `insmod ${extra}/opt.ko.${suffix} a=1\n`)
  }
})

t.test('-w tries again until nobody uses the module, for so long', async t => {
  const tree = moduleTree(t, images, { loaded: { opt: 1 } })
  let calls = 0
  const remove = async (milliseconds: number, until: number) => {
    calls = 0
    const call: Transport = () => {
      const ret = ++calls < until ? -EAGAIN : 0
      return { reply: { ret }, payload: Buffer.alloc(0) }
    }
    return tree.ours(['-r', '-w', String(milliseconds), 'opt'], { call })
  }
  t.strictSame(await remove(10_000, 4), { status: 0, out: '', err: '' })
  t.equal(calls, 4)
  t.strictSame(await remove(30, Infinity), {
    status: 1,
    out: '',
    err: "modprobe: ERROR: could not remove 'opt': Resource temporarily unavailable\n",
  })
})

t.test('MODPROBE_OPTIONS come before the command line', async t => {
  const tree = moduleTree(t, images)
  const env = { MODPROBE_OPTIONS: '-n "-v"' }
  t.match(await tree.ours(['opt'], { env }), { out: /^insmod .*opt\.ko \n$/ })
})
