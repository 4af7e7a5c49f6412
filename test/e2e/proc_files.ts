// Files in /proc that drivers make, through the mount and with real programs.
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const NOTES = join(packageRoot(), 'drivers/notes/notes.ko')

t.test('notes: shells add, any program reads', async t => {
  const { out, sh } = bootMounted(t)
  out(`modbox insmod ${NOTES}`)
  out('for i in one two three; do echo $i > mnt/proc/notes/list; done')
  const text = '  1 one\n  2 two\n  3 three\n'
  t.equal(out('cat mnt/proc/notes/list'), text)
  for (const size of [1, 7, 9, 4096])
    t.equal(
      out(`dd bs=${size} status=none if=mnt/proc/notes/list`),
      text,
      `dd bs=${size}`,
    )
  t.equal(out('tail -n 1 mnt/proc/notes/list'), '  3 three\n')
  t.equal(out('cat mnt/proc/notes/count'), '3\n')
  t.equal(
    out('cd mnt/proc/notes && stat -c "%A %s %o %h %n" . list count'),
    'dr-xr-xr-x 0 1024 2 .\n-rw-rw-rw- 0 1024 1 list\n-r--r--r-- 0 1024 1 count\n',
  )
  t.match(sh('echo -9 > mnt/proc/notes/list').err, /No such file or directory/)
  t.match(sh('echo x > mnt/proc/notes/count').err, /write error: Input\/output error/)
  t.match(sh('rm mnt/proc/notes/list').err, /Operation not permitted/)
  out('modbox rmmod notes')
  t.match(sh('cat mnt/proc/notes/list').err, /No such file or directory/)
})

t.test('positions: pread, SEEK_SET and SEEK_CUR, but no end', async t => {
  if (!requireTool(t, 'python3')) return
  const { out } = bootMounted(t)
  out(`modbox insmod ${NOTES}; for i in a b c; do echo $i > mnt/proc/notes/list; done`)
  const program = `
import os
fd = os.open('mnt/proc/notes/list', os.O_RDWR)
print(os.pread(fd, 5, 6), os.read(fd, 3), os.lseek(fd, 5, os.SEEK_CUR), os.read(fd, 99))
try: os.lseek(fd, 0, os.SEEK_END)
except OSError as e: print(e.strerror)
print(os.write(fd, b'd'), os.lseek(fd, 18, os.SEEK_SET), os.read(fd, 99))
`
  t.equal(
    out(`python3 - <<'END'${program}END`),
    "b'  2 b' b'  1' 8 b'2 b\\n  3 c\\n'\nInvalid argument\n1 18 b'  4 d\\n'\n",
  )
})

t.test('an entry that is open does not keep its module', async t => {
  if (!requireTransport(t, 'files without names')) return
  const { out, sh, build } = bootMounted(t)
  const file = await build(
    'held',
    `import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'
import { proc_create, remove_proc_entry } from '#linux/proc_fs'
MODULE_LICENSE('GPL')
module_init(() => {
  const proc_release = () => {
    pr_info('held: release\\n')
    return 0
  }
  return proc_create('held', 0, null, { proc_read: () => 0, proc_release }) ? 0 : -12
})
module_exit(() => remove_proc_entry('held', null))
`,
  )
  out(`modbox insmod ${file}`)
  const said = sh(
    'exec 8<mnt/proc/held; modbox rmmod held; modbox dmesg -t | tail -n 1; cat <&8',
  )
  t.match(said, {
    out: 'held: release\n',
    err: 'cat: -: Input/output error\n',
    status: 1,
  })
  t.equal(out("modbox dmesg | grep -c 'held: release'"), '1\n', 'once')
})
