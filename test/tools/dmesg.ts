import { join } from 'node:path'
import t from 'tap'
import type { Transport } from '../../src/syscall/client.ts'
import { runTool } from '../harness/tool.ts'

const KMSG =
  '6,0,2450215,-;pk: info\n' +
  '4,1,2450310,c;pk: no level\n SUBSYSTEM=x\n DEVICE=+x:y\n' +
  '6,2,7404834,-;pk: line one\\x0apk: line two\\x0a\\x0apk: line four\n' +
  '6,3,7405108,-;\n' +
  '12,4,7405375,-;   leading, \\x1b[1m, hi[\\xff]\n'

function machine(t: { testdir: typeof import('tap').testdir }, kmsg = KMSG) {
  return t.testdir({ dev: { kmsg }, proc: { uptime: '100.00 0.00\n' } })
}

t.test('dmesg shows the records of /dev/kmsg', async t => {
  const { status, out } = await runTool(['dmesg'], { root: machine(t) })
  t.equal(status, 0)
  t.equal(
    out,
    '[    2.450215] pk: info\n' +
      '[    2.450310] pk: no level\n' +
      '[    7.404834] pk: line one\n' +
      '               pk: line two\n' +
      '               \n' +
      '               pk: line four\n' +
      '\n' +
      '[    7.405375]    leading, \\x1b[1m, hi[\\xff]\n',
  )
})

t.test('dmesg puts prefixes as it is told', async t => {
  const root = machine(t, '3,0,2450082,-;pk: err\n14,1,2450310,-;two\\x0alines\n')
  const rows: [argv: string[], out: string][] = [
    [
      ['-r'],
      '<3>[    2.450082] pk: err\n<7>[    2.450310] two\n                  lines\n',
    ],
    [
      ['-x'],
      'kern  :err   : [    2.450082] pk: err\nuser  :info  : [    2.450310] two\n                              lines\n',
    ],
    [['-t'], 'pk: err\ntwo\nlines\n'],
    [
      ['-d'],
      '[    2.450082 <    0.000000>] pk: err\n[    2.450310 <    0.000228>] two\n                              lines\n',
    ],
    [['-p'], '[    2.450082] pk: err\n[    2.450310] two\n[    2.450310] lines\n'],
    [['-l', 'err'], '[    2.450082] pk: err\n'],
    [['-u', '-t'], 'two\nlines\n'],
    [['-k', '-t'], 'pk: err\n'],
  ]
  for (const [argv, out] of rows) {
    t.equal((await runTool(['dmesg', ...argv], { root })).out, out, argv.join(' '))
  }
})

t.test('dmesg -J is JSON', async t => {
  const { out } = await runTool(['dmesg', '-J', '-l', 'info'], { root: machine(t) })
  t.same(JSON.parse(out), {
    dmesg: [
      { pri: 6, time: 2.450215, msg: 'pk: info' },
      { pri: 6, time: 7.404834, msg: 'pk: line one\npk: line two\n\npk: line four' },
    ],
  })
})

t.test('dmesg colours for a terminal that wants it', async t => {
  const root = machine(t, '4,0,2450310,-;pk: no level\n')
  const painted =
    '\x1b[32m[    2.450310] \x1b[0m\x1b[33mpk: \x1b[0m\x1b[1mno level\x1b[0m\n'
  const plain = '[    2.450310] pk: no level\n'
  const out = async (argv: string[], env = {}, terminal = true) =>
    (await runTool(['dmesg', ...argv], { root, env, terminal })).out

  t.equal(await out([]), painted)
  t.equal(await out(['--color=never']), plain)
  t.equal(await out([], { NO_COLOR: '1' }), plain)
  t.equal(await out([], {}, false), plain)
  t.equal(await out(['-L=always'], {}, false), painted)
})

/** A log behind syslog(2): refuses everything if `ret` says so. */
function syslogOnly(ret: number, text = '') {
  const asked: unknown[] = []
  const call: Transport = request => {
    asked.push(request)
    return { reply: { ret }, payload: Buffer.from(text) }
  }
  return { call, asked }
}

t.test('dmesg falls back to syslog(2), and says what that answers', async t => {
  const root = t.testdir({ proc: { uptime: '1.00 0.00\n' } })
  const log = syslogOnly(40, '<6>[    1.000000] one\n<6>[    1.000000] two\n')
  t.equal(
    (await runTool(['dmesg'], { root, ...log })).out,
    '[    1.000000] one\n[    1.000000] two\n',
  )

  t.same(await runTool(['dmesg'], { root, ...syslogOnly(-1) }), {
    status: 1,
    out: '',
    err: 'dmesg: read kernel buffer failed: Operation not permitted\n',
  })
})

t.test('dmesg controls the log by syslog(2)', async t => {
  const rows: [argv: string[], type: number, len: number][] = [
    [['-C'], 5, 0],
    [['-D'], 6, 0],
    [['-E'], 7, 0],
    [['-n', '1'], 8, 1],
    [['-n', 'err'], 8, 4],
    [['-n', '8'], 8, 8],
  ]
  for (const [argv, type, len] of rows) {
    const log = syslogOnly(0)
    t.same(await runTool(['dmesg', ...argv], log), { status: 0, out: '', err: '' })
    t.same(log.asked, [{ call: 'syslog', type, len }])
  }
  const { err } = await runTool(['dmesg', '-C'], syslogOnly(-1))
  t.equal(err, 'dmesg: klogctl failed: Operation not permitted\n')
})

t.test('dmesg -c shows, then clears', async t => {
  const log = syslogOnly(0)
  const { out } = await runTool(['dmesg', '-c', '-l', 'info'], {
    root: machine(t),
    ...log,
  })
  t.match(out, /pk: info/)
  t.same(log.asked, [{ call: 'syslog', type: 5, len: 0 }])
})

t.test('dmesg explains mistakes', async t => {
  const hint = "Try 'dmesg --help' for more information.\n"
  const excluded =
    'dmesg: mutually exclusive arguments: --clear --console-off --console-on --read-clear --console-level --raw\n'
  const rows: [argv: string[], err: string][] = [
    [['--bogus'], `dmesg: unrecognized option '--bogus'\n${hint}`],
    [['extra'], `dmesg: bad usage\n${hint}`],
    [['-C', '-c'], excluded],
    [['-n', '9'], "dmesg: unknown level '9'\n"],
    [['-n', '0'], "dmesg: unknown level '0'\n"],
    [
      ['-F', join('/nonexistent', 'x')],
      'dmesg: cannot open /nonexistent/x: No such file or directory\n',
    ],
  ]
  for (const [argv, err] of rows) {
    t.same(await runTool(['dmesg', ...argv]), { status: 1, out: '', err })
  }
})
