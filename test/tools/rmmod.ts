import t from 'tap'
import type { Transport } from '../../src/syscall/client.ts'
import { runTool } from '../harness/tool.ts'

const LIBRARY =
  'rmmod: ERROR: ../libkmod/libkmod-module.c:856 kmod_module_remove_module() could not remove'

const TREE = {
  sys: {
    module: {
      hello: { initstate: 'live\n', refcnt: '0\n', holders: {} },
      with_dash: { initstate: 'live\n', refcnt: '0\n', holders: {} },
      busy: { initstate: 'live\n', refcnt: '2\n', holders: {} },
      syma: { initstate: 'live\n', refcnt: '2\n', holders: { symb: '', symc: '' } },
      slow: { initstate: 'going\n', refcnt: '-1\n', holders: {} },
      vt: { parameters: {} },
    },
  },
}

function answering(ret: number) {
  const removed: string[] = []
  const flags: number[] = []
  const call: Transport = request => {
    if (request.call === 'delete_module') {
      removed.push(request.name)
      flags.push(request.flags)
    }
    return { reply: { ret }, payload: Buffer.alloc(0) }
  }
  return { call, removed, flags }
}

t.test('rmmod takes names, files and dashes', async t => {
  const machine = answering(0)
  const names = [
    'hello',
    'hello.ko',
    './hello.ko',
    '/a/b/hello.ko',
    'with-dash',
    'with_dash',
  ]
  const done = await runTool(['rmmod', ...names], { root: t.testdir(TREE), ...machine })
  t.same(done, { status: 0, out: '', err: '' })
  t.same(machine.removed, ['hello', 'hello', 'hello', 'hello', 'with_dash', 'with_dash'])
  t.same(new Set(machine.flags), new Set([0o4000]), 'O_NONBLOCK')
})

t.test('rmmod says what is in the way, and goes on', async t => {
  const machine = answering(0)
  const names = ['nosuch', 'busy', 'syma', 'slow', 'vt', 'hello']
  const { status, err } = await runTool(['rmmod', ...names], {
    root: t.testdir(TREE),
    ...machine,
  })
  t.equal(status, 1)
  t.equal(
    err,
    'rmmod: ERROR: Module nosuch is not currently loaded\n' +
      'rmmod: ERROR: Module busy is in use\n' +
      'rmmod: ERROR: Module syma is in use by: symb symc\n' +
      'rmmod: ERROR: Module vt is builtin.\n',
    'nothing about slow, which is on its way out',
  )
  t.same(machine.removed, ['hello'])
})

t.test('rmmod reports what the machine answers, in two lines', async t => {
  const root = t.testdir(TREE)
  const { status, err } = await runTool(['rmmod', 'hello'], { root, ...answering(-16) })
  t.equal(status, 1)
  t.equal(
    err,
    `${LIBRARY} 'hello': Device or resource busy\n` +
      'rmmod: ERROR: could not remove module hello: Device or resource busy\n',
  )
})

t.test('rmmod -f asks at once, with force', async t => {
  const machine = answering(-2)
  const { err } = await runTool(['rmmod', '-f', 'x'], {
    root: t.testdir(TREE),
    ...machine,
  })
  t.equal(
    err,
    `${LIBRARY} 'x': No such file or directory\n` +
      'rmmod: ERROR: could not remove module x: No such file or directory\n',
  )
  t.same(machine.flags, [0o5000], 'O_NONBLOCK | O_TRUNC')
})

t.test('rmmod wants a name', async t => {
  const { status, err } = await runTool(['rmmod'])
  t.equal(status, 1)
  t.equal(err, 'rmmod: ERROR: missing module name.\n')
})

t.test('rmmod -w is what kmod 30 makes of it', async t => {
  t.same(await runTool(['rmmod', '-w', 'hello']), {
    status: 1,
    out: '',
    err: "rmmod: ERROR: unexpected getopt_long() value 'w'.\n",
  })
  const { err } = await runTool(['rmmod', '--wait', 'hello'])
  t.equal(err, "rmmod: unrecognized option '--wait'\n")
})
