import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { mountTable } from '../../src/fuse/mount_table.ts'
import type { Host } from '../../src/host/host.ts'
import { asyncZero, note, slowZero, zero } from '../harness/tiny_fs.ts'
import type { TinyFile } from '../harness/tiny_fs.ts'
import { execute, mayMount, mountTiny, requireHost } from '../harness/tiny_mount.ts'
import { until } from '../harness/until.ts'
import type { TinyMount } from '../harness/tiny_mount.ts'

/** What one `sh -c` prints; `$1` is the mount point. */
async function shell({ dir }: TinyMount, script: string): Promise<string> {
  const { stdout } = await execute('/bin/sh', ['-c', script, 'sh', dir])
  return stdout
}

const transports: [string, () => Promise<Host | undefined>][] = [
  ['watched by the event loop', requireHost],
  ['read by the thread pool', async () => undefined],
]

for (const [name, host] of transports) {
  t.test(`a session ${name}`, async t => {
    if (!mayMount(t)) return
    const files = { zero, asyncZero, slowZero, note: note() }
    const mounted = await mountTiny(t, files, await host())

    t.equal(await shell(mounted, 'ls "$1"'), 'asyncZero\nnote\nslowZero\nzero\n')
    t.equal(await shell(mounted, 'echo hello > "$1/note"; cat "$1/note"'), 'hello\n')
    for (const file of ['zero', 'asyncZero', 'slowZero']) {
      t.equal(await shell(mounted, `head -c 3000000 "$1/${file}" | wc -c`), '3000000\n')
    }
    t.same(mounted.complaints, [])

    await mounted.unmount()
    t.equal(await mounted.ended, -19, 'ENODEV')
    t.equal(mounted.fs.events.at(-1), 'destroy')
    t.notOk(mountTable().some(entry => entry.mountpoint === mounted.mounted.mountpoint))
  })
}

t.test('1 MiB travels in one request', async t => {
  if (!mayMount(t)) return
  const sizes: number[] = []
  const big: TinyFile = {
    read: (_offset, window) => {
      sizes.push(window.length)
      return window.length
    },
    write: (_offset, window) => {
      sizes.push(window.length)
      return window.length
    },
  }
  const mounted = await mountTiny(t, { big }, await requireHost())
  await shell(mounted, 'dd if="$1/big" of=/dev/null bs=1M count=1 2>&1')
  await shell(mounted, 'dd if=/dev/zero of="$1/big" bs=1M count=1 conv=notrunc 2>&1')
  t.same(sizes, [1 << 20, 1 << 20])
})

t.test('a signal interrupts a read that waits', async t => {
  if (!mayMount(t)) return
  const wait: TinyFile = {
    read: (_offset, _window, unique) => mounted.fs.sleep(unique),
  }
  const mounted = await mountTiny(t, { wait }, await requireHost())
  const cat = spawn('cat', [join(mounted.dir, 'wait')])
  const exited = once(cat, 'exit')
  await until(() => mounted.fs.sleeping === 1)
  t.equal(mounted.session.waiting, 1)

  cat.kill('SIGKILL')
  t.same(await exited, [null, 'SIGKILL'])
  await until(() => mounted.fs.events.some(event => event.startsWith('release')))
  t.ok(mounted.fs.events.includes('interrupt'))
  t.equal(mounted.session.waiting, 0)
})

t.test('many readers wait at once, and each gets its answer', async t => {
  if (!mayMount(t)) return
  const wait: TinyFile = {
    async read(offset, window, unique) {
      if (offset > 0) return 0
      const n = await mounted.fs.sleep(unique)
      return window.write(0, new Uint8Array(n).fill(0x61))
    },
  }
  const mounted = await mountTiny(t, { wait }, await requireHost())
  const cats = Array.from({ length: 20 }, () => shell(mounted, 'cat "$1/wait"'))
  await until(() => mounted.fs.sleeping === 20)
  mounted.fs.wakeAll(3)
  t.same(
    await Promise.all(cats),
    Array.from({ length: 20 }, () => 'aaa'),
  )
})

t.test('notifyPoll() wakes a program that polls', async t => {
  if (!mayMount(t)) return
  const mounted = await mountTiny(t, { zero }, await requireHost())
  const script =
    'import select, sys; f = open(sys.argv[1]); p = select.poll(); p.register(f, 1); print(p.poll())'
  const polled = execute('python3', ['-c', script, join(mounted.dir, 'zero')])
  let pollers: bigint[] = []
  await until(() => (pollers = mounted.fs.takePollers()).length > 0)

  mounted.fs.ready = true
  for (const kh of pollers) mounted.session.notifyPoll(kh)
  t.match((await polled).stdout, /^\[\(\d+, 1\)\]/)
})

t.test('DEBUG=fuse:* prints a line a request and a line a reply', async t => {
  if (!mayMount(t)) return
  const lines: string[] = []
  const { default: createDebug } = await import('debug')
  const log = createDebug.log
  createDebug.log = (...args: unknown[]) => lines.push(args.map(String).join(' '))
  createDebug.enable('fuse:LOOKUP,fuse:READ')
  t.teardown(() => {
    createDebug.disable()
    createDebug.log = log
  })
  const files = { note: Object.assign(note(), { text: 'hello' }) }
  const mounted = await mountTiny(t, files, await requireHost())
  await shell(mounted, 'head -c 5 "$1/note"; cat "$1/none" 2>&1 || :')

  const text = lines.join('\n')
  t.match(text, /fuse:LOOKUP .*rx \d+ n1 "note" p\d+/)
  t.match(text, /fuse:LOOKUP .*tx \d+ → 128 bytes/)
  t.match(text, /fuse:READ .*rx \d+ n2 fh 2 off 0 size 5 p\d+/)
  t.match(text, /fuse:READ .*tx \d+ → 5 bytes/)
  t.match(text, /fuse:LOOKUP .*tx \d+ → -ENOENT/)
  t.notMatch(text, /fuse:OPEN/)
})
