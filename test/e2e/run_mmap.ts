// mmap(2) under `modbox run`: the driver is asked within the call, as on Linux.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted, type MountedMachine } from '../harness/mounted.ts'
import { requireRun } from '../harness/run.ts'

const SOURCE = join(packageRoot(), 'test/programs/pages.c')

const ASKED = `
import { proc_create, proc_remove } from '#linux/proc_fs'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { vmalloc_user, vfree, remap_vmalloc_range } from '#linux/vmalloc'
import { pr_info } from '#linux/printk'
import { msleep } from '#linux/delay'
import { ENXIO } from '#linux/errno'
MODULE_LICENSE('GPL')
let memory: Uint8Array
const fops = {
  async mmap(_filp: unknown, vma: { vm_start: number; vm_end: number; vm_pgoff: number }) {
    pr_info('%d pages at page %d\\n', (vma.vm_end - vma.vm_start) / 4096, vma.vm_pgoff)
    if (vma.vm_pgoff > 0) return -ENXIO
    await msleep(10)
    return remap_vmalloc_range(vma as never, memory, 0)
  },
}
const dev = { minor: MISC_DYNAMIC_MINOR, name: 'asked', mode: 0o666, fops }
let entry: unknown
module_init(() => {
  memory = vmalloc_user(8192) as Uint8Array
  entry = proc_create('asked', 0o666, null, {})
  return misc_register(dev)
})
module_exit(async () => {
  misc_deregister(dev)
  await proc_remove(entry as never)
  vfree(memory)
})
`

function bootWithPages(t: Test): MountedMachine & { pages: (words: string) => string } {
  const machine = bootMounted(t, '--load-samples')
  machine.out(`modbox insmod ${join(packageRoot(), 'drivers/pages/pages.ko')}`)
  machine.out(`gcc -Wall -Werror -D_GNU_SOURCE -o pages ${SOURCE}`)
  const pages = (words: string) =>
    machine.out(`modbox run ./pages ${words}`).trim().split('\n').join(', ')
  return { ...machine, pages }
}

t.test('what a driver refuses, mmap(2) refuses', async t => {
  if (!requireRun(t, 'gcc')) return
  const { pages, build, out } = bootWithPages(t)
  out(`modbox insmod ${await build('asked', ASKED)}`)
  t.equal(pages('/dev/pages0 map:5 map:4:1'), 'map EINVAL, map EINVAL')
  t.equal(pages('/dev/asked map:1:1'), 'map ENXIO')
  t.equal(pages('/dev/null map:1'), 'map ENODEV', 'there is no mmap()')
  t.equal(pages('/dev/null map:1:0:private'), 'map ENODEV')
  t.equal(pages('/proc/asked map:1'), 'map EIO', 'nor in /proc')
  t.equal(pages('/dev/pages0 map:0'), 'map EINVAL')
  t.equal(pages('/dev/pages0 ro map:1'), 'map EACCES')
})

t.test('the driver is asked once for each mapping, and at once', async t => {
  if (!requireRun(t, 'gcc')) return
  const { pages, build, out } = bootWithPages(t)
  out(`modbox insmod ${await build('asked', ASKED)}`)
  const asked = () => out('modbox dmesg -c').match(/\d+ pages at page \d+/g) ?? []
  asked()

  t.equal(pages('/dev/asked map:1'), 'map ok')
  t.strictSame(asked(), ['1 pages at page 0'], 'before anything is touched')
  t.equal(
    pages('/dev/asked map:2 put:4096:hi get:4096 unmap map:2 get:4096'),
    'map ok, get hi, unmap 0, map ok, get hi',
  )
  t.strictSame(asked(), ['2 pages at page 0', '2 pages at page 0'])
})

t.test('memory that is mapped this way is as any other', async t => {
  if (!requireRun(t, 'gcc')) return
  const { pages } = bootWithPages(t)
  t.equal(
    pages(
      '/dev/pages1 map:4 count faults get:8192 get:0 get:8192 faults unmap:1:1 count unmap count',
    ),
    'map ok, count 1, faults 0, get , get , get , faults 2, unmap 0, count 2, unmap 0, count 0',
  )
  t.equal(
    pages('/dev/pages1 map:1 map:1:1 get:0 count map:2 count put:0:x count-in:64'),
    'map ok, map ok, get , count 2, map ok, count 3, count-in 3',
    'several mappings of one file',
  )
  t.equal(
    pages('/dev/pages1 map:1 get:0 fork count put:0:child count'),
    'map ok, get x, count 2, count 2',
  )
  t.equal(pages('/dev/pages1 read:0 count'), 'read child, count 0')
  t.equal(pages('/dev/pages0 map:2:0:private put:0:mine get:0'), 'map ok, get mine')
  t.equal(pages('/dev/pages0 read:0'), 'read child')
})

t.test('an ioctl finds there what the program wrote, and the other way', async t => {
  if (!requireRun(t, 'gcc')) return
  const { pages } = bootWithPages(t)
  t.equal(
    pages('/dev/pages0 map:4 put:0:hello upper get:0 read:0 write:0:world get:0'),
    'map ok, upper 0, get HELLO, read HELLO, write 6, get world',
  )
})

t.test('it follows its mapping to where nobody expected it', async t => {
  if (!requireRun(t, 'gcc')) return
  const { pages, out } = bootWithPages(t)
  // No library shows where the mappings of such a program begin.
  out(`gcc -static -D_GNU_SOURCE -o pages ${SOURCE}`)
  t.equal(
    pages(
      '/dev/pages1 map:4 put:64:x map:1:3 get:0 count count-in:8 count-in:16 unmap count',
    ),
    'map ok, map ok, get , count 2, count-in 2, count-in 2, unmap 0, count 1',
  )
  t.equal(pages('/dev/pages1 read:64 count'), 'read x, count 0')
})
