// jit and jiq through the mount, with the commands of the book's labs.
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTransport } from '../harness/transport.ts'

const JIT = join(packageRoot(), 'drivers/jit')

t.test('head, dd and cat see time pass', async t => {
  if (!requireTransport(t, 'callers')) return
  const { out, sh } = bootMounted(t)
  out(`modbox insmod ${JIT}/jit.ko delay=3 && modbox insmod ${JIT}/jiq.ko`)
  for (const name of ['jitbusy', 'jitsched', 'jitqueue', 'jitschedto']) {
    const lines = out(`dd bs=22 count=3 status=none < mnt/proc/${name}`)
    t.match(lines, /^(?: *\d+ +\d+\n){3}$/, name)
  }
  t.equal(out('head -n 2 mnt/proc/jitschedto | wc -l').trim(), '2')
  t.match(out('cat mnt/proc/currentime'), /^0x/)
  t.match(out('cat mnt/proc/jitimer'), / 0 +\d+ +0 +cat\n(?:.* 1 +\d+ +0 .*\n){5}$/)
  t.match(out('cat mnt/proc/jiqwq'), /kworker/)
  // A program that is killed while it waits does not stay, nor does its timer.
  out('echo 100000 > mnt/sys/module/jit/parameters/tdelay')
  t.equal(sh('timeout -s KILL 0.3 cat mnt/proc/jitimer').signal, 'SIGKILL')
  out('modbox rmmod jit jiq')
  t.notMatch(out('modbox dmesg'), /WARNING|BUG|ODEBUG/)
})
