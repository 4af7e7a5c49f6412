import t from 'tap'
import { runTool } from '../harness/tool.ts'

const HEADING = 'Module                  Size  Used by\n'

function module(coresize: number, refcnt: number, holders: string[] = []) {
  return {
    coresize: `${coresize}\n`,
    refcnt: `${refcnt}\n`,
    initstate: 'live\n',
    holders: Object.fromEntries(holders.map(name => [name, ''])),
  }
}

t.test('lsmod prints only the heading when nothing is loaded', async t => {
  const root = t.testdir({ proc: { modules: '' } })
  t.same(await runTool(['lsmod'], { root }), { status: 0, out: HEADING, err: '' })
})

t.test(
  'lsmod prints size, references and users, of what comes or goes from /sys',
  async t => {
    const root = t.testdir({
      proc: {
        modules:
          'symb 16384 0 - Live 0xffffffffc0597000 (OE)\n' +
          'syma 16384 2 symc,symb, Live 0xffffffffc0592000 (OE)\n' +
          'stays 8192 1 symb,[permanent], Live 0xffffffffc0592000 (OE)\n' +
          'early 24576 1 - Loading 0xffffffffc0304000 (OE+)\n' +
          'slow 16384 -1 - Unloading 0xffffffffc0304000 (OE-)\n' +
          'a_name_of_more_than_19_letters 40960 2 - Live 0x0 (OE)\n' +
          'gone 4096 0 - Unloading 0x0\n',
      },
      sys: {
        module: {
          early: module(16384, 1, ['symb']),
          slow: module(16384, -1),
        },
      },
    })
    const { out, err, status } = await runTool(['lsmod'], { root })
    t.equal(status, 0)
    t.equal(
      err,
      "libkmod: ERROR ../libkmod/libkmod-module.c:1998 kmod_module_get_holders: could not open '/sys/module/gone/holders': No such file or directory\n",
    )
    t.equal(
      out,
      HEADING +
        'symb                   16384  0\n' +
        'syma                   16384  2 symb,symc\n' +
        'stays                   8192  1 symb\n' +
        'early                  16384  1 symb\n' +
        'slow                   16384  -1\n' +
        'a_name_of_more_than_19_letters    40960  2\n' +
        'gone                      -2  -2\n',
    )
  },
)

t.test('lsmod takes neither operands nor options, but for the machine', async t => {
  const usage = { status: 1, out: '', err: 'Usage: lsmod\n' }
  for (const argv of [
    ['x'],
    ['-v'],
    ['--help'],
    ['--machine'],
    ['--machine', 'a', 'b'],
  ]) {
    t.same(await runTool(['lsmod', ...argv]), usage, argv.join(' '))
  }
  const root = t.testdir({ proc: { modules: '' } })
  for (const argv of [['--machine', 'mnt'], ['--machine=mnt']]) {
    t.equal((await runTool(['lsmod', ...argv], { root })).out, HEADING)
  }
})

t.test('lsmod says when there is no list', async t => {
  const { status, err } = await runTool(['lsmod'], { root: t.testdir() })
  t.equal(status, 1)
  t.equal(
    err,
    'libkmod: ERROR ../libkmod/libkmod-module.c:1725 kmod_module_new_from_loaded: could not open /proc/modules: No such file or directory\n' +
      'Error: could not get list of modules: No such file or directory\n',
  )
})
