import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { MachineError } from '../../src/syscall/machine_error.ts'
import { COMMANDS, runCommand } from '../../src/tools/cli.ts'
import { BrokenPipe } from '../../src/tools/world.ts'
import { runTool } from '../harness/tool.ts'

const root = resolve(import.meta.dirname, '../..')

t.test('every command has a manual: usage, options, exit status, an example', async t => {
  for (const [name, { style }] of Object.entries(COMMANDS)) {
    if (name === 'lsmod') continue // kmod's has none
    const { status, out, err } = await runTool([name, '--help'])
    t.equal(status, 0, name)
    t.equal(err, '')
    t.match(out, new RegExp(`^\\n?Usage:\\s+(modbox )?${name} `))
    const notes = style ? [] : ['Exit status: 0', 'Example']
    for (const part of ['Options:', '--help', ...notes]) {
      t.ok(out.includes(part), `${name} --help has ${part}`)
    }
  }
  t.same(await runTool(['lsmod', '--help']), {
    status: 1,
    out: '',
    err: 'Usage: lsmod\n',
  })
})

t.test('every command says its version', async t => {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const own = Object.keys(COMMANDS).filter(name => !COMMANDS[name]?.style)
  for (const words of [['--version'], ...own.map(name => [name, '-V'])]) {
    t.same(await runTool(words), { status: 0, out: `modbox ${version}\n`, err: '' })
  }
  const { out } = await runTool(['insmod', '-V'])
  t.match(out, /^kmod version 30\n\+ZSTD \+XZ /, 'those that are kmod’s say so')
  t.equal((await runTool(['dmesg', '-V'])).out, 'dmesg from util-linux 2.38.1\n')
})

t.test('modbox alone lists the commands', async t => {
  const { status, out } = await runTool([])
  t.equal(status, 0)
  for (const name of Object.keys(COMMANDS)) t.match(out, new RegExp(`^  ${name} `, 'm'))
})

t.test('called by a command’s name, it is that command', async t => {
  const err: string[] = []
  const world = {
    env: {},
    terminal: false,
    out: () => {},
    err: (text: string) => void err.push(text),
    machine: () => {
      throw new MachineError('no machine is running (start one with: modbox boot)')
    },
  }
  t.equal(await runCommand(['/usr/sbin/insmod'], world), 1)
  t.equal(await runCommand(['/usr/sbin/lsmod'], world), 1)
  t.equal(await runCommand(['/a/modbox', 'nosuch'], world), 1)
  t.equal(await runCommand(['/a/modbox', 'toString'], world), 1)
  t.same(err, [
    'insmod: ERROR: missing filename.\n',
    'modbox: no machine is running (start one with: modbox boot)\n',
    "modbox: unknown command 'nosuch'\nTry 'modbox --help' for more information.\n",
    "modbox: unknown command 'toString'\nTry 'modbox --help' for more information.\n",
  ])
})

t.test(
  'mistakes on the command line of our own commands point to the manual',
  async t => {
    const { status, err } = await runTool(['status', '--bogus'])
    t.equal(status, 1)
    t.equal(
      err,
      "modbox: unrecognized option '--bogus'\nTry 'modbox status --help' for more information.\n",
    )
  },
)

t.test('a reader that went away ends a command without a word', async t => {
  const world = {
    env: {},
    terminal: false,
    out: () => {
      throw new BrokenPipe()
    },
    err: (text: string) => void t.fail(text),
    machine: () => {
      throw new MachineError('not asked for')
    },
  }
  t.equal(await runCommand(['modbox', '--help'], world), 0)
  t.equal(await runCommand(['modbox', 'status', '--help'], world), 0)
})

t.test('status shows what the machine says', async t => {
  const status = {
    mountpoint: '/x/mnt',
    transport: 'devfuse',
    pid: 77,
    uptime: 12.7,
    release: '6.1.0-modbox',
    modules: 2,
    openFiles: 3,
    nodes: 14,
    sleeping: 1,
    timers: 0,
  }
  const { out } = await runTool(['status'], {
    call: () => ({ reply: { ret: 0, status }, payload: Buffer.alloc(0) }),
  })
  t.equal(
    out,
    'mount point  /x/mnt\ntransport    devfuse\ndaemon       pid 77\nuptime       12 s\n' +
      'release      6.1.0-modbox\nmodules      2\nopen files   3\nasleep       1\n',
  )
})
