// What FUSE's requests do not say and the caller's system call does: flags of open(2), pread(2), how far
// from the end lseek(2) goes, who closes a file.

import t, { type Test } from 'tap'
import { bootMounted, type MountedMachine } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const DRIVER = `
import { ENODEV } from '#linux/errno'
import { misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { fixed_size_llseek } from '#linux/fs'
import { pr_info } from '#linux/printk'
import { current } from '#linux/sched'
import { clear_user } from '#linux/uaccess'
MODULE_LICENSE('GPL')

const dev = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'told',
  fops: {
    owner: THIS_MODULE,
    open: (_inode, filp) => (pr_info('open 0%o\\n', filp.f_flags), 0),
    release: () => (pr_info('release by %s, uid %d\\n', current.comm, current.cred.uid), 0),
    llseek(filp, offset, whence) {
      const at = fixed_size_llseek(filp, offset, whence, 64)
      pr_info('llseek %lld %d -> %lld\\n', offset, whence, at)
      return at
    },
    read(_filp, buf, count, pos) {
      pr_info('read %zu at %lld\\n', count, pos.value)
      clear_user(buf, count)
      pos.value += count
      return count
    },
    write(_filp, _buf, count, pos) {
      pr_info('write %zu at %lld\\n', count, pos.value)
      pos.value += count
      return count
    },
  },
}
/** Of what may be mapped the host believes that it has pages. */
const paged = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'paged',
  fops: { owner: THIS_MODULE, read: dev.fops.read, write: dev.fops.write, mmap: () => -ENODEV },
}
module_init(() => misc_register(dev) || misc_register(paged))
module_exit(() => {
  misc_deregister(dev)
  misc_deregister(paged)
})
`

async function boot(t: Test): Promise<MountedMachine> {
  const machine = bootMounted(t)
  const ko = await machine.build('told', DRIVER)
  machine.out(`modbox insmod ${ko} && modbox dmesg --clear`)
  return machine
}

/** What the driver has said since the last time, but for who releases it. */
function said({ out }: MountedMachine): string[] {
  return out('modbox dmesg --notime --read-clear')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('release'))
}

/** Run Python with the device as `path`, and `os`: what the driver said. */
const python = (machine: MountedMachine, program: string): string[] => {
  machine.out(`python3 -c 'import os\npath = "mnt/dev/told"\n${program}'`)
  return said(machine)
}

t.test('what the requests do not say', async t => {
  if (!requireTransport(t, 'open flags', 'positions', 'callers')) return
  if (!requireTool(t, 'python3')) return
  const machine = await boot(t)

  t.test('open() sees O_CREAT, O_EXCL and O_NOCTTY', async t => {
    const { out } = machine
    out('echo > mnt/dev/told')
    t.same(said(machine), ['open 0101101', 'write 1 at 0'])
    t.same(python(machine, 'os.open(path, os.O_RDWR | os.O_NOCTTY)'), ['open 0100402'])
  })

  t.test('pread(2) and pwrite(2) ask no llseek() and leave the position', async t => {
    const program = `
fd = os.open(path, os.O_RDWR)
os.read(fd, 3)
os.pread(fd, 2, 40)
os.pwrite(fd, b"ab", 50)
os.read(fd, 1)
os.lseek(fd, 20, os.SEEK_SET)
os.read(fd, 1)`
    t.same(python(machine, program).slice(1), [
      'read 3 at 0',
      'read 2 at 40',
      'write 2 at 50',
      'read 1 at 3',
      'llseek 20 0 -> 20',
      'read 1 at 20',
    ])
  })

  t.test('an lseek(2) comes before the pread(2) that follows it', async t => {
    const program = `
fd = os.open(path, os.O_RDWR)
os.lseek(fd, 20, os.SEEK_SET)
os.pread(fd, 2, 40)
os.pwrite(fd, b"ab", 50)
os.read(fd, 1)`
    t.same(python(machine, program).slice(1), [
      'llseek 20 0 -> 20',
      'read 2 at 40',
      'write 2 at 50',
      'read 1 at 20',
    ])
  })

  t.test('also while signals come', async t => {
    const program = `
import signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
fd = os.open(path, os.O_RDWR)
for _ in range(2000): os.pread(fd, 1, 40)
signal.setitimer(signal.ITIMER_REAL, 0)`
    const lines = python(machine, program)
    t.same(
      lines.filter(line => line.startsWith('llseek')),
      [],
    )
  })

  t.test(
    'what llseek() refuses is the error of the next read, pread(2) or not',
    async t => {
      const program = `
fd = os.open(path, os.O_RDWR)
os.lseek(fd, 100, os.SEEK_SET)
os.pread(fd, 2, 40)
try: os.read(fd, 1)
except OSError as e: assert e.errno == 22
else: assert False`
      t.same(python(machine, program).slice(1), [
        'llseek 100 0 -> -22',
        'read 2 at 40',
        'llseek 100 0 -> -22',
      ])
    },
  )

  t.test('llseek() is told how far from the end lseek(2) goes', async t => {
    const program = `
fd = os.open(path, os.O_RDWR)
assert os.lseek(fd, -4, os.SEEK_END) == 60
os.read(fd, 1)
assert os.lseek(fd, 0, os.SEEK_END) == 64
os.fstat(fd)
try:
    os.lseek(fd, 1, os.SEEK_END)
except OSError as e:
    assert e.errno == 22
else:
    assert False`
    t.same(python(machine, program).slice(1), [
      'llseek -4 2 -> 60',
      'read 1 at 60',
      'llseek 0 2 -> 64',
      'llseek 1 2 -> -22',
    ])
  })

  t.test('nothing is copied from a device but by read()', async t => {
    const program = `
import errno
fd = os.open("mnt/dev/paged", os.O_RDWR)
zero = os.open("mnt/dev/zero", os.O_RDWR)
def error(call):
    try:
        call()
    except OSError as e:
        return errno.errorcode[e.errno]
assert error(lambda: os.sendfile(zero, fd, None, 5)) == "EINVAL"
assert error(lambda: os.copy_file_range(fd, zero, 5)) == "EINVAL"
assert error(lambda: os.posix_fallocate(fd, 0, 5)) == "ENODEV"`
    t.same(python(machine, program), [])
    const { out } = machine
    out(
      'head -c 5 mnt/dev/paged > bytes; cp bytes mnt/dev/copied; cp mnt/dev/copied bytes',
    )
    t.equal(out('wc -c < bytes').trim(), '5', 'files in /dev are files')
    out('timeout 10 cp mnt/dev/null mnt/dev/copied')
  })

  t.test('release() knows who closed the file', async t => {
    const { out } = machine
    out('cat < mnt/dev/told | head -c 1')
    const lines = out('modbox dmesg --notime --read-clear').split('\n')
    t.ok(lines.includes('release by cat, uid 0'), lines.join('\n'))
  })

  t.test('dd seek= finds its place', async t => {
    const { out, sh } = machine
    out('printf abc | dd of=mnt/dev/told bs=1 seek=5 status=none')
    t.same(said(machine).slice(-2), ['write 1 at 6', 'write 1 at 7'])
    t.not(sh('truncate -s 0 mnt/dev/told').status, 0, 'but nothing truncates a device')
    said(machine)
  })
})
