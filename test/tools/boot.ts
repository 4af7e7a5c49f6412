// boot and halt, with a daemon that only plays one: it makes no mount, but says what a real one
// says on descriptor 3.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isRunning } from '../../src/syscall/registry.ts'
import { runTool } from '../harness/tool.ts'

/** Plays the daemon: `says` goes to descriptor 3, then `then` runs. */
function daemon(says: string, then: string): string {
  return `
    const fs = require('node:fs')
    fs.writeFileSync(__dirname + '/pid', String(process.pid))
    fs.writeFileSync(__dirname + '/argv', JSON.stringify(process.argv.slice(2)))
    const root = process.argv.at(-1)
    ${says === '' ? '' : `fs.writeSync(3, ${says} + '\\n')`}
    ${then}
  `
}

const READY = 'JSON.stringify({ ready: true, mountpoint: root })'
const STAY = 'setTimeout(() => {}, 60_000)'

interface Stage {
  dir: string
  mnt: string
  env: NodeJS.ProcessEnv
  pid: () => number
}

/** Play in a folder with a daemon and a mount point; then the daemon ends, if it still runs. */
async function onStage(
  t: { testdir: typeof import('tap').testdir },
  script: string,
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  const lines = Array.from({ length: 12 }, (_, i) => `6,${i},${i}000000,-;line ${i}\n`)
  const dir = t.testdir({
    'kerneld.cjs': script,
    mnt: { dev: { kmsg: lines.join('') }, proc: { uptime: '1.00 0.00\n' } },
  })
  const env = { MODBOX_KERNELD: join(dir, 'kerneld.cjs'), XDG_RUNTIME_DIR: dir }
  const pid = () => Number(readFileSync(join(dir, 'pid'), 'utf8'))
  try {
    await play({ dir, mnt: join(dir, 'mnt'), env, pid })
  } finally {
    if (isRunning(pid())) process.kill(pid(), 'SIGKILL')
  }
}

t.test('boot waits until the machine is ready, and leaves it running', async t => {
  await onStage(t, daemon(READY, STAY), async ({ dir, mnt, env, pid }) => {
    const argv = ['boot', '--append', 'quiet loglevel=3', '--transport', 'devfuse', mnt]
    const { status, out, err } = await runTool(argv, { env })

    t.equal(err, '')
    t.equal(status, 0)
    t.match(out, /^\[    2\.000000\] line 2\n/, 'the last ten lines of the log')
    t.match(out, /line 11\n\nThe machine runs at .*mnt\. Try:\n/)
    t.same(JSON.parse(readFileSync(join(dir, 'argv'), 'utf8')), [
      '--append',
      'quiet loglevel=3',
      '--transport',
      'devfuse',
      '--console',
      join(
        dir,
        `modbox-${process.getuid?.()}`,
        `console-${mnt.slice(1).replaceAll('/', '-')}.log`,
      ),
      mnt,
    ])
    t.ok(isRunning(pid()))
  })
})

t.test('boot passes on why the machine cannot start', async t => {
  const error = 'JSON.stringify({ error: "cannot open /dev/fuse: no such file" })'
  await onStage(t, daemon(error, 'process.exit(1)'), async ({ mnt, env }) => {
    t.same(await runTool(['boot', mnt], { env }), {
      status: 1,
      out: '',
      err: 'modbox: cannot open /dev/fuse: no such file\n',
    })
  })
})

t.test('boot says how a daemon ended that said nothing', async t => {
  await onStage(t, daemon('', 'throw new Error("out of luck")'), async thrown => {
    const { status, err } = await runTool(['boot', thrown.mnt], { env: thrown.env })
    t.equal(status, 1)
    t.match(err, /^modbox: the daemon ended \(exit status 1\): .*out of luck.*\n$/)
  })
})

t.test('boot --foreground ends as the daemon ends', async t => {
  await onStage(
    t,
    daemon(READY, 'setTimeout(() => process.exit(70), 100)'),
    async ({ mnt, env }) => {
      const { status } = await runTool(['boot', '--foreground', mnt], { env })
      t.equal(status, 70)
    },
  )
})

t.test('boot --load-samples says which driver is refused', async t => {
  await onStage(t, daemon(READY, STAY), async ({ mnt, env }) => {
    const { status, err } = await runTool(['boot', '--load-samples', mnt], { env })
    t.equal(status, 1)
    t.match(
      err,
      /^modbox: (the sample driver scull is not built|Cannot call the machine)/,
    )
  })
})

t.test('halt asks the machine to stop, and says if it may not', async t => {
  const asked: string[] = []
  const answer = (ret: number) => ({
    root: '/nonexistent',
    call: (request: { call: string }) => {
      asked.push(request.call)
      return { reply: { ret }, payload: Buffer.alloc(0) }
    },
  })
  t.same(await runTool(['halt'], answer(0)), { status: 0, out: '', err: '' })
  t.same(await runTool(['halt'], answer(-1)), {
    status: 1,
    out: '',
    err: 'modbox: could not halt: Operation not permitted\n',
  })
  t.same(asked, ['reboot', 'reboot'])
})
