// Parameters and events through the mount, with ordinary programs.
import t from 'tap'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const PAR = `
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { module_param, module_param_array } from '#linux/moduleparam'
MODULE_LICENSE('GPL')
module_param('speed', 'int', 3, 0o644)
module_param('secret', 'int', 4, 0o600)
module_param('limit', 'int', 5, 0o444)
module_param('label', 'charp', 'x', 0o644)
module_param_array('arr', 'int', [1, 2, 3], null, 0o644)
module_init(() => 0)
module_exit(() => {})
`

/** Waits with poll(2) for each event, prints it, and ends after the third. */
const LISTENER = `
import os, select, sys
fd = os.open('mnt/sys/kernel/uevent_stream', os.O_RDONLY | os.O_NONBLOCK)
print('ready', flush=True)
poll = select.poll()
poll.register(fd, select.POLLIN)
for _ in range(3):
    assert poll.poll(10000), 'no event'
    lines = os.read(fd, 65536).split(b'\\0')
    print(' '.join(line.decode() for line in lines if not line.startswith(b'SEQNUM')))
`

t.test('parameters are files that cat and echo use', async t => {
  if (!requireTransport(t, 'files without names')) return
  const { sh, out, build } = bootMounted(t)
  const ko = await build('par', PAR)
  const P = 'mnt/sys/module/par/parameters'
  out(`modbox insmod ${ko} speed=0x10 arr=4,5 'label="two words"'`)
  t.equal(
    out(`cd ${P} && stat -c '%n %A %s %h' *`),
    [
      'arr -rw-r--r-- 4096 1\n',
      'label -rw-r--r-- 4096 1\n',
      'limit -r--r--r-- 4096 1\n',
      'secret -rw------- 4096 1\n',
      'speed -rw-r--r-- 4096 1\n',
    ].join(''),
  )
  t.equal(
    out(`cd ${P} && grep . *`),
    'arr:4,5,3\nlabel:two words\nlimit:5\nsecret:4\nspeed:16\n',
  )
  t.equal(out(`echo 77 > ${P}/speed && cat ${P}/speed`), '77\n')
  t.equal(out(`dd if=${P}/speed bs=1 status=none`), '77\n')
  const fails = (command: string) =>
    sh(command)
      .err.replace(/^.*line \d+: /, '')
      .trim()
  t.equal(fails(`echo abc > ${P}/speed`), 'echo: write error: Invalid argument')
  t.equal(
    fails(`echo 99999999999 > ${P}/speed`),
    'echo: write error: Numerical result out of range',
  )
  t.equal(fails(`echo 1 > ${P}/limit`), `${P}/limit: Permission denied`)
  t.equal(fails(`echo 1 > ${P}/new`), `${P}/new: Permission denied`)
  t.equal(
    fails(`exec 7<${P}/speed; modbox rmmod par; cat <&7`),
    'cat: -: No such device',
    'an open file does not hold the module',
  )
})

t.test('poll(2) and read(2) on the stream of events', async t => {
  if (!requireTransport(t, 'poll')) return
  if (!requireTool(t, 'python3')) return
  const { out, build } = bootMounted(t)
  const ko = await build('par', PAR)
  const said = out(`
    coproc LISTEN { python3 -c "${LISTENER.replaceAll("'", '"').replaceAll('"', '\\"')}"; }
    exec 8<&"\${LISTEN[0]}" # bash forgets the coprocess when it has ended
    read -r line <&8
    modbox insmod ${ko} && echo change > mnt/sys/module/par/uevent && modbox rmmod par
    cat <&8`)
  const event = (action: string, more = '') =>
    `${action}@/module/par ACTION=${action} DEVPATH=/module/par SUBSYSTEM=module ${more}\n`
  t.equal(said, event('add') + event('change', 'SYNTH_UUID=0 ') + event('remove'))
})

t.test('what nobody knows on the kernel command line is said at boot', async t => {
  const { out } = bootMounted(t, '--append', 'quiet par.speed=4 frobnicate=1 splash')
  t.equal(out('cat mnt/proc/cmdline'), 'quiet par.speed=4 frobnicate=1 splash\n')
  t.match(
    out('modbox dmesg'),
    'Unknown kernel command line parameters "splash frobnicate=1", will be passed to user space.',
  )
})
