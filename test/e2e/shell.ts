// `modbox shell` in a terminal: a prompt, job control, and nothing left in the end.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { machineFolder } from '../harness/mounted.ts'
import { nothingLeft, requireRun } from '../harness/run.ts'
import { withIoctls } from '../harness/run_ioctl.ts'
import { Terminal } from '../harness/terminal.ts'
import { until } from '../harness/until.ts'

const HELLO = join(packageRoot(), 'drivers/hello/hello.ko')

t.test('a session in a terminal', async t => {
  if (!requireRun(t, 'tmux', 'insmod')) return
  const terminal = new Terminal(t, machineFolder(t))
  await terminal.types(
    'PS1="outer> "; SHELL=/bin/bash modbox shell',
    /\(modbox\) .*[#$]$/,
  )
  await terminal.types('tty; sleep 1000', /\/dev\/pts\/\d+$/)
  await terminal.types('C-c', /\^C\n\(modbox\) .*[#$]$/)
  await terminal.types('echo status $?', /\nstatus 130\n/)
  await terminal.types('sleep 1000', /\$ sleep 1000$|# sleep 1000$/)
  await terminal.types('C-z', /Stopped +sleep 1000\n/)
  await terminal.types('kill %1; wait; jobs; echo done', /\ndone\n/)
  await terminal.types(
    `PATH=$PATH:/usr/sbin; insmod ${HELLO}; lsmod`,
    /\nhello +\d+ +0\n/,
  )
  await terminal.types('suspend', /Stopped +PS1.*\nouter>$|Stopped +SHELL.*\nouter>$/)
  await terminal.types('fg', /modbox shell\n\(modbox\) .*[#$]$|modbox shell$/)
  await terminal.types('exit 3', /exit\nouter>$/)
  await terminal.types('echo "status" $?', /\nstatus 3\n/)
  await until(() => !readFileSync('/proc/self/mounts', 'utf8').includes(terminal.folder))
  await nothingLeft(terminal.folder)
  t.pass('nothing is mounted any more')
})

t.test('keys reach a forwarded call', async t => {
  if (!requireRun(t, 'tmux', 'gcc')) return
  const { mnt } = await withIoctls(t)
  const terminal = new Terminal(t, join(mnt, '..'))
  await terminal.types('SHELL=/bin/bash modbox shell', /\(modbox\) .*[#$]$/)
  await terminal.types('./ioctls /dev/runioctl wait', /\nwaiting$/)
  await terminal.types('C-z', /Stopped +\.\/ioctls .*\n\(modbox\) .*[#$]$/)
  await terminal.types('clear; fg', /^\.\/ioctls \S+ wait$/)
  await terminal.types('C-c', /\^C\n\(modbox\) .*[#$]$/)
  await terminal.types('echo status $?', /\nstatus 130\n/)
  await terminal.types('clear; ./ioctls /dev/runioctl wait &', /waiting/)
  await terminal.types('', /[#$]$/)
  await terminal.types('kill %1; wait; echo over', /\nover\n/)
  await terminal.types('exit', /exit\n.*[#$]$/)
  t.pass('it is stopped, continued and ended as any other call')
})
