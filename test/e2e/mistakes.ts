// Mistakes of a driver, seen by programs: who meets one is killed, dmesg says which line it was.
import { join } from 'node:path'
import t from 'tap'
import { build } from '../harness/machine.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTransport } from '../harness/transport.ts'

const SLOPPY = `
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
  import { proc_create } from '#linux/proc_fs'
  import { GFP_KERNEL, kfree, kmalloc } from '#linux/slab'
  import { copy_from_user, copy_to_user } from '#linux/uaccess'
  import type { user_ptr } from '#linux/uaccess'
  MODULE_LICENSE('GPL')
  let kept = kmallocLater()
  function kmallocLater(): Uint8Array | null { return null }
  const dev = {
    minor: MISC_DYNAMIC_MINOR,
    name: 'sloppy',
    mode: 0o666,
    fops: {
      owner: THIS_MODULE,
      read: (_filp: unknown, buf: user_ptr, count: number) => copy_to_user(buf, kept!, Math.min(count, 100)),
      write(_filp: unknown, buf: user_ptr, count: number) {
        kept = kmalloc(64, GFP_KERNEL)
        if (count === 1) kfree(kept)
        else copy_from_user(kept!, buf, count)
        return count
      },
    },
  }
  module_init(() => {
    proc_create('sloppy', 0o444, null, { proc_read: () => 0 })
    return misc_register(dev)
  })
  module_exit(() => { misc_deregister(dev) })
`

t.test('a sloppy driver', async t => {
  await build(t, 'sloppy', SLOPPY)
  const ko = join(t.testdirName, 'sloppy.ko')
  await t.test('is used from a shell', async t => {
    if (!requireTransport(t, 'callers')) return
    const { out } = bootMounted(t)
    out(`modbox insmod ${ko}`)

    out('printf hello > mnt/dev/sloppy')
    t.equal(
      out('cat mnt/dev/sloppy 2>&1; echo $?').split('\n').at(-2),
      '139',
      'SIGSEGV, as of a BUG',
    )
    t.match(
      out('modbox dmesg'),
      /usercopy: Kernel memory exposure attempt detected from SLUB object 'kmalloc-64' \(offset 0, size 100\)!/,
    )
    out('printf x > mnt/dev/sloppy')
    t.equal(
      out('cat mnt/dev/sloppy 2>&1; echo $?').split('\n').at(-2),
      '137',
      'SIGKILL, as of a bad pointer',
    )
    t.match(
      out('modbox dmesg'),
      /BUG: KASAN: use-after-free in read \(\S*sloppy\.ts:\d+:\d+\) \[sloppy\]/,
    )

    out('modbox rmmod sloppy')
    t.match(
      out('cat mnt/sys/kernel/debug/kmemleak'),
      /^unreferenced object 0xffff8881[0-9a-f]{8} \(size 64\):\n(?:.*\n){2} {4}68 65 6c 6c 6f 00 .*hello/,
    )
    t.match(
      out('modbox dmesg'),
      /ODEBUG: free active \(active state 0\) object: sloppy object type: proc_dir_entry hint: \S+ \(\S*sloppy\.ts:\d+:\d+\) \[sloppy\]/,
    )
    t.equal(out('cat mnt/proc/sloppy 2>&1; echo $?').split('\n').at(-2), '137')
    t.match(
      out('modbox dmesg'),
      /BUG: unable to handle page fault for address: ffffffffc0/,
    )
    t.match(out('cat mnt/proc/modules'), /^$/, 'the machine goes on')
  })
})
