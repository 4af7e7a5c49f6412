// The same log, shown by the host's dmesg and by ours: every byte must be the same.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { findTool, requireTool } from '../harness/require.ts'
import { runTool } from '../harness/tool.ts'

const LOG = [
  '<6>[    1.000001] pk: info',
  '<4>[    1.000008] pk: warning',
  '<3>[    2.500000] sub sys: err: more',
  '<2>[   14.500000] crit',
  '<1>[   75.600000] a:b alert',
  '<0>[ 4000.000000] dev:x: emerg',
  '<6>[ 4000.000001] app[12]: segfault at 0 ip',
  '<12>[ 4001.000000] user',
  '  indented second line',
  '<30>no time',
  '<6>[ 4002.000000] ',
  '<3>[ 4002.000001] nothing follows: ',
  '<5>[ 4002.000002] bytes: \x7f end',
  '<7>[ 4003.000000] tab[\t] bell[\x07] esc[\x1b[1m] utf[é] \\x41',
  '',
].join('\n')

const OPTIONS = `
-x|-d|-t|-e|-T|-u|-k|--noescape|-t -d|-T -d|-e -d|-e -T|-T -e|-t -x
--time-format iso|--time-format delta|--time-format ctime|--time-format reltime
--time-format notime|--time-format bogus|-d --time-format iso
--color=always|-x --color=always|-L=always -e|--colo=always -u|-Lbogus
-l err|-l err,warn|-l 1|-l 8|-l bogus|-l warn+
-f user|-f 1|-f 3,kern|-f bogus|-f local7
-C -c|-r -x|-H -r|-S -w
-J|-J -x|-J -l err|-p|-p -x|-r|-r --noescape|-r -l err|-r -k|-s x|-s 0 -t
--since now|--until now|--since 2020-01-01|--until 2020-01-01|--since -5min -t|--until +1h -t
--since bogus|--until ''|--since tomorrow|--since 70-01-01 -t|--until 2020-01-01T10:00:00
-z|-xz|--bogus|--bogus=3|-l|--level|operand`

const ATTEMPTS = 3

t.test('dmesg -F shows a log as the host’s dmesg does', async t => {
  if (!requireTool(t, 'dmesg')) return
  const file = join(t.testdir({ log: LOG }), 'log')
  for (const env of [{ LC_ALL: 'C' }, { LC_ALL: 'C.UTF-8' }]) {
    for (const line of OPTIONS.split(/[\n|]/)) {
      const options = line.split(' ').filter(word => word !== '')
      const { host, ours } = await both(['-F', file, ...options], env)
      t.same(ours, host, `${env.LC_ALL} ${line}`)
    }
  }
})

/** Times of day may differ by a second, when it turns between the two: then again. */
async function both(argv: string[], env: NodeJS.ProcessEnv) {
  for (let attempt = 1; ; attempt++) {
    const host = spawnSync(findTool('dmesg') ?? '', argv, { encoding: 'utf8', env })
    const { status, out, err } = await runTool(['dmesg', ...argv], { env })
    const ours = { status, out, err }
    const theirs = { status: host.status, out: host.stdout, err: nameOnly(host.stderr) }
    if (attempt === ATTEMPTS || out === host.stdout) return { host: theirs, ours }
  }
}

/** Errors begin with the name the program was called by. */
function nameOnly(text: string): string {
  return text.replaceAll(findTool('dmesg') ?? '', 'dmesg')
}
