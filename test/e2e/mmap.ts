// Programs of the host map memory of drivers.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted, type MountedMachine, start } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const SOURCE = join(packageRoot(), 'test/programs/pages.c')
const PAGES = join(packageRoot(), 'drivers/pages/pages.ko')

interface Mapping extends MountedMachine {
  /** Run the program on a device: what it said, in one line. */
  pages: (device: string, commands: string) => string
  /** Start it, and wait for what it says first, up to `until`. */
  begin: (
    device: string,
    commands: string,
    until: string,
  ) => Promise<{ pid: number; rest: () => Promise<string>; kill: () => Promise<unknown> }>
}

function bootPages(t: Test, options = ''): Mapping {
  const machine = bootMounted(t)
  machine.out(`gcc -Wall -Werror -D_GNU_SOURCE -o pages ${SOURCE}`)
  machine.out(`modbox insmod ${PAGES} ${options}`)
  const said = (text: string) => text.trim().split('\n').join(', ')
  return {
    ...machine,
    pages: (device, commands) =>
      said(machine.out(`./pages mnt/dev/${device} ${commands}`)),
    async begin(device, commands, until) {
      const child = start(t, machine, `./pages mnt/dev/${device} ${commands}`)
      const ended = once(child, 'exit')
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      for (let line = ''; line !== until;) {
        const next = await lines.next()
        if (next.done) throw new Error(`it ended without "${until}"`)
        line = next.value
      }
      const rest = async () => {
        const more: string[] = []
        for (;;) {
          const { value, done } = await lines.next()
          if (done) return more.join(', ')
          more.push(value)
        }
      }
      const kill = async () => {
        child.kill('SIGKILL')
        await ended
      }
      return { pid: child.pid ?? 0, rest, kill }
    },
  }
}

t.test(
  'what a program writes, the driver has; what the driver writes, it sees',
  async t => {
    if (!requireTransport(t, 'mapped memory')) return
    if (!requireTool(t, 'gcc')) return
    const { pages, out } = bootPages(t)
    for (const device of ['pages0', 'pages1']) {
      t.equal(
        pages(device, 'map:4 put:0:hello upper get:0 read:0 write:0:world get:0'),
        'map ok, upper 0, get HELLO, read HELLO, write 6, get world',
        `${device}: within one call`,
      )
      t.equal(pages(device, 'map:4 put:4094:over'), 'map ok')
      t.equal(pages(device, 'read:4094'), 'read over', `${device}: after its end`)
      t.equal(
        pages(device, 'map:1:1 get:0 put:100:there sync read:4196 unmap get:0'),
        'map ok, get er, sync EINVAL, read there, unmap 0, SIGSEGV',
        `${device}: from an offset on`,
      )
      t.equal(
        pages(device, 'map:1 close put:0:kept get:0'),
        'map ok, close 0, get kept',
        `${device}: a mapping outlives its descriptor`,
      )
      t.equal(pages(device, 'read:0'), 'read kept')
      t.equal(
        pages(
          device,
          'map:4:0:private get:0 put:0:mine get:0 read:0 write:0:later get:0',
        ),
        'map ok, get kept, get mine, read kept, write 6, get mine',
        `${device}: a private copy`,
      )
    }
    out('modbox rmmod pages')
  },
)

t.test('how far a program may reach', async t => {
  if (!requireTransport(t, 'mapped memory')) return
  if (!requireTool(t, 'gcc')) return
  const { pages } = bootPages(t, 'npages=2')
  t.equal(pages('pages0', 'ro map:1'), 'map EACCES')
  t.equal(
    pages('pages0', 'ro map:1:0:ro get:0 put:0:x protect'),
    'map ok, get , SIGSEGV, protect EACCES',
  )
  t.equal(pages('pages0', 'map:0'), 'map EINVAL')
  t.equal(pages('pages0', 'map:3 get:0'), 'map ok, SIGBUS', 'mmap() refuses')
  t.equal(
    pages('pages1', 'map:3 get:4096 get:8192'),
    'map ok, get , SIGBUS',
    'fault() does',
  )
  t.equal(pages('null', 'map:1 get:0'), 'map ok, SIGBUS', 'there is no mmap()')
  t.equal(pages('zero', 'map:2 get:4096 put:4096:x get:4096'), 'map ok, get , get x')
  t.equal(pages('zero', 'map:2:0:private put:4096:x get:4096'), 'map ok, get x')
})

t.test('the file keeps the size it shows, and the position that lseek gives', async t => {
  if (!requireTransport(t, 'mapped memory')) return
  if (!requireTool(t, 'gcc')) return
  const { pages } = bootPages(t)
  t.equal(pages('pages1', 'size end size'), 'size 0, end 0, size 0')
  t.equal(
    pages('pages1', 'map:4 put:8192:x size get:8192 end get:8192'),
    'map ok, size 0, get x, end 16384, get x',
    'while it is mapped, its end is not before that of the mapping',
  )
})

t.test(
  'fault() is called for pages that are touched, open() and close() as is known',
  async t => {
    if (!requireTransport(t, 'mapped memory')) return
    if (!requireTool(t, 'gcc')) return
    const { pages, out } = bootPages(t)
    t.equal(
      pages(
        'pages1',
        'map:4 count faults get:8192 get:0 get:8192 faults unmap:1:1 count unmap count',
      ),
      'map ok, count 1, faults 0, get , get , get , faults 2, unmap 0, count 2, unmap 0, count 0',
    )
    t.equal(
      pages('pages1', 'map:1 get:0 fork count put:0:child count'),
      'map ok, get , count 2, count 2',
    )
    t.equal(pages('pages1', 'read:0 count'), 'read child, count 0')
    out('modbox rmmod pages')
  },
)

t.test('a mapped address is an address like any other', async t => {
  if (!requireTransport(t, 'mapped memory')) return
  if (!requireTool(t, 'gcc')) return
  const { pages } = bootPages(t)
  t.equal(
    pages('pages1', 'map:4 count-in:8192 get:8200'),
    'map ok, count-in 1, get',
    'not touched yet',
  )
  t.equal(pages('pages0', 'map:4 get:0 count-in:0'), 'map ok, get , count-in 0')
})

t.test('several programs share the memory', async t => {
  if (!requireTransport(t, 'mapped memory')) return
  if (!requireTool(t, 'gcc')) return
  const { begin, pages } = bootPages(t)
  const one = await begin(
    'pages0',
    'map:4 put:0:one get:0 await:64:two await:128:three',
    'get one',
  )
  t.equal(
    pages('pages1', 'map:4 get:0 put:128:three put:64:two await:0:one'),
    'map ok, get one, await ok',
  )
  t.equal(await one.rest(), 'await ok, await ok')
})

const TICKER = `
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import { jiffies } from '#linux/jiffies'
import { remap_vmalloc_range } from '#linux/vmalloc'
import { vfree, vmalloc_user } from '#linux/vmalloc'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { mod_timer, timer_delete_sync, timer_list, timer_setup } from '#linux/timer'
MODULE_LICENSE('GPL')
let memory: Uint8Array
const timer = new timer_list()
const dev = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'ticker',
  mode: 0o666,
  fops: { mmap: (_filp: unknown, vma: never) => remap_vmalloc_range(vma, memory, 0) },
}
/** What programs write from byte 64 on comes back at the start, in capitals. */
function tick(): void {
  for (let i = 0; i < 32; i++) {
    const byte = memory[64 + i] ?? 0
    memory[i] = byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte
  }
  mod_timer(timer, jiffies + 1)
}
module_init(() => {
  memory = vmalloc_user(4096) as Uint8Array
  timer_setup(timer, tick, 0)
  mod_timer(timer, jiffies + 1)
  return misc_register(dev)
})
module_exit(() => {
  timer_delete_sync(timer)
  misc_deregister(dev)
  vfree(memory)
})
`

t.test('a driver and a program meet in memory without any call', async t => {
  if (!requireTransport(t, 'mapped memory')) return
  if (!requireTool(t, 'gcc')) return
  const { pages, build, out } = bootPages(t)
  out(`modbox insmod ${await build('ticker', TICKER)}`)
  t.equal(
    pages('ticker', 'map:1 put:64:hello await:0:HELLO put:64:again await:0:AGAIN'),
    'map ok, await ok, await ok',
  )
  out('modbox rmmod ticker')
})

t.test('a program that is killed leaves nothing behind', async t => {
  if (!requireTransport(t, 'mapped memory')) return
  if (!requireTool(t, 'gcc')) return
  const { begin, pages, out } = bootPages(t)
  const victim = await begin('pages1', 'map:4 put:0:last get:0 wait', 'get last')
  await victim.kill()
  t.equal(pages('pages1', 'read:0 count'), 'read last, count 0')
  out('modbox rmmod pages')
})

const SLEEPER = `
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import { VM_FAULT_SIGBUS } from '#linux/mm'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { wait_event_interruptible, wait_queue_head } from '#linux/wait'
MODULE_LICENSE('GPL')
const never = new wait_queue_head()
const vm_ops = {
  async fault() {
    await wait_event_interruptible(never, () => false)
    return VM_FAULT_SIGBUS
  },
}
const dev = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'sleeper',
  mode: 0o666,
  fops: {
    mmap(_filp: unknown, vma: { vm_ops: unknown }) {
      vma.vm_ops = vm_ops
      return 0
    },
  },
}
module_init(() => misc_register(dev))
module_exit(() => misc_deregister(dev))
`

t.test('a fault that sleeps holds up nobody else, and death ends it', async t => {
  if (!requireTransport(t, 'mapped memory')) return
  if (!requireTool(t, 'gcc')) return
  const { begin, pages, build, out } = bootPages(t)
  out(`modbox insmod ${await build('sleeper', SLEEPER)}`)
  const victim = await begin('sleeper', 'map:1 pid get:0', 'map ok')
  t.equal(pages('pages0', 'map:1 put:0:go get:0'), 'map ok, get go')
  await victim.kill()
  out('modbox rmmod sleeper')
})

t.test('after the machine has gone, its memory is SIGBUS', async t => {
  if (!requireTransport(t, 'mapped memory')) return
  if (!requireTool(t, 'gcc')) return
  const { begin, out } = bootPages(t)
  const last = await begin('pages1', 'map:4 get:0 pid pause:2000 get:8192', 'get ')
  out('modbox halt')
  t.match(await last.rest(), /^pid \d+, SIGBUS$/)
})

const MAPPED_PROC = `
import { proc_create, proc_remove } from '#linux/proc_fs'
import { free_page, get_zeroed_page, GFP_KERNEL, vm_insert_page, virt_to_page } from '#linux/mm'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
MODULE_LICENSE('GPL')
let page: Uint8Array
const ops = {
  proc_mmap: (_filp: unknown, vma: { vm_start: number }) =>
    vm_insert_page(vma as never, vma.vm_start, virt_to_page(page)),
}
let entry: unknown
module_init(() => {
  page = get_zeroed_page(GFP_KERNEL) as Uint8Array
  page.set([0x6f, 0x6b])
  entry = proc_create('mapped', 0o666, null, ops)
  return 0
})
module_exit(async () => {
  await proc_remove(entry as never)
  free_page(page)
})
`

t.test('files in /proc can be mapped, too', async t => {
  if (!requireTransport(t, 'mapped memory')) return
  if (!requireTool(t, 'gcc')) return
  const { pages, build, out } = bootPages(t)
  out(`modbox insmod ${await build('mapped', MAPPED_PROC)}`)
  t.equal(
    pages('../proc/mapped', 'map:1 get:0 put:0:yes get:0'),
    'map ok, get ok, get yes',
  )
  t.equal(out('stat -c %s mnt/proc/mapped'), '0\n')
  t.equal(pages('../proc/mapped', 'map:1 get:0'), 'map ok, get yes')
  out('modbox rmmod mapped')
})

/** A read(2) that only a signal ends. */
const NEVER = `
import { misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { wait_event_interruptible, wait_queue_head } from '#linux/wait'
MODULE_LICENSE('GPL')
const queue = new wait_queue_head()
const read = () => wait_event_interruptible(queue, () => false)
const dev = { minor: MISC_DYNAMIC_MINOR, name: 'never', fops: { owner: THIS_MODULE, read } }
module_init(() => misc_register(dev))
module_exit(() => misc_deregister(dev))
`

t.test('signals and calls that exchange pages', async t => {
  if (!requireTransport(t, 'mapped memory', 'two calls at once')) return
  if (!requireTool(t, 'gcc')) return
  const machine = bootPages(t, 'npages=8')
  const { out } = machine
  const source = join(packageRoot(), 'test/programs/soak_pages.c')
  out(`gcc -Wall -Werror -o soak_pages ${source}`)

  await t.test('no signal ends one before the driver is asked', async t => {
    for (const seed of [1, 2]) {
      t.match(out(`./soak_pages mnt/dev/pages1 ${seed} 600 8`), /^\d+ calls\n$/)
    }
  })

  await t.test('every signal reaches the driver', async t => {
    if (!requireTool(t, 'python3')) return
    out(`modbox insmod ${await machine.build('never', NEVER)}`)
    start(t, machine, './soak_pages mnt/dev/pages1 1 1000000 8')
    const program = `
import os, random, signal
class Alarm(Exception): pass
def ring(*_): raise Alarm
signal.signal(signal.SIGALRM, ring)
fd = os.open("mnt/dev/never", os.O_RDWR)
for _ in range(300):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0001 + random.random() / 1000, 0.02)
        os.read(fd, 1)
    except Alarm: signal.setitimer(signal.ITIMER_REAL, 0)
print("all")`
    t.equal(out(`python3 -c '${program}'`), 'all\n')
  })
})
