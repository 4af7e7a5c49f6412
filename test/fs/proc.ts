// proc_create() and its family: names, modes, what is missing, and removal while files are open.
import t from 'tap'
import type { Test } from 'tap'
import { EINVAL, EIO, ENOENT, ENOTTY, ESPIPE } from '../../src/include/linux/errno.ts'
import { boot, build } from '../harness/machine.ts'

const O_RDWR = 2

async function machine(t: Test, name: string, body: string) {
  const source = `
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'
import * as proc from '#linux/proc_fs'
import * as seq from '#linux/seq_file'
import { wait_event, wait_queue_head, wake_up } from '#linux/wait'
MODULE_LICENSE('GPL')
${body}`
  const image = await build(t, name, source)
  const booted = await boot(t)
  t.equal(await booted.insmod(image), 0)
  return booted
}

t.test('an entry with no operations answers as Linux does', async t => {
  const { user, kernel } = await machine(
    t,
    'bare',
    `module_init(() => (proc.proc_create('bare', 0, null, {}) ? 0 : -1))
module_exit(() => proc.remove_proc_entry('bare', null))`,
  )
  const inode = user.lstat('/proc/bare')
  t.match(inode, { i_mode: 0o100444, i_size: 0 })
  const fd = await user.open('/proc/bare', O_RDWR)
  t.equal(await user.read(fd, 10), -EIO)
  t.equal(await user.write(fd, 'x'), -EIO)
  t.equal(await user.lseek(fd, 0), -ESPIPE)
  t.equal(await user.ioctl(fd, 0x1234), -ENOTTY)
  t.equal(await user.ready(fd), 0x145, 'ready for all')
  await user.close(fd)
  t.equal(kernel.files.count, 0)
})

t.test('data, owners, sizes, directories and links', async t => {
  const { user } = await machine(
    t,
    'props',
    `module_init(() => {
  const dir = proc.proc_mkdir_data('props', 0o700, null, 'above')
  const show = (m: seq.seq_file) => {
    const { f_inode } = m.file
    const data = [m.private, proc.pde_data(f_inode), proc.proc_get_parent_data(f_inode)]
    seq.seq_puts(m, data.join())
    return 0
  }
  const one = proc.proc_create_single_data('one', 0o640, dir, show, 'mine')
  proc.proc_create_data('two', 0o400, dir, seq.DEFINE_PROC_SHOW_ATTRIBUTE(show), 'other')
  proc.proc_symlink('link', dir, 'one')
  proc.proc_mkdir_mode('props/sub', 0o711, null)
  if (!one) return -1
  proc.proc_set_user(one, 5, 7)
  proc.proc_set_size(one, 14)
  return 0
})
module_exit(async () => {
  await proc.remove_proc_subtree('props', null)
})`,
  )
  t.equal(await user.readFile('/proc/props/one'), 'mine,mine,above')
  t.equal(await user.readFile('/proc/props/link'), 'mine,mine,above')
  t.equal(await user.readFile('/proc/props/two'), 'other,other,above')
  t.match(user.lstat('/proc/props'), { i_mode: 0o040700, nlink: 3 })
  t.match(user.lstat('/proc/props/one'), { i_uid: 5, i_gid: 7, i_size: 14 })
  t.match(user.lstat('/proc/props/link'), { i_link: 'one', i_size: 3 })
  t.match(user.lstat('/proc/props/sub'), { i_mode: 0o040711 })
})

t.test('names that cannot be, and what is removed in vain', async t => {
  const { dmesg, rmmod } = await machine(
    t,
    'names',
    `const ops = {}
module_init(() => {
  for (const name of ['version', '', 'no/x', '.', '123', 'x'.repeat(256), '0123'])
    pr_info('%s\\n', proc.proc_create(name, 0, null, ops) ? 'made' : 'none')
  proc.proc_create('0', 0o040444, null, ops)
  proc.proc_mkdir('dir', null)
  proc.proc_create('dir/left', 0, null, ops)
  return 0
})
module_exit(async () => {
  await proc.remove_proc_entry('0123', null)
  await proc.remove_proc_entry('gone', null)
  pr_info('%d\\n', await proc.remove_proc_subtree('gone', null))
  await proc.proc_remove(null)
  await proc.remove_proc_entry('dir', null)
})`,
  )
  const warned = (lines: string[]) =>
    lines.flatMap((line, i) =>
      line.includes('cut here')
        ? (lines[i + 1] ?? '').slice(3)
        : line.startsWith('<6>')
          ? line.slice(3)
          : [],
    )
  t.same(warned(dmesg()), [
    "proc_dir_entry '/proc/version' already registered",
    'none',
    'name len 0',
    'none',
    "name 'no/x'",
    'none',
    "name '.'",
    'none',
    "create '/proc/123' by hand",
    'none',
    'name len 256',
    'none',
    'made',
    'WARNING: CPU: 0 PID: 1 at proc_create_reg',
  ])
  t.equal(await rmmod('names'), 0)
  t.same(warned(dmesg()), [
    "name 'gone'",
    '-2',
    "remove_proc_entry: removing non-empty directory '/proc/dir', leaking at least 'left'",
  ])
})

t.test(
  'removal waits for calls in progress, releases what is open, then EIO',
  async t => {
    const { user, process, rmmod, dmesg } = await machine(
      t,
      'busy',
      `const wq = new wait_queue_head()
let awake = false
const ops: proc.proc_ops = {
  async proc_read() {
    await wait_event(wq, () => awake)
    pr_info('read ends\\n')
    return 0
  },
  proc_write(_filp, _buf, count) {
    awake = true
    wake_up(wq)
    return count
  },
  proc_lseek: () => 5,
  proc_release() {
    pr_info('release\\n')
    return 0
  },
}
module_init(() => {
  proc.proc_create('wake', 0o600, null, ops)
  return proc.proc_create('busy', 0o600, null, ops) ? 0 : -1
})
module_exit(async () => {
  await proc.remove_proc_entry('busy', null)
  pr_info('removed\\n')
  await proc.remove_proc_entry('wake', null)
})`,
    )
    const fd = await user.open('/proc/busy', O_RDWR)
    const other = process({ pid: 2 })
    const wake = await other.open('/proc/wake', O_RDWR)
    const reading = user.read(fd, 10)
    const removing = rmmod('busy')
    t.equal(await other.open('/proc/busy'), -ENOENT, 'its name is gone first')
    dmesg()
    t.equal(await other.write(wake, 'x'), 1)
    t.equal(((await reading) as Uint8Array).length, 0)
    t.equal(await removing, 0)
    t.same(dmesg(), ['<6>read ends', '<6>release', '<6>removed', '<6>release'])
    t.equal(await user.read(fd, 10), -EIO)
    t.equal(await user.write(fd, 'x'), -EIO)
    t.equal(await user.lseek(fd, 0), -EINVAL)
    await user.close(fd)
    await other.close(wake)
    t.same(dmesg(), [], 'not released twice')
  },
)

t.test('a reader that crashes leaves the entry free to be removed', async t => {
  const { user, rmmod } = await machine(
    t,
    'crash',
    `const show = (m: seq.seq_file) => {
  seq.seq_puts(m, m.private.nothing.at.all)
  return 0
}
module_init(() => (proc.proc_create_single('crash', 0, null, show) ? 0 : -1))
module_exit(() => proc.remove_proc_entry('crash', null))`,
  )
  t.equal(await user.readFile('/proc/crash'), -EIO)
  t.same(user.signals, [9])
  t.equal(await rmmod('crash'), 0)
})
