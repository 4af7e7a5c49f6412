// Device nodes as programs find, make, move and keep them; numbers that nobody serves.
import t from 'tap'
import { bootMounted, start } from '../harness/mounted.ts'
import { requireThat, requireTool } from '../harness/require.ts'
import { until } from '../harness/until.ts'
import { requireTransport } from '../harness/transport.ts'

const DRIVER = `
import { cdev, cdev_add, cdev_del, cdev_init } from '#linux/cdev'
import { class_create, class_destroy, device_create, device_destroy } from '#linux/device'
import type { class as class_t } from '#linux/device'
import { alloc_chrdev_region, iminor, simple_read_from_buffer, unregister_chrdev_region } from '#linux/fs'
import { MINOR, MKDEV } from '#linux/kdev_t'
import { misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { cstring } from '#linux/string'
import { ref } from '#linux/types'
MODULE_LICENSE('GPL')
const first = ref(0)
const served = new cdev()
let cls: class_t
const fops = {
  owner: THIS_MODULE,
  read: (filp, buf, count, pos) => {
    const text = cstring('minor ' + iminor(filp.f_inode) + '\\n')
    return simple_read_from_buffer(buf, count, pos, text, text.length - 1)
  },
} satisfies import('#linux/fs').file_operations
const misc: miscdevice = { minor: 200, name: 'odd', nodename: 'odds/ends', mode: 0o444, fops }
module_init(() => {
  alloc_chrdev_region(first, 0, 4, 'nodes')
  cdev_init(served, fops)
  served.owner = THIS_MODULE
  cdev_add(served, first.value, 3)
  cls = class_create('nodes') as class_t
  cls.devnode = (dev, mode) => {
    if (mode && MINOR(dev.devt) === 1) mode.value = 0o664
    return MINOR(dev.devt) === 2 ? 'far/away/two' : undefined
  }
  device_create(cls, null, first.value, null, 'zero0')
  device_create(cls, null, first.value + 1, null, 'sub!one')
  device_create(cls, null, first.value + 2, null, 'two')
  return misc_register(misc)
})
module_exit(() => {
  misc_deregister(misc)
  for (let i = 0; i < 3; i++) device_destroy(cls, first.value + i)
  class_destroy(cls)
  cdev_del(served)
  unregister_chrdev_region(first.value, 4)
})
`

async function bootNodes(t: Parameters<typeof bootMounted>[0]) {
  const machine = bootMounted(t)
  const ko = await machine.build('nodes', DRIVER)
  machine.out(`cp ${ko} nodes.ko; modbox insmod nodes.ko`)
  return machine
}

t.test('nodes have the name and mode that their class wants', async t => {
  if (!requireTransport(t, 'device nodes')) return
  const { out, sh } = await bootNodes(t)
  const look = (path: string) =>
    out(`stat -c '%A %u:%g %t:%T %s %b %B %o %h %F' mnt/dev/${path}; cat mnt/dev/${path}`)
  const file = (mode: string, number: string, said: string) =>
    `c${mode} 0:0 ${number} 0 0 512 4096 1 character special file\n${said}\n`
  t.equal(look('zero0'), file('rw-------', 'fe:0', 'minor 0'))
  t.equal(look('sub/one'), file('rw-rw-r--', 'fe:1', 'minor 1'))
  t.equal(look('far/away/two'), file('rw-------', 'fe:2', 'minor 2'))
  t.equal(look('odds/ends'), file('r--r--r--', 'a:c8', 'minor 200'))
  t.equal(out("stat -c '%A %u:%g' mnt/dev/far/away"), 'drwxr-xr-x 0:0\n')
  t.equal(out('cat "mnt/sys/class/nodes/sub!one/dev"'), '254:1\n')
  t.equal(out('grep odd mnt/proc/misc'), '200 odd\n')

  out('touch mnt/dev/far/mine; modbox rmmod nodes')
  t.equal(out('ls mnt/dev/far'), 'mine\n', 'a folder that users use stays')
  t.equal(sh('ls mnt/dev/sub mnt/dev/odds').status, 2, 'those that are empty go')
})

t.test('tar, cp -a, find and du know them for what they are', async t => {
  if (!requireTransport(t, 'device nodes')) return
  const { out } = await bootNodes(t)
  t.equal(
    out('find mnt/dev/zero0 mnt/dev/sub mnt/dev/far -type c | sort'),
    'mnt/dev/far/away/two\nmnt/dev/sub/one\nmnt/dev/zero0\n',
  )
  t.equal(out('du -a mnt/dev/zero0 | cut -f1'), '0\n')
  if (!requireThat(t, process.getuid?.() === 0, 'only root makes device nodes')) return
  out('cp -a mnt/dev/zero0 mnt/dev/copy; cat mnt/dev/copy')
  t.equal(out("stat -c '%A %t:%T' mnt/dev/copy"), 'crw------- fe:0\n')
  if (!requireTool(t, 'tar')) return
  out('tar -C mnt/dev -cf nodes.tar zero0 sub && mkdir mnt/dev/out')
  t.match(
    out('tar -tvf nodes.tar'),
    /^crw------- .* 254,0 .* zero0\n[^]*crw-rw-r-- .* 254,1 .* sub\/one/,
  )
  t.equal(
    out('tar -C mnt/dev/out -xf nodes.tar && cat mnt/dev/out/sub/one'),
    'minor 1\n',
    'what was unpacked leads to the driver',
  )
})

t.test('mknod: what it makes, and what it refuses', async t => {
  if (!requireTransport(t, 'device nodes')) return
  if (!requireThat(t, process.getuid?.() === 0, 'only root makes device nodes')) return
  const { out, sh } = await bootNodes(t)
  const err = (command: string) => sh(command).err
  const ENXIO = 'No such device or address'
  t.equal(out('mknod mnt/dev/n c 254 1; cat mnt/dev/n'), 'minor 1\n')
  t.equal(out('mknod mnt/dev/hex c 0xfe 02; cat mnt/dev/hex'), 'minor 2\n')
  t.equal(err('mknod mnt/dev/n c 254 1'), 'mknod: mnt/dev/n: File exists\n')
  for (const number of ['5000000 0', '4096 0', '1 1048576'])
    t.equal(err(`mknod mnt/dev/x c ${number}`), 'mknod: mnt/dev/x: Invalid argument\n')
  out('mknod mnt/dev/last c 4095 1048575')
  t.match(out('ls -l mnt/dev/last'), / 4095, 1048575 /)

  out('mknod mnt/dev/other c 254 3; mknod mnt/dev/none c 239 0; mknod mnt/dev/b b 254 0')
  for (const name of ['other', 'none', 'last', 'b'])
    t.equal(err(`cat mnt/dev/${name}`), `cat: mnt/dev/${name}: ${ENXIO}\n`)
  t.match(out('ls -l mnt/dev/b'), /^brw-r--r-- .* 254, +0 /)
  t.equal(out('test -b mnt/dev/b && find mnt/dev -type b'), 'mnt/dev/b\n')
  t.match(err('echo x > mnt/dev/none'), /: mnt\/dev\/none: No such device or address\n$/)
  t.match(err('dd if=mnt/dev/none'), /failed to open 'mnt\/dev\/none': No such device or/)
  out('mknod mnt/dev/m c 10 99; mknod mnt/dev/odd2 c 10 200')
  t.equal(err('cat mnt/dev/m'), 'cat: mnt/dev/m: No such device\n', 'a minor of misc')
  t.equal(out('cat mnt/dev/odd2'), 'minor 200\n')
})

t.test('nodes survive their driver, and serve the next', async t => {
  if (!requireTransport(t, 'device nodes')) return
  if (!requireThat(t, process.getuid?.() === 0, 'only root makes device nodes')) return
  const { out, sh } = await bootNodes(t)
  out('mknod mnt/dev/stale c 254 0; rm mnt/dev/zero0; mknod mnt/dev/zero0 c 254 2')
  out('modbox rmmod nodes')
  for (const name of ['stale', 'zero0'])
    t.equal(
      sh(`cat mnt/dev/${name}`).err,
      `cat: mnt/dev/${name}: No such device or address\n`,
    )
  out('modbox insmod nodes.ko')
  t.equal(out('cat mnt/dev/stale mnt/dev/zero0'), 'minor 0\nminor 2\n', 'not replaced')
  t.equal(out('modbox rmmod nodes; ls mnt/dev/zero0'), 'mnt/dev/zero0\n', 'nor removed')
})

t.test('an open file does not mind what becomes of its node', async t => {
  if (!requireTransport(t, 'files without names')) return
  const { out, sh } = await bootNodes(t)
  t.equal(
    out(
      'exec 8<mnt/dev/zero0; rm mnt/dev/zero0; test -e mnt/dev/zero0 || cat <&8; cat mnt/sys/module/nodes/refcnt',
    ),
    'minor 0\n2\n',
  )
  t.equal(out('cat mnt/sys/module/nodes/refcnt'), '0\n')
  t.equal(
    out(
      'exec 8<mnt/dev/sub/one; mv mnt/dev/sub/one mnt/dev/moved; chmod 0 mnt/dev/moved; cat <&8',
    ),
    'minor 1\n',
  )
  t.equal(out("stat -c '%a' mnt/dev/moved"), '0\n')
  t.equal(
    out('ln -s moved mnt/dev/link; cat mnt/dev/link; stat -Lc %t:%T mnt/dev/link'),
    'minor 1\nfe:1\n',
  )
  t.match(sh('modbox rmmod nodes; ls mnt/dev/moved').out, /moved/)
})

t.test('other users are let in as the mode says', async t => {
  if (!requireTransport(t, 'device nodes')) return
  if (!requireTool(t, 'setpriv')) return
  if (!requireThat(t, process.getuid?.() === 0, 'needs root')) return
  const { out, sh } = await bootNodes(t)
  const as = (uid: number, command: string) => sh(command, { uid })
  t.match(as(1000, 'cat mnt/dev/zero0').err, /Permission denied/)
  t.equal(as(1000, 'cat mnt/dev/sub/one').out, 'minor 1\n')
  t.match(as(1000, 'echo > mnt/dev/sub/one').err, /Permission denied/)
  out('chown 1000:1001 mnt/dev/zero0; chmod 460 mnt/dev/zero0')
  t.equal(as(1000, 'cat mnt/dev/zero0').out, 'minor 0\n', 'the owner reads')
  t.match(as(1000, 'echo > mnt/dev/zero0').err, /Permission denied/)
  t.match(as(1001, 'echo > mnt/dev/zero0').err, /Invalid argument/, 'the group writes')
  t.match(as(1002, 'cat mnt/dev/zero0').err, /Permission denied/)
  t.match(as(1000, 'chown 1002 mnt/dev/zero0').err, /Operation not permitted/)
  t.equal(as(1000, 'chmod 444 mnt/dev/zero0').status, 0)
  t.equal(as(1002, 'cat mnt/dev/zero0').out, 'minor 0\n')
  for (const command of [
    'mknod mnt/dev/x c 254 0',
    'rm mnt/dev/zero0',
    'mkdir mnt/dev/d',
  ])
    t.match(as(1000, command).err, /Permission denied|Operation not permitted/, command)
})

t.test('pipes and sockets in /dev are those of the host', async t => {
  const machine = await bootNodes(t)
  const { out } = machine
  out('mkfifo -m 600 mnt/dev/fifo')
  t.equal(out("stat -c '%A %F' mnt/dev/fifo"), 'prw------- fifo\n')
  const reader = start(t, machine, 'cat mnt/dev/fifo')
  let got = ''
  reader.stdout.on('data', (data: Buffer) => (got += data.toString()))
  out('echo through > mnt/dev/fifo')
  await until(() => reader.exitCode === 0 && got !== '')
  t.equal(got, 'through\n')
  if (!requireTool(t, 'python3')) return
  const program = `
import socket, threading
s = socket.socket(socket.AF_UNIX); s.bind("mnt/dev/log"); s.listen()
c = socket.socket(socket.AF_UNIX); c.connect("mnt/dev/log"); a, _ = s.accept()
c.send(b"hi"); print(a.recv(9))`
  t.equal(
    out(`python3 -c '${program}'; test -S mnt/dev/log && rm mnt/dev/log`),
    "b'hi'\n",
  )
})
