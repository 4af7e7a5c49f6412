// What other users may not do.
import t from 'tap'
import { bootMounted } from '../harness/mounted.ts'
import { requireThat, requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const NOBODY = 65534

t.test('a second user is refused what he must be refused', async t => {
  if (!requireTransport(t, 'callers')) return
  if (!requireTool(t, 'setpriv')) return
  if (!requireThat(t, process.getuid?.() === 0, 'this test needs root')) return
  const { out, sh, build } = bootMounted(t, '--load-samples')
  const ko = await build(
    'tiny',
    `import { MODULE_LICENSE, module_init } from '#linux/module'
MODULE_LICENSE('GPL')
module_init(() => 0)
`,
  )
  out(`cp ${ko} tiny.ko; chmod a+rX . tiny.ko`)
  const user = (command: string) => sh(command, { uid: NOBODY })

  t.match(user('cat mnt/dev/scull0').err, /Permission denied/)
  t.match(user('echo x > mnt/dev/scull0').err, /Permission denied/)
  t.equal(
    user('head -c 2 mnt/dev/zero | wc -c').out.trim(),
    '2',
    'what is for all is for all',
  )
  t.match(
    user('mknod mnt/dev/x c 1 3; touch mnt/dev/y; rm mnt/dev/null').err,
    /(Permission denied|Operation not permitted)[^]*Permission denied[^]*Permission denied/,
  )
  t.match(user('echo 1 > mnt/proc/sys/kernel/printk').err, /Permission denied/)
  t.match(user('chmod 666 mnt/dev/scull0').err, /Operation not permitted/)

  t.equal(
    user('modbox insmod tiny.ko').err,
    'insmod: ERROR: could not insert module tiny.ko: Operation not permitted\n',
  )
  t.match(
    user('modbox rmmod scull').err,
    /could not remove module scull: Operation not permitted\n$/,
  )
  t.match(user('modbox dmesg').err, /read kernel buffer failed: Operation not permitted/)
  t.match(user('head -1 mnt/dev/kmsg').err, /Operation not permitted/)
  t.equal(user('modbox halt').status, 1)
  t.match(
    user('cat mnt/proc/modules').out,
    /Live 0x0000000000000000 \(OE\)/,
    'addresses are secret',
  )
  t.notMatch(user('cat mnt/proc/kallsyms').out, /[1-9a-f]{3,} [tT] /)

  out('chmod 666 mnt/dev/scull0')
  t.equal(user('echo mine > mnt/dev/scull0; cat mnt/dev/scull0').out, 'mine\n')
  t.equal(out('modbox lsmod | wc -l').trim(), '2', 'nothing has changed')
})
