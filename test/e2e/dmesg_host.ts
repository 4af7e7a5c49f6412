// The machine's log, read by the host's own dmesg: our node lies over its /dev/kmsg, in a mount
// namespace of the test's own. Every option has to show what our dmesg shows.

import t from 'tap'
import type { Test } from 'tap'
import { bootMounted } from '../harness/mounted.ts'
import { requireThat, requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

// Not here: options that tell the time of day, which the host's dmesg counts from its own boot
// (test/tools/dmesg_host.ts has them), and those that change the host's log.
const OPTIONS = [
  '',
  '-x|-r|-t|-d|-t -d|-x -d|-k|-u|-p|-p -x|-p -t|-J|-J -x|--noescape|-r --noescape',
  '-l err|-l warn,info|-f user|-f daemon,kern|-u -l err|-r -l err|-k -x',
  '--color=always|-x --color=always|-p --color=always|--time-format delta|--time-format notime',
]
  .join('|')
  .split('|')

/** Messages of every kind, written as a program would. */
const MESSAGES = [
  "printf '<3>one: error\\n'",
  "printf '<30>daemon\\n'",
  "printf 'two\\nlines\\n'",
  "echo ''",
  "printf 'a\\tb\\033[31mred \\377 \\303\\251 back\\\\slash\\n'",
  "echo 'sub sys: after'",
]

function canTest(t: Test): boolean {
  return (
    requireThat(t, process.getuid?.() === 0, 'only root may mount') &&
    requireTool(t, 'dmesg') &&
    requireTool(t, 'unshare')
  )
}

const HOST =
  'unshare -m bash -c "mount --bind mnt/dev/kmsg /dev/kmsg; export LC_ALL=C; $0"'

t.test('the host’s dmesg shows our log as ours does', async t => {
  if (!requireTransport(t, 'positions')) return
  if (!canTest(t)) return
  const { out } = bootMounted(t)
  for (const message of MESSAGES) out(`${message} > mnt/dev/kmsg`)
  const host = (options: string) => out(HOST.replace('$0', `dmesg ${options} 2>&1; true`))
  const ours = (options: string) => out(`LC_ALL=C modbox dmesg ${options} 2>&1; true`)
  for (const options of OPTIONS) t.equal(ours(options), host(options), `dmesg ${options}`)

  out('modbox dmesg -C; echo later > mnt/dev/kmsg')
  t.equal(host('-t'), 'later\n', 'it begins where the log was cleared')
})

t.test('the host’s dmesg follows our log', async t => {
  if (!requireTransport(t, 'positions')) return
  if (!canTest(t)) return
  const { out } = bootMounted(t)
  out('echo early > mnt/dev/kmsg')
  const follow = (option: string) =>
    out(
      HOST.replace(
        '$0',
        `(sleep 0.5; echo new >/dev/kmsg) & timeout 1.2 dmesg -t ${option}; wait`,
      ),
    )
  t.equal(follow('-W'), 'new\n')
  t.match(follow('-w'), /early\nnew\nnew\n$/)
})
