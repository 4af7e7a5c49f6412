// /dev, /proc and /sys as trees: names, permissions, refusals, and texts in pieces.
import t from 'tap'
import {
  EACCES,
  EFBIG,
  EINVAL,
  EISDIR,
  ELOOP,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
} from '../../src/include/linux/errno.ts'
import { DevTmpFs } from '../../src/fs/devtmpfs.ts'
import {
  directory,
  fixed_inode_operations,
  symlink,
  relativePath,
} from '../../src/fs/inode.ts'
import {
  inode_permission,
  MAY_EXEC,
  MAY_READ,
  MAY_WRITE,
  path_lookup,
} from '../../src/fs/namei.ts'
import { ramfs_file, ramfs_inode_operations } from '../../src/fs/ramfs.ts'
import { O_CREAT, O_DIRECTORY, O_RDONLY, O_WRONLY } from '../../src/include/uapi/fcntl.ts'
import { boot } from '../harness/machine.ts'

const root = { uid: 0, gid: 0 }
const alice = { uid: 1000, gid: 1000 }

t.test('permissions: owner, group, others, and root', async t => {
  const file = ramfs_file(new Uint8Array(), 0o640, { uid: 1000, gid: 50 })
  t.equal(inode_permission(file, MAY_READ | MAY_WRITE, alice), 0)
  t.equal(inode_permission(file, MAY_READ, { uid: 7, gid: 50 }), 0)
  t.equal(inode_permission(file, MAY_WRITE, { uid: 7, gid: 50 }), -EACCES)
  t.equal(inode_permission(file, MAY_READ, { uid: 7, gid: 7 }), -EACCES)
  t.equal(inode_permission(file, MAY_READ | MAY_WRITE, root), 0)
  t.equal(
    inode_permission(file, MAY_EXEC, root),
    -EACCES,
    'root too executes only what is executable',
  )
  t.equal(inode_permission(directory(0, fixed_inode_operations), MAY_EXEC, root), 0)
})

t.test('a directory counts the directories in it as its links', async t => {
  const top = directory(0o755, fixed_inode_operations)
  const make = () => directory(0o755, fixed_inode_operations)
  t.equal(top.nlink, 2)
  const first = top.add('a', make())
  top.add('b', make())
  top.add('file', ramfs_file(new Uint8Array(), 0o644))
  t.equal(top.nlink, 4)
  const second = top.add('a', make())
  t.equal(top.nlink, 4, 'one has taken the place of the other')
  first.remove()
  t.equal(top.child('a'), second, 'which is not there any more')
  second.remove()
  t.equal(top.nlink, 3)
})

t.test('paths: dots, links, loops and closed directories', async t => {
  const top = directory(0o755, fixed_inode_operations)
  const dir = top.add('dir', directory(0o700, fixed_inode_operations))
  const file = dir.add('file', ramfs_file(new Uint8Array(), 0o644))
  top.add('rel', symlink('dir/../dir/file', fixed_inode_operations))
  dir.add('abs', symlink('/dir/file', fixed_inode_operations))
  top.add('loop', symlink('loop', fixed_inode_operations))
  const look = (path: string, cred = root, follow = true) =>
    path_lookup(top, path, cred, follow)

  for (const path of ['/dir/file', 'dir//./file', '/../dir/file', '/rel', '/dir/abs']) {
    t.equal(look(path), file, path)
  }
  t.match(look('/rel', root, false), { i_link: 'dir/../dir/file' })
  t.equal(look('/nosuch'), -ENOENT)
  t.equal(look('/dir/file/x'), -ENOTDIR)
  t.equal(look('/loop'), -ELOOP)
  t.equal(look('/dir/file', alice), -EACCES)
  t.equal(relativePath(dir, file), 'file')
  t.equal(file.path, '/dir/file')
})

t.test('a ramfs holds files, links and directories', async t => {
  const { user, kernel } = await boot(t)
  const dev = kernel.root.child('dev')
  if (!dev) throw new Error('no /dev')
  t.equal(await user.writeFile('/dev/note', 'hello'), 5)
  const fd = await user.open('/dev/note', 2)
  t.equal(await user.pwrite(fd, 'J', 0), 1)
  t.equal(await user.pwrite(fd, '!', 7), 1)
  t.equal(await user.lseek(fd, 0, 2), 8)
  t.equal(await user.readFile('/dev/note'), 'Jello\0\0!')
  await user.close(fd)
  t.equal(await user.writeFile('/dev/note', 'x'), 1)
  t.equal(await user.readFile('/dev/note'), 'x', 'O_TRUNC has emptied it')
  await user.close(await user.open('/dev/note', 0o2001))

  const op = dev.i_op
  const dir = op.mkdir?.(dev, 'd', 0o755, root)
  if (typeof dir !== 'object') throw new Error('no directory')
  const note = dev.child('note')
  if (!note) throw new Error('no note')
  t.equal(op.rename?.(note, dir, 'moved'), 0)
  t.equal(await user.readFile('/dev/d/moved'), 'x')
  t.equal(op.rmdir?.(dev, dir), -ENOTEMPTY)
  t.equal(op.unlink?.(dir, note), 0)
  t.equal(op.rmdir?.(dev, dir), 0)
  t.equal(await user.open('/dev', O_WRONLY), -EISDIR)
  t.equal(await user.open('/dev/null', O_DIRECTORY), -ENOTDIR)
})

t.test('a directory in memory is as long as its entries, twenty bytes each', async t => {
  const dir = directory(0o755, ramfs_inode_operations)
  t.equal(dir.i_size, 40, 'of itself and of what is above it')
  const file = dir.add('file', ramfs_file(new Uint8Array(7), 0o644))
  dir.add('file', ramfs_file(new Uint8Array(), 0o644))
  t.equal(dir.i_size, 60, 'a name counts once')
  t.equal(file.i_size, 7)
  dir.child('file')?.remove()
  t.equal(dir.i_size, 40)
  t.equal(directory(0o755, fixed_inode_operations).i_size, 0)
})

t.test('a file in memory has a limit, and is not harmed by it', async t => {
  const { user } = await boot(t)
  const fd = await user.open('/dev/file', O_WRONLY | O_CREAT)
  t.equal(await user.write(fd, 'abc'), 3)
  t.equal(await user.ftruncate(fd, 2 ** 53 - 1), -EFBIG)
  t.equal(await user.pwrite(fd, 'abc', 2 ** 40), -ENOSPC)
  t.equal(await user.pwrite(fd, 'abc', 64 * 2 ** 20 - 2), -ENOSPC)
  t.equal(await user.readFile('/dev/file'), 'abc')
  t.equal(await user.ftruncate(fd, 64 * 2 ** 20), 0)
  await user.close(fd)
  user.kernel.root.child('dev')?.child('file')?.remove()
})

t.test('what is written counts in bytes, whatever they are', async t => {
  const { user } = await boot(t)
  for (const path of ['/proc/sysrq-trigger', '/sys/kernel/debug/irq/irqs/11']) {
    const fd = await user.open(path, O_WRONLY)
    t.equal(await user.write(fd, Buffer.from('?\xff\xfeä€', 'latin1')), 5, path)
    t.equal(await user.write(fd, '?ä€'), 6, path)
    await user.close(fd)
  }
})

t.test('devtmpfs makes directories for its nodes, and takes them away again', async t => {
  const dev = new DevTmpFs()
  const look = (path: string) => path_lookup(dev.root, path, root)
  dev.create_node('orc/sub/iter', 5, 0o660)
  dev.create_node('orc/other', 6, 0o600)
  t.match(look('orc/sub/iter'), { i_mode: 0o020660, i_rdev: 5 })
  dev.delete_node('orc/sub/iter', 5)
  t.equal(look('orc/sub'), -ENOENT)
  t.match(look('orc/other'), { i_rdev: 6 })
  dev.delete_node('orc/other', 6)
  t.equal(look('orc'), -ENOENT)
})

t.test('devtmpfs leaves what users have made', async t => {
  const dev = new DevTmpFs()
  const mine = ramfs_inode_operations.mknod?.(dev.root, 'scull0', 0o020666, 9, root)
  dev.create_node('scull0', 5, 0o600)
  t.equal(dev.root.child('scull0'), mine)
  dev.delete_node('scull0', 5)
  t.equal(dev.root.child('scull0'), mine)
})

t.test('nobody makes or removes names in /proc and /sys', async t => {
  const { user, kernel } = await boot(t)
  t.equal(await user.writeFile('/proc/new', 'x'), -ENOENT)
  t.equal(await user.writeFile('/sys/new', 'x'), -EACCES)
  const [proc, sys] = [kernel.root.child('proc'), kernel.root.child('sys')]
  t.equal(proc?.i_op.unlink?.(proc, proc), -EPERM)
  t.equal(proc?.i_op.refusal, -ENOENT)
  t.equal(sys?.i_op.refusal, -EPERM)
  t.equal(
    await user.writeFile('/sys/kernel/uevent_seqnum', 'x'),
    -EACCES,
    'root is held to modes here',
  )
  t.equal((await user.open('/proc/version', O_RDONLY)) > 0, true)
})

t.test(
  'texts read the same in pieces of one byte, at any offset, and after a seek',
  async t => {
    const { user, insmod } = await boot(t)
    await insmod('scull')
    const paths = [
      '/proc/modules',
      '/proc/devices',
      '/proc/misc',
      '/proc/version',
      '/proc/filesystems',
      '/proc/cmdline',
      '/proc/interrupts',
      '/proc/sys/kernel/printk',
      '/proc/sys/kernel/ostype',
      '/sys/module/scull/refcnt',
      '/sys/class/scull/scull0/uevent',
      '/proc/kallsyms',
    ]
    for (const path of paths) {
      const whole = await user.readFile(path)
      if (typeof whole === 'number') {
        t.fail(`${path}: ${whole}`)
        continue
      }
      const fd = await user.open(path)
      let pieces = ''
      for (let i = 0; i < Math.min(whole.length, 300); i++) {
        pieces += Buffer.from((await user.read(fd, 1)) as Uint8Array).toString()
      }
      t.equal(pieces, whole.slice(0, 300), path)
      const middle = whole.length >> 1
      t.equal(
        Buffer.from((await user.pread(fd, 5, middle)) as Uint8Array).toString(),
        whole.slice(middle, middle + 5),
      )
      t.match(await user.pread(fd, 5, whole.length + 9), { length: 0 })
      t.equal(await user.lseek(fd, 0), 0)
      t.equal(
        Buffer.from((await user.read(fd, 3)) as Uint8Array).toString(),
        whole.slice(0, 3),
      )
      await user.close(fd)
    }
  },
)

t.test('sysctl: numbers, names, and what is only to be read', async t => {
  const { user } = await boot(t)
  const sys = '/proc/sys/kernel'
  t.equal(await user.writeFile(`${sys}/panic_on_oops`, '0x1\n'), 4)
  t.equal(await user.readFile(`${sys}/panic_on_oops`), '1\n')
  t.equal(await user.writeFile(`${sys}/dmesg_restrict`, '2'), -EINVAL)
  t.equal(await user.writeFile(`${sys}/hostname`, 'orc\n'), 4)
  t.equal(await user.readFile(`${sys}/hostname`), 'orc\n')
  t.equal(await user.readFile(`${sys}/ostype`), 'Linux\n')
  t.ok(Number(await user.writeFile(`${sys}/ostype`, 'BSD')) < 0)
})
