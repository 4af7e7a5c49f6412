// pages: what a driver maps, a program reads and writes, and the other way round.
import t from 'tap'
import {
  PAGES_IOCCOUNT,
  PAGES_IOCFAULTS,
  PAGES_IOCUPPER,
} from '../../drivers/pages/pages_ioctl.ts'
import { EACCES, EFAULT, EINVAL, EIO, ENODEV } from '../../src/include/uapi/errno.ts'
import { O_RDONLY, O_RDWR } from '../../src/include/uapi/fcntl.ts'
import {
  MAP_PRIVATE,
  MAP_SHARED,
  MREMAP_MAYMOVE,
  PROT_READ,
  PROT_WRITE,
} from '../../src/include/uapi/mman.ts'
import type { UserProcess } from '../../src/user_process.ts'
import { boot, build } from '../harness/machine.ts'

const PAGE = 4096
const RW = PROT_READ | PROT_WRITE
const SIGBUS = 7
const SIGSEGV = 11
const shared = (length: number, offset = 0) => ({
  length,
  prot: RW,
  flags: MAP_SHARED,
  offset,
})

async function text(user: UserProcess, at: number, length: number): Promise<string> {
  return Buffer.from((await user.load(at, length)) as Uint8Array).toString()
}

/** The int that an ioctl stores. */
async function ask(user: UserProcess, fd: number, cmd: number): Promise<number> {
  const at = user.memory.alloc(4)
  await user.ioctl(fd, cmd, at)
  const bytes = Buffer.alloc(4)
  user.memory.read(at, bytes)
  return bytes.readInt32LE()
}

for (const name of ['pages0', 'pages1']) {
  t.test(`${name}: a mapping is the driver's own memory`, async t => {
    const { user, insmod } = await boot(t)
    t.equal(await insmod('pages'), 0)
    const fd = await user.open(`/dev/${name}`, O_RDWR)
    const at = await user.mmap(fd, shared(4 * PAGE))
    t.ok(at > 0 && at % PAGE === 0, 'the address of a page')

    t.equal(await user.store(at, 'hello'), 0)
    t.equal(await user.ioctl(fd, PAGES_IOCUPPER), 0)
    t.equal(await text(user, at, 6), 'HELLO\0')
    t.equal(await user.pwrite(fd, 'last', 4 * PAGE - 4), 4)
    t.equal(await text(user, at + 4 * PAGE - 4, 4), 'last')

    t.equal(await user.store(at + PAGE - 2, 'over'), 0, 'across a page boundary')
    t.strictSame(await user.pread(fd, 4, PAGE - 2), Uint8Array.from(Buffer.from('over')))
    t.equal(await user.close(fd), 0)
    t.equal(await text(user, at, 5), 'HELLO', 'it outlives the descriptor')
    t.equal(await user.munmap(at, 4 * PAGE), 0)
    t.equal(await user.load(at, 1), -EFAULT)
    t.strictSame(user.signals, [SIGSEGV])
  })

  t.test(`${name}: offsets count in pages`, async t => {
    const { user, insmod } = await boot(t)
    await insmod('pages')
    const fd = await user.open(`/dev/${name}`, O_RDWR)
    await user.pwrite(fd, 'third', 2 * PAGE)
    const at = await user.mmap(fd, shared(PAGE, 2 * PAGE))
    t.equal(await text(user, at, 5), 'third')
    t.equal(await user.mmap(fd, shared(PAGE, 100)), -EINVAL, 'within a page')
    await user.exit()
  })

  t.test(`${name}: a private mapping makes copies`, async t => {
    const { user, insmod } = await boot(t)
    await insmod('pages')
    const fd = await user.open(`/dev/${name}`, O_RDWR)
    await user.pwrite(fd, 'driver', 0)
    const at = await user.mmap(fd, { length: PAGE, prot: RW, flags: MAP_PRIVATE })
    t.equal(await text(user, at, 6), 'driver')
    await user.store(at, 'mine')
    t.equal(await text(user, at, 6), 'mineer')
    t.strictSame(await user.pread(fd, 6, 0), Uint8Array.from(Buffer.from('driver')))
    await user.pwrite(fd, 'later', 0)
    t.equal(await text(user, at, 6), 'mineer', 'it is a copy from then on')
    await user.exit()
  })
}

t.test('more than there is: refused at once, or SIGBUS where it is touched', async t => {
  const { user, insmod } = await boot(t)
  await insmod('pages', 'npages=2')
  const remap = await user.open('/dev/pages0', O_RDWR)
  t.equal(await user.mmap(remap, shared(3 * PAGE)), -EINVAL)
  t.equal(await user.mmap(remap, shared(2 * PAGE, PAGE)), -EINVAL)

  const fault = await user.open('/dev/pages1', O_RDWR)
  const at = await user.mmap(fault, shared(3 * PAGE))
  t.equal(await user.store(at + 2 * PAGE - 1, 'x'), 0)
  t.equal(await user.store(at + 2 * PAGE, 'x'), -EFAULT)
  t.equal(await user.load(at + 2 * PAGE, 1), -EFAULT)
  t.strictSame(user.signals, [SIGBUS, SIGBUS])
  await user.exit()
})

t.test('what mmap(2) refuses without asking the driver', async t => {
  const { user, insmod } = await boot(t)
  await insmod('pages')
  await insmod('scull')
  const fd = await user.open('/dev/pages1', O_RDONLY)
  t.equal(await user.mmap(fd, shared(PAGE)), -EACCES)
  t.equal(await user.mmap(fd, { length: 0, prot: PROT_READ, flags: MAP_SHARED }), -EINVAL)
  t.equal(await user.mmap(fd, { length: 1, prot: PROT_READ, flags: 0 }), -EINVAL)
  const at = await user.mmap(fd, { length: 1, prot: PROT_READ, flags: MAP_SHARED })
  t.ok(at > 0, 'a whole page')
  t.equal(await user.mprotect(at, PAGE, RW), -EACCES)
  t.equal(await user.store(at, 'x'), -EFAULT)
  t.strictSame(user.signals, [SIGSEGV])

  const scull = await user.open('/dev/scull0', O_RDWR)
  t.equal(await user.mmap(scull, shared(PAGE)), -ENODEV, 'a driver without mmap')
  await insmod('doze')
  const proc = await user.open('/proc/doze')
  const args = { length: PAGE, prot: PROT_READ, flags: MAP_SHARED }
  t.equal(await user.mmap(proc, args), -EIO, 'a file without proc_mmap')
  await user.exit()
})

t.test('open() and close() count mappings', async t => {
  const { user, insmod, rmmod } = await boot(t)
  await insmod('pages')
  const fd = await user.open('/dev/pages1', O_RDWR)
  const count = () => ask(user, fd, PAGES_IOCCOUNT)
  const at = await user.mmap(fd, shared(4 * PAGE))
  t.equal(await count(), 1)
  const child = await user.fork()
  t.equal(await count(), 2, 'a child has one, too')
  await child.store(at, 'child')
  t.equal(await text(user, at, 5), 'child', 'of the same memory')

  t.equal(await user.munmap(at + PAGE, PAGE), 0)
  t.equal(await count(), 3, 'a hole makes two of one')
  t.equal(await user.mprotect(at + 2 * PAGE, PAGE, PROT_READ), 0)
  t.equal(await count(), 4)
  t.equal(await user.store(at + 2 * PAGE, 'x'), -EFAULT)
  t.equal(await user.store(at + 3 * PAGE, 'x'), 0)

  await child.exit()
  t.equal(await count(), 3)
  t.equal(await rmmod('pages'), -11, 'in use')
  await user.close(fd)
  t.equal(await rmmod('pages'), -11, 'also by mappings alone')
  await user.exit()
  t.equal(await rmmod('pages'), 0)
})

t.test('fault() is asked once for each page', async t => {
  const { user, insmod } = await boot(t)
  await insmod('pages')
  const fd = await user.open('/dev/pages1', O_RDWR)
  const at = await user.mmap(fd, shared(4 * PAGE))
  t.equal(await ask(user, fd, PAGES_IOCFAULTS), 0, 'none is touched')
  await user.load(at, 2 * PAGE)
  await user.store(at, 'again')
  t.equal(await ask(user, fd, PAGES_IOCFAULTS), 2)
  await user.exit()
})

t.test('mremap(2)', async t => {
  const { user, insmod } = await boot(t)
  await insmod('pages')
  const fd = await user.open('/dev/pages1', O_RDWR)
  const at = await user.mmap(fd, shared(2 * PAGE))
  await user.store(at, 'first')
  const next = await user.mmap(fd, shared(PAGE))
  t.equal(next + PAGE, at, 'areas grow downwards')
  t.equal(await user.mremap(next, PAGE, 2 * PAGE), -12, 'no room to grow')
  const moved = await user.mremap(next, PAGE, 2 * PAGE, MREMAP_MAYMOVE)
  t.equal(await text(user, moved, 5), 'first')
  t.equal(await ask(user, fd, PAGES_IOCCOUNT), 2)
  t.equal(await user.mremap(at, 2 * PAGE, PAGE), at, 'shorter')
  t.equal(await user.load(at + PAGE, 1), -EFAULT)

  const remap = await user.open('/dev/pages0', O_RDWR)
  const whole = await user.mmap(remap, shared(PAGE))
  t.equal(await user.mremap(whole, PAGE, 2 * PAGE, MREMAP_MAYMOVE), -EFAULT)
  await user.exit()
})

t.test('a mapped buffer is user memory like any other', async t => {
  const { user, insmod } = await boot(t)
  await insmod('pages')
  const fd = await user.open('/dev/pages1', O_RDWR)
  const at = await user.mmap(fd, shared(PAGE))
  t.equal(await user.ioctl(fd, PAGES_IOCCOUNT, at), 0)
  t.strictSame(await user.load(at, 4), Uint8Array.of(1, 0, 0, 0))
  t.equal(await user.ioctl(fd, PAGES_IOCCOUNT, at - PAGE), -EFAULT)
  await user.exit()
})

const KMALLOC = `
import { virt_to_phys } from '#linux/io'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import { PAGE_SIZE, remap_pfn_range } from '#linux/mm'
import type { vm_area_struct } from '#linux/mm'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { GFP_KERNEL, kfree, kmalloc } from '#linux/slab'
MODULE_LICENSE('GPL')
let memory: Uint8Array
const dev = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'kmapped',
  fops: {
    mmap: (_filp: unknown, vma: vm_area_struct) =>
      remap_pfn_range(vma, vma.vm_start, virt_to_phys(memory) / PAGE_SIZE, 2 * PAGE_SIZE, vma.vm_page_prot),
    unlocked_ioctl: () => memory[PAGE_SIZE] ?? 0,
  },
}
module_init(() => {
  memory = kmalloc(2 * PAGE_SIZE, GFP_KERNEL) as Uint8Array
  memory.set([0x6b, 0x6d])
  return misc_register(dev)
})
module_exit(() => {
  misc_deregister(dev)
  kfree(memory)
})
`

t.test('memory of kmalloc() can be mapped', async t => {
  const { user, insmod } = await boot(t)
  t.equal(await insmod(await build(t, 'kmapped', KMALLOC)), 0)
  const fd = await user.open('/dev/kmapped', O_RDWR)
  const at = await user.mmap(fd, shared(2 * PAGE))
  t.equal(await text(user, at, 2), 'km')
  await user.store(at + PAGE, 'A')
  t.equal(await user.ioctl(fd, 0), 0x41)
  await user.exit()
})

t.test('/dev/zero: zeros of its own for each mapping', async t => {
  const { user } = await boot(t)
  const fd = await user.open('/dev/zero', O_RDWR)
  const one = await user.mmap(fd, shared(PAGE))
  const two = await user.mmap(fd, shared(PAGE))
  const copy = await user.mmap(fd, { length: PAGE, prot: RW, flags: MAP_PRIVATE })
  for (const at of [one, copy]) t.equal(await user.store(at, 'x'), 0)
  const child = await user.fork()
  await child.store(one, 'y')
  await child.store(copy, 'y')
  t.equal(await text(user, one, 1), 'y', 'shared with a child')
  t.equal(await text(user, two, 1), '\0', 'not with another mapping')
  t.equal(await text(user, copy, 1), 'x')
  await child.exit()
  await user.exit()
})
