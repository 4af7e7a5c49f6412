import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { LoadStep } from '../../src/lib/load_step.ts'
import type { Transport } from '../../src/syscall/client.ts'
import { runTool } from '../harness/tool.ts'

const ERROR = 'insmod: ERROR: could not insert module'

/** A machine that answers every call with the next of `results`, and keeps what was asked. */
function answering(...results: number[]) {
  const asked: unknown[] = []
  const call: Transport = (request, payload) => {
    asked.push({ ...request, image: Buffer.from(payload).toString() })
    return { reply: { ret: results.shift() ?? 0 }, payload: Buffer.alloc(0) }
  }
  return { asked, call }
}

t.test('insmod sends the file, and the parameters with blanks between', async t => {
  const file = join(t.testdir({ 'x.ko': 'an image' }), 'x.ko')
  const { asked, call } = answering(0)
  const done = await runTool(['insmod', file, 'a=1', 'b="two words"', 'code=-1'], {
    call,
  })

  t.same(done, { status: 0, out: '', err: '' })
  const params = 'a=1 b="two words" code=-1'
  t.same(asked, [
    { call: 'finit_module', payload: 8, params, flags: 0, image: 'an image' },
  ])
})

t.test('insmod -f asks for both checks to be left out', async t => {
  const file = join(t.testdir({ 'x.ko': 'an image' }), 'x.ko')
  const { asked, call } = answering(0)
  await runTool(['insmod', '-f', file], { call })
  t.match(asked, [{ flags: 3 }])
})

t.test('insmod says why a module was refused', async t => {
  const file = join(t.testdir({ 'x.ko': 'an image' }), 'x.ko')
  const rows = new Map([
    [-1, 'Operation not permitted'],
    [-2, 'Unknown symbol in module'],
    [-8, 'Invalid module format'],
    [-17, 'File exists'],
    [-22, 'Invalid parameters'],
    [-4095, 'Unknown error 4095'],
    // No error number to the C library, which leaves the one of a search before.
    [-4096, 'Unknown symbol in module'],
    [-5000, 'Unknown symbol in module'],
  ])
  for (const [ret, reason] of rows) {
    const { status, err } = await runTool(['insmod', file], answering(ret))
    t.equal(status, 1)
    t.equal(err, `${ERROR} ${file}: ${reason}\n`)
  }
})

t.test('insmod tries again after ENOSYS', async t => {
  const file = join(t.testdir({ 'x.ko': 'an image' }), 'x.ko')
  const twice = answering(-38, -38)
  const { err } = await runTool(['insmod', file], twice)
  t.equal(err, `${ERROR} ${file}: Function not implemented\n`)
  t.match(twice.asked, [{ call: 'finit_module' }, { call: 'init_module' }])
})

t.test('insmod checks what it is given before it calls', async t => {
  const dir = t.testdir({ 'empty.ko': '', 'five.ko': '12345' })
  const rows: [argv: string[], err: string][] = [
    [[], 'insmod: ERROR: missing filename.'],
    [
      ['/nonexistent/x.ko'],
      'insmod: ERROR: could not load module /nonexistent/x.ko: No such file or directory',
    ],
    [[dir], `${ERROR} ${dir}: Is a directory`],
    [[join(dir, 'empty.ko')], `${ERROR} ${join(dir, 'empty.ko')}: Invalid parameters`],
    [[join(dir, 'five.ko')], `${ERROR} ${join(dir, 'five.ko')}: Invalid parameters`],
    [['-q'], "insmod: invalid option -- 'q'"],
    [['--bogus'], "insmod: unrecognized option '--bogus'"],
  ]
  for (const [argv, err] of rows) {
    t.same(await runTool(['insmod', ...argv]), { status: 1, out: '', err: `${err}\n` })
  }
})

t.test('insmod -v asks for the steps and tells them', async t => {
  const file = join(t.testdir({ 'x.ko': 'an image' }), 'x.ko')
  const steps: LoadStep[] = [
    { step: 'name', name: 'x', blacklisted: false },
    { step: 'license', license: 'MIT', gpl: false },
    { step: 'list', name: 'x', other: 'live', err: -17 },
  ]
  const asked: unknown[] = []
  const call: Transport = request => {
    asked.push(request)
    return { reply: { ret: -17, steps }, payload: Buffer.alloc(0) }
  }
  const { out, err } = await runTool(['insmod', '-v', file, 'a=1'], { call })
  t.match(asked, [{ call: 'finit_module', trace: true }])
  t.equal(err, `${ERROR} ${file}: File exists\n`)
  t.equal(
    out,
    `insmod ${file} a=1
 1. Name          "x": not blacklisted
 2. Licence       "MIT": not GPL-compatible: taint P, and no EXPORT_SYMBOL_GPL
 3. Module list   there is a "x" already (live): -17 (EEXIST, File exists)
The system call returns -17 (EEXIST, File exists). What the kernel has logged is in dmesg.
`,
  )
})

t.test('insmod -v says what became of each parameter', async t => {
  const file = join(t.testdir({ 'x.ko': 'an image' }), 'x.ko')
  const step = 'parameter'
  const steps: LoadStep[] = [
    { step, name: 'n', value: '1', known: true, err: 0 },
    { step, name: 'loud', value: null, known: true, err: 0 },
    { step, name: 'm', value: 'x', known: true, err: -22 },
    { step, name: 'nosuch', value: '3', known: false, err: 0 },
  ]
  const call: Transport = () => ({
    reply: { ret: -22, steps },
    payload: Buffer.alloc(0),
  })
  const { out } = await runTool(['insmod', '-v', file], { call })
  t.match(
    out,
    ` 1. Parameters    n = 1
                  loud
                  m = x: -22 (EINVAL, Invalid argument)
                  nosuch = 3: no such parameter, ignored
`,
  )
})

t.test('under its plain name it is kmod’s: no -v, and the same help', async t => {
  const { err } = await runTool(['insmod', '-v', 'x.ko'], { plainName: true })
  t.equal(err, "insmod: invalid option -- 'v'\n")
  const help = (plainName: boolean) => runTool(['insmod', '-h'], { plainName })
  t.equal(
    (await help(true)).out,
    'Usage:\n\tinsmod [options] filename [args]\nOptions:\n' +
      '\t-V, --version     show version\n\t-h, --help        show this help\n',
  )
  t.match((await help(false)).out, /\n\t-v, --verbose {5}tell each step/)
})

t.test('insmod unpacks, and then loads out of memory as libkmod does', async t => {
  const file = join(t.testdir({ 'x.ko.gz': gzipSync('an image') }), 'x.ko.gz')
  const { asked, call } = answering(0)
  await runTool(['insmod', file], { call })
  t.match(asked, [{ call: 'init_module', flags: 0, image: 'an image' }])
})
