// Character devices through the mount, with the programs people use.
import t from 'tap'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

t.test('device nodes look like device nodes', async t => {
  if (!requireTransport(t, 'device nodes')) return
  const { out } = bootMounted(t, '--load-samples')
  t.match(
    out('ls -l mnt/dev/scull0'),
    /^crw------- 1 root root 254, +0 .* mnt\/dev\/scull0\n$/,
  )
  t.equal(out("stat -c '%F %t %T %a' mnt/dev/null"), 'character special file 1 3 666\n')
  t.equal(out('test -c mnt/dev/zero && echo yes'), 'yes\n')
  t.equal(out('find mnt/dev -type c | wc -l').trim(), '11')
  t.equal(out('cat mnt/sys/class/scull/scull2/dev'), '254:2\n')
  t.equal(out('readlink mnt/sys/dev/char/254:2'), '../../devices/virtual/scull/scull2\n')
})

t.test('the memory devices do what they do everywhere', async t => {
  const { out, sh } = bootMounted(t)
  t.equal(out('dd if=mnt/dev/zero bs=4k count=2 2>/dev/null | wc -c').trim(), '8192')
  t.equal(out('head -c 4 mnt/dev/zero | od -An -tx1').trim(), '00 00 00 00')
  t.equal(out('cat mnt/dev/null'), '')
  t.equal(out('echo gone > mnt/dev/null && echo ok'), 'ok\n')
  t.equal(out('head -c 100000 mnt/dev/urandom | wc -c').trim(), '100000')
  t.not(
    out('head -c 16 mnt/dev/random | od -An -tx1'),
    out('head -c 16 mnt/dev/random | od -An -tx1'),
  )

  const full = sh('echo x > mnt/dev/full')
  t.equal(full.status, 1)
  t.match(full.err, /write error: No space left on device/)
  t.equal(out('head -c 3 mnt/dev/full | od -An -tx1').trim(), '00 00 00')
})

t.test('scull holds what is written to it', async t => {
  const { out, sh } = bootMounted(t, '--load-samples')
  t.equal(out('echo hello > mnt/dev/scull0 && cat mnt/dev/scull0'), 'hello\n')
  t.equal(out('cat mnt/dev/scull1'), '')
  t.equal(out('printf abcdef > mnt/dev/scull1; tail -c 2 mnt/dev/scull1'), 'ef')
  t.equal(out('dd if=mnt/dev/scull1 bs=1 skip=2 count=3 2>/dev/null'), 'cde')
  t.equal(out('wc -c < mnt/dev/scull1').trim(), '6')
  t.equal(out('cp mnt/dev/scull1 copy && cat copy'), 'abcdef')
  t.equal(
    out(
      'seq 100 | head -c 200 > mnt/dev/scull2; sort -n mnt/dev/scull2 | tail -1',
    ).trim(),
    '70',
  )

  const tooMuch = sh('head -c 5000 mnt/dev/zero > mnt/dev/scull3')
  t.equal(tooMuch.status, 1)
  t.match(tooMuch.err, /No space left on device/)
  t.equal(out('wc -c < mnt/dev/scull3').trim(), '4096')
})

t.test('python reads, writes and seeks', async t => {
  if (!requireTool(t, 'python3')) return
  const { out } = bootMounted(t, '--load-samples')
  const program = `
import os
fd = os.open("mnt/dev/scull0", os.O_RDWR)
print(os.write(fd, b"hello world"), os.lseek(fd, 6, os.SEEK_SET), os.read(fd, 100))
print(os.lseek(fd, -5, os.SEEK_END), os.read(fd, 2), os.lseek(fd, 1, os.SEEK_CUR), os.read(fd, 9))
print(os.pread(fd, 4, 1), os.read(fd, 5))
os.lseek(fd, 9999, os.SEEK_SET)
try: os.write(fd, b"!")
except OSError as e: print(e.strerror)
print(os.lseek(fd, 11, os.SEEK_SET), os.write(fd, b"!"), os.pread(fd, 20, 0))
try: os.open("mnt/dev/nosuch", os.O_RDONLY)
except OSError as e: print(e.strerror)
`
  t.equal(
    out(`python3 -c '${program}'`),
    `11 6 b'world'\n6 b'wo' 9 b'ld'\nb'ello' b''\nNo space left on device\n11 1 b'hello world!'\nNo such file or directory\n`,
  )
})

t.test('users make nodes of their own in /dev', async t => {
  if (!requireTransport(t, 'device nodes')) return
  const { out, sh } = bootMounted(t, '--load-samples')
  t.equal(
    out('mknod mnt/dev/mine c 254 1 && ls -l mnt/dev/mine | cut -c1-10').trim(),
    'crw-r--r--',
  )
  t.equal(out('echo via my node > mnt/dev/mine; cat mnt/dev/scull1'), 'via my node\n')
  t.match(sh('mknod mnt/dev/mine c 254 1').err, /File exists/)
  t.equal(
    out('mknod mnt/dev/nobody c 200 0; cat mnt/dev/nobody 2>&1 || true'),
    'cat: mnt/dev/nobody: No such device or address\n',
  )
  t.equal(
    out(
      'chmod 640 mnt/dev/mine; chown 1:2 mnt/dev/mine; stat -c "%a %u %g" mnt/dev/mine',
    ),
    '640 1 2\n',
  )
  t.equal(
    out(
      'mkdir mnt/dev/d && ln -s ../null mnt/dev/d/n && readlink mnt/dev/d/n; mv mnt/dev/mine mnt/dev/d/m; ls mnt/dev/d',
    ),
    '../null\nm\nn\n',
  )
  t.equal(out('rm -r mnt/dev/d mnt/dev/nobody && ls mnt/dev | wc -l').trim(), '11')
  t.equal(
    out(
      'echo text > mnt/dev/file; cat mnt/dev/file; echo more >> mnt/dev/file; wc -c < mnt/dev/file',
    ),
    'text\n10\n',
    'a regular file, as in devtmpfs',
  )
})

t.test('four programs at once look and open, and none is confused', async t => {
  if (!requireTransport(t, 'device nodes')) return
  const { out } = bootMounted(t, '--load-samples')
  const look = 'for i in $(seq 150); do test -c mnt/dev/scull0 || echo wrong; done'
  const open =
    'for i in $(seq 150); do head -c1 mnt/dev/zero >tmp.$BASHPID; : < mnt/dev/scull0 || echo wrong; done'
  t.equal(
    out(`(${look}) & (${look}) & (${open}) & (${open}) & wait; echo done`),
    'done\n',
  )
})

t.test('a device without a position can be read on and on', async t => {
  if (!requireTransport(t, 'positions')) return
  const machine = bootMounted(t)
  const ko = await machine.build(
    'ticker',
    `import { no_llseek } from '#linux/fs'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { copy_to_user } from '#linux/uaccess'
MODULE_LICENSE('GPL')
let n = 0
const dev: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'ticker',
  fops: {
    owner: THIS_MODULE,
    llseek: no_llseek,
    read(_filp, buf, count, pos) {
      pos.value += 1
      return count < 1 || n === 5 ? 0 : 1 - copy_to_user(buf, new Uint8Array([0x30 + n++]), 1)
    },
  },
}
module_init(() => misc_register(dev))
module_exit(() => void misc_deregister(dev))
`,
  )
  machine.out(`modbox insmod ${ko}`)
  t.equal(machine.out('cat mnt/dev/ticker'), '01234')
  const seek =
    'import os; os.lseek(os.open("mnt/dev/ticker", os.O_RDONLY), 0, os.SEEK_SET)'
  if (requireTool(t, 'python3'))
    t.match(machine.sh(`python3 -c '${seek}'`).err, /Illegal seek/)
})
