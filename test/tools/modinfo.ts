import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { encodeModinfo } from '../../src/elf/modinfo.ts'
import { writeElf } from '../../src/elf/writer.ts'
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

t.test('modinfo looks a name up in the machine', async t => {
  const root = t.testdir({
    proc: { sys: { kernel: { osrelease: '6.1.0-test\n' } } },
    lib: {
      modules: {
        '6.1.0-test': { extra: {}, 'modules.dep': 'kernel/with-dash.ko: a.ko\n' },
      },
    },
  })
  const folder = join(root, 'lib/modules/6.1.0-test')
  writeFileSync(join(folder, 'extra/hello.ko'), IMAGE)
  const where = async (...argv: string[]) =>
    (await runTool(['modinfo', '-n', ...argv], { root })).out

  t.equal(await where('hello'), `${folder}/extra/hello.ko\n`)
  t.equal(await where('with_dash'), `${folder}/kernel/with-dash.ko\n`)
  t.equal(
    await where('-b', root, '-k', '6.1.0-test', 'hello'),
    `${folder}/extra/hello.ko\n`,
  )
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
