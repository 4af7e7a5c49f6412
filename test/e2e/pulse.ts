// pulse through the mount: a C program waits for what interrupts bring.
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'

t.test('characters come one by one', async t => {
  if (!requireTool(t, 'gcc')) return
  const { out } = bootMounted(t)
  out(`modbox insmod ${join(packageRoot(), 'drivers/pulse/pulse.ko')} period=10`)
  out(`gcc -Wall -Werror -o pulse ${join(packageRoot(), 'test/programs/pulse.c')}`)
  t.equal(
    out('./pulse mnt/dev/pulse'),
    'poll: 1\nout of turn: 0\nnothing yet: Resource temporarily unavailable\nwaited: 1\n',
  )
  t.equal(out('head -c 5 mnt/dev/pulse | wc -c').trim(), '5')
  t.match(out('cat mnt/proc/interrupts'), /^ *\d+: +\d+ .* pulse$/m)
  out('modbox rmmod pulse')
  t.notMatch(out('modbox dmesg'), /WARNING|BUG/)
})
