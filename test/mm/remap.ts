// What drivers do with pages and areas, called as a driver calls it.
import t from 'tap'
import { EBUSY, EFAULT, EINVAL, ENXIO } from '../../src/include/linux/errno.ts'
import type { file } from '../../src/include/linux/fs.ts'
import {
  VM_FAULT_NOPAGE,
  VM_FAULT_SIGBUS,
  VM_MAYWRITE,
  VM_PFNMAP,
  VM_READ,
  VM_SHARED,
} from '../../src/include/linux/mm.ts'
import { ref } from '../../src/include/linux/types.ts'
import type { Traps } from '../../src/kernel/panic.ts'
import type { Scheduler } from '../../src/kernel/sched.ts'
import { vsnprintf } from '../../src/lib/vsprintf.ts'
import { PageAllocator } from '../../src/mm/page_alloc.ts'
import { type Page, PageFrames } from '../../src/mm/page_frames.ts'
import { Remap } from '../../src/mm/remap.ts'
import { Vma } from '../../src/mm/vma.ts'
import { Vmalloc } from '../../src/mm/vmalloc.ts'

const PAGE = 4096
const START = 0x10000

function memory() {
  const said: string[] = []
  const say = (fmt: string, ...args: unknown[]) => said.push(vsnprintf(fmt, args))
  const traps = {
    WARN: (condition: boolean, fmt: string, ...args: unknown[]) =>
      condition && (say(fmt, ...args), true),
    WARN_ON: (condition: boolean) => condition && (said.push('WARN_ON'), true),
    BUG_ON: (condition: boolean) => {
      if (condition) throw new Error('BUG')
    },
    dump_stack: () => {},
  } as unknown as Traps
  const frames = new PageFrames()
  const pages = new PageAllocator({
    frames,
    log: { printk: say },
    traps,
    taints: { add_taint: () => said.push('tainted') },
    sched: { current: { comm: 'test' } } as Scheduler,
  })
  const vmalloc = new Vmalloc(frames, traps)
  const remap = new Remap({ frames, vmalloc, traps })
  const area = (count: number, { pgoff = 0, flags = VM_READ | VM_SHARED } = {}) =>
    new Vma(
      { total_vm: 0 },
      {} as file,
      { start: START, end: START + count * PAGE, pgoff, flags },
      page => pages.put_page(page),
    )
  return { said, frames, pages, vmalloc, remap, area }
}

t.test('memory has page frame numbers, whoever allocated it', async t => {
  const { frames } = memory()
  const bytes = new Uint8Array(3 * PAGE)
  const first = frames.virt_to_page(bytes)
  const phys = frames.__pa(bytes.subarray(PAGE + 5))
  t.equal(phys, (first.pfn + 1) * PAGE + 5)
  t.equal(frames.__va(phys).buffer, bytes.buffer)
  t.equal(frames.__va(phys).byteOffset, PAGE + 5)
  t.equal(
    frames.pfn_to_page(first.pfn + 2),
    frames.virt_to_page(bytes.subarray(2 * PAGE)),
  )
  t.equal(frames.page_of(first.pfn + 3), undefined)
  t.throws(() => frames.pfn_to_page(1), RangeError)
  t.equal(frames.virt_to_page(new Uint8Array(8)).bytes.length, 8, 'less than a page')
})

t.test('pages that are allocated and freed', async t => {
  const { pages, frames, said } = memory()
  const page = pages.alloc_pages(0, 1) as Page
  t.equal(frames.page_address(page).length, 2 * PAGE)
  t.equal(pages.alloc_pages(0, 11), null, 'too much at once')
  page._refcount++
  pages.__free_pages(page, 1)
  t.equal(frames.page_of(page.pfn), page, 'another one still holds it')
  pages.put_page(page)
  t.equal(frames.page_of(page.pfn), undefined)
  t.equal(pages.count, 0)
  t.strictSame(said, [])

  pages.__free_pages(page, 1)
  const pfn = page.pfn.toString(16).padStart(5, '0')
  t.strictSame(said, [
    `\x011BUG: Bad page state in process test  pfn:${pfn}\n`,
    `\x014page: refcount:0 mapcount:0 pfn:0x${pfn.replace(/^0+/, '')}\n`,
    'tainted',
  ])
  pages.free_pages(null, 0)
})

t.test('vmalloc()', async t => {
  const { vmalloc, said } = memory()
  const bytes = vmalloc.vmalloc(PAGE + 1) as Uint8Array
  t.equal(bytes.length, PAGE + 1)
  t.equal(vmalloc.vmalloc_to_page(bytes.subarray(PAGE)).offset, PAGE)
  t.equal(vmalloc.vmalloc(0), null)
  t.equal(vmalloc.vmalloc(2 ** 31), null)
  t.ok(vmalloc.is_vmalloc_addr(bytes))
  vmalloc.vfree(bytes)
  vmalloc.vfree(null)
  t.strictSame(said, [])
  vmalloc.vfree(bytes)
  t.match(said, [/^Trying to vfree\(\) nonexistent vm area \(/])
})

t.test('remap_pfn_range()', async t => {
  const { remap, area, frames, said } = memory()
  const bytes = new Uint8Array(2 * PAGE)
  const pfn = frames.virt_to_page(bytes).pfn
  const vma = area(3)
  t.equal(remap.remap_pfn_range(vma, START + 1, pfn, PAGE, vma.vm_page_prot), -EINVAL)
  t.strictSame(said, ['WARN_ON'])
  t.equal(remap.remap_pfn_range(vma, START, pfn, 4 * PAGE, vma.vm_page_prot), -EINVAL)
  t.equal(remap.remap_pfn_range(vma, START + PAGE, pfn, PAGE + 1, vma.vm_page_prot), 0)
  t.equal(vma.entryAt(START), undefined)
  t.equal(vma.entryAt(START + 2 * PAGE)?.page.pfn, pfn + 1, 'two pages for 4097 bytes')
  t.ok(vma.vm_flags & VM_PFNMAP)

  t.equal(remap.remap_pfn_range(vma, START, 1, PAGE, vma.vm_page_prot), 0)
  const nothing = vma.entryAt(START)?.page.bytes
  t.equal(nothing?.[7], 0xff, 'no memory has this number')

  const cow = area(2, { flags: VM_READ | VM_MAYWRITE })
  t.equal(remap.remap_pfn_range(cow, START, pfn, PAGE, cow.vm_page_prot), -EINVAL)
  t.equal(remap.remap_pfn_range(cow, START, pfn, 2 * PAGE, cow.vm_page_prot), 0)
  t.equal(cow.vm_pgoff, pfn)

  remap.zap_vma_ptes(vma, START, PAGE)
  t.equal(vma.entryAt(START), undefined)
})

t.test('vm_iomap_memory() minds the offset', async t => {
  const { remap, area, frames } = memory()
  const phys = frames.__pa(new Uint8Array(4 * PAGE))
  t.equal(remap.vm_iomap_memory(area(3, { pgoff: 2 }), phys, 4 * PAGE), -EINVAL)
  t.equal(remap.vm_iomap_memory(area(1, { pgoff: 5 }), phys, 4 * PAGE), -EINVAL)
  const vma = area(2, { pgoff: 2 })
  t.equal(remap.vm_iomap_memory(vma, phys, 4 * PAGE), 0)
  t.equal(vma.entryAt(START)?.page.pfn, phys / PAGE + 2)
})

t.test('vm_insert_page() and its relatives', async t => {
  const { remap, area, pages } = memory()
  const page = pages.alloc_pages(0, 0) as Page
  const vma = area(2)
  t.equal(remap.vm_insert_page(vma, START + 2 * PAGE, page), -EFAULT)
  t.equal(remap.vm_insert_page(vma, START, page), 0)
  t.equal(page._refcount, 2)
  t.equal(page._mapcount, 1)
  t.equal(remap.vm_insert_page(vma, START, page), -EBUSY)
  const left = ref(2)
  t.equal(remap.vm_insert_pages(vma, START + PAGE, [page, page], left), -EFAULT)
  t.equal(remap.vm_map_pages_zero(vma, [page], 1), -ENXIO)
  vma.zap(START, START + 2 * PAGE)
  t.equal(page._refcount, 1)
  t.equal(remap.vm_map_pages(area(1, { pgoff: 1 }), [page], 1), -ENXIO)
  t.equal(remap.vm_insert_pages(vma, START, [page, page], left), 0)
  t.equal(left.value, 0)

  const pfnmap = area(1, { flags: VM_READ | VM_SHARED | VM_PFNMAP })
  t.equal(remap.vmf_insert_pfn(pfnmap, START, page.pfn), VM_FAULT_NOPAGE)
  t.equal(remap.vmf_insert_pfn(pfnmap, START + PAGE, page.pfn), VM_FAULT_SIGBUS)
  t.throws(() => remap.vm_insert_page(pfnmap, START, page), /BUG/)
  t.throws(() => remap.vmf_insert_pfn(area(1), START, page.pfn), /BUG/)
})

t.test('remap_vmalloc_range() takes what vmalloc_user() gave', async t => {
  const { remap, vmalloc, area } = memory()
  const plain = vmalloc.vmalloc(2 * PAGE) as Uint8Array
  const bytes = vmalloc.vmalloc_user(2 * PAGE) as Uint8Array
  t.equal(remap.remap_vmalloc_range(area(1), plain, 0), -EINVAL)
  t.equal(remap.remap_vmalloc_range(area(1), new Uint8Array(PAGE), 0), -EINVAL)
  t.equal(remap.remap_vmalloc_range(area(2), bytes, 1), -EINVAL)
  const vma = area(1)
  t.equal(remap.remap_vmalloc_range(vma, bytes, 1), 0)
  t.equal(vma.entryAt(START)?.page.memory, vmalloc.vmalloc_to_page(bytes).memory)
  t.equal(vma.entryAt(START)?.page.offset, PAGE)
})
