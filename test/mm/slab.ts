// kmalloc() and what becomes of its memory, seen by drivers.
import t from 'tap'
import { build, boot, type TestMachine } from '../harness/machine.ts'

const SIGKILL = 9
const SIGSEGV = 11

/** A misc device whose read() does what the parameter `act` says. */
const MEM = `
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { module_param } from '#linux/moduleparam'
  import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
  import { pr_info } from '#linux/printk'
  import {
    GFP_ATOMIC, GFP_KERNEL, SLAB_HWCACHE_ALIGN, kcalloc, kfree, kfree_sensitive, kmalloc, kmalloc_array,
    kmem_cache_alloc, kmem_cache_create, kmem_cache_destroy, kmem_cache_free, kmem_cache_zalloc,
    krealloc, krealloc_array, ksize, kvfree, kvmalloc, kvzalloc, kzalloc,
  } from '#linux/slab'
  import { cstring, kmemdup, kstrdup, memcpy, memset, strcpy, text } from '#linux/string'
  import { spin_lock, spin_unlock, spinlock } from '#linux/spinlock'
  import { struct } from '#linux/struct'
  import { copy_from_user, copy_to_user, memdup_user, strndup_user } from '#linux/uaccess'
  MODULE_LICENSE('GPL')
  const act = module_param('act', 'charp', '', 0o644)
  const point = struct({ x: 'int', y: 'int' })
  const lock = new spinlock()
  class my_dev { count = 7; name = 'first' }
  let kept = null as Uint8Array | null

  const acts: Record<string, (u: never, n: number) => number | void> = {
    sizes() {
      pr_info('%d %d %d %d %d %d\\n', kmalloc(100, GFP_KERNEL)!.length,
        kcalloc(4, 8, GFP_KERNEL)!.length, kmalloc(0, GFP_KERNEL)!.length,
        kvmalloc(5 << 20, GFP_KERNEL)!.length, ksize(kmalloc(60, GFP_KERNEL)),
        krealloc_array(kmalloc(3, GFP_KERNEL), 5, 2, GFP_KERNEL)!.length)
      pr_info('%d %d\\n', kmalloc_array(2 ** 40, 2 ** 40, GFP_KERNEL) === null ? 1 : 0,
        kmalloc((1 << 22) + 1, GFP_KERNEL) === null ? 1 : 0)
    },
    pairs() {
      kfree(null)
      kfree(kmalloc(0, GFP_KERNEL))
      kfree(kmalloc(16, GFP_KERNEL))
      kfree_sensitive(kzalloc(16, GFP_KERNEL))
      kvfree(kvzalloc(16, GFP_KERNEL))
      kfree(kzalloc(my_dev, GFP_KERNEL))
      kfree(kzalloc(point, GFP_KERNEL))
      kfree(kmemdup(cstring('abc'), 2, GFP_KERNEL))
      kfree(kstrdup(cstring('abc'), GFP_KERNEL))
      kfree(kstrdup('abc', GFP_KERNEL))
      kfree(krealloc(krealloc(null, 8, GFP_KERNEL), 100, GFP_KERNEL))
      const p = krealloc(kmemdup(cstring('hello'), 6, GFP_KERNEL), 100, GFP_KERNEL)!
      pr_info('%s %d\\n', text(p), p.length)
      kfree(p)
    },
    atomic() {
      spin_lock(lock)
      kfree(kmalloc(16, GFP_ATOMIC))
      pr_info('so far so good\\n')
      kfree(kmalloc(16, GFP_KERNEL))
      spin_unlock(lock)
    },
    twice() { const q = kmalloc(16, GFP_KERNEL); kfree(q); kfree(q) },
    twice_object() { const q = kzalloc(my_dev, GFP_KERNEL); kfree(q); kfree(q) },
    foreign() { kfree(new Uint8Array(3)); kfree(new Uint8Array(4)) },
    middle() { kept = kmalloc(16, GFP_KERNEL); kfree(kept!.subarray(4)) },
    after_length() { const q = kmalloc(16, GFP_KERNEL)!; kfree(q); return q.length && q.length },
    after_copy(u, n) { const q = kmalloc(16, GFP_KERNEL)!; kfree(q); return copy_to_user(u, q, 16) },
    after_part(u, n) { const q = kmalloc(16, GFP_KERNEL)!; const part = q.subarray(4); kfree(q); part.set([1]) },
    after_object() { const d = kzalloc(my_dev, GFP_KERNEL)!; kfree(d); d.count = 3; return d.count ? 1 : 0 },
    after_struct() { const d = kzalloc(point, GFP_KERNEL)!; kfree(d); return d.x },
    too_much(u) { return copy_to_user(u, kmalloc(60, GFP_KERNEL)!, 100) },
    too_much_in(u) { return copy_from_user(kmalloc(1500, GFP_KERNEL)!, u, 4000) },
    memcpy_over() { memcpy(kmalloc(8, GFP_KERNEL)!, new Uint8Array(16), 16) },
    memset_over() { memset(kmalloc(8, GFP_KERNEL)!, 0, 9) },
    strcpy_over() { strcpy(kmalloc(5, GFP_KERNEL)!, cstring('hello')) },
    caches() {
      const objects = kmem_cache_create('devs', my_dev, 0, SLAB_HWCACHE_ALIGN, d => { d.count++ })!
      const bytes = kmem_cache_create('records', 20, 0, 0, null)!
      const a = kmem_cache_alloc(objects, GFP_KERNEL)!
      const b = kmem_cache_zalloc(bytes, GFP_KERNEL)!
      pr_info('%s %d %d\\n', a.name, a.count, b.length)
      kmem_cache_free(objects, a)
      kmem_cache_free(bytes, b)
      kmem_cache_destroy(objects)
      kmem_cache_destroy(bytes)
      kmem_cache_destroy(null)
    },
    left_in_cache() {
      const records = kmem_cache_create('records', 20, 0, 0, null)!
      kmem_cache_alloc(records, GFP_KERNEL)
      kmem_cache_destroy(records)
    },
    wrong_cache() {
      const one = kmem_cache_create('one', 20, 0, 0, null)!
      const two = kmem_cache_create('two', 20, 0, 0, null)!
      kmem_cache_free(two, kmem_cache_alloc(one, GFP_KERNEL))
      kmem_cache_destroy(one)
      kmem_cache_destroy(two)
    },
    leak() { kmemdup(cstring('Lior\\n'), 6, GFP_KERNEL); kzalloc(my_dev, GFP_KERNEL) },
    hold() { kept = kmalloc(100, GFP_KERNEL) },
    free() { kfree(kept); kept = null },
  }
  const md = {
    minor: MISC_DYNAMIC_MINOR, name: 'mem',
    fops: {
      owner: THIS_MODULE,
      read: (_f: unknown, u: never, n: number) => acts[act.value!]!(u, n) ?? 0,
      write(_f: unknown, u: never, n: number) {
        const p = act.value === 'dup' ? memdup_user(u, n) : strndup_user(u, n)
        if (typeof p === 'number') return p
        pr_info('%d %s\\n', p.length, text(p))
        kfree(p)
        return n
      },
    },
  }
  module_init(() => { if (act.value === 'init') kmalloc(24, GFP_KERNEL); return misc_register(md) })
  module_exit(() => { misc_deregister(md) })
`

interface Mem extends TestMachine {
  /** Let the driver do `act` for a process `cat`: what read(2) returned, signals, messages. */
  run: (act: string) => Promise<{ n: unknown; signals: number[]; log: string }>
}

async function memory(t: Parameters<typeof boot>[0], image: Uint8Array): Promise<Mem> {
  const m = await boot(t)
  await m.insmod(image)
  const run = async (act: string) => {
    await m.user.writeFile('/sys/module/mem/parameters/act', act)
    m.dmesg()
    const cat = m.process({ comm: 'cat', pid: 42 })
    const fd = await cat.open('/dev/mem')
    const n = await cat.read(fd, 4096)
    await cat.close(fd)
    return { n, signals: [...cat.signals], log: m.dmesg().join('\n') }
  }
  return { ...m, run }
}

t.test('memory of drivers', async t => {
  const image = await build(t, 'mem', MEM)

  await t.test('each function gives what Linux gives', async t => {
    const m = await memory(t, image)
    const { log, signals } = await m.run('sizes')
    t.match(log, '<6>100 32 0 5242880 60 10')
    t.match(log, /WARNING: CPU: 0 PID: 42 at __alloc_pages/)
    t.match(log, '<6>1 1')
    t.strictSame(signals, [])
    t.notMatch((await m.run('sizes')).log, /WARNING/, 'which is said once')
  })

  await t.test('what is freed leaves nothing, in /proc/slabinfo or at rmmod', async t => {
    const m = await memory(t, image)
    const before = await m.user.readFile('/proc/slabinfo')
    t.match(before, /^slabinfo - version: 2\.1\n# name {12}<active_objs>/)
    const { log } = await m.run('pairs')
    t.equal(log, '<6>hello 100')
    t.equal(await m.user.readFile('/proc/slabinfo'), before)
    await m.run('hold')
    t.match(await m.user.readFile('/proc/slabinfo'), /^kmalloc-128 +1 /m)
    await m.run('free')
    t.equal(await m.user.readFile('/proc/slabinfo'), before)
    t.equal(await m.rmmod('mem'), 0)
    t.strictSame(m.dmesg(), [])
  })

  await t.test('copies of what a program sends', async t => {
    const m = await memory(t, image)
    const { user } = m
    await user.writeFile('/sys/module/mem/parameters/act', 'dup')
    m.dmesg()
    t.equal(await user.writeFile('/dev/mem', 'hello'), 5)
    await user.writeFile('/sys/module/mem/parameters/act', 'ndup')
    t.equal(await user.writeFile('/dev/mem', 'hi\0there'), 8)
    t.strictSame(m.dmesg(), ['<6>5 hello', '<6>3 hi'])
    t.equal(await m.rmmod('mem'), 0)
    t.strictSame(m.dmesg(), [], 'kfree() takes them back')
  })

  await t.test('GFP_KERNEL is not for those who may not sleep', async t => {
    const { log, signals } = await (await memory(t, image)).run('atomic')
    t.match(
      log,
      /^<6>so far so good\n<3>BUG: sleeping function called from invalid context at include\/linux\/sched\/mm\.h:274$/m,
    )
    t.match(log, /^<4> atomic \(\S*mem\.ts:\d+:\d+\) \[mem\]$/m)
    t.strictSame(signals, [])
  })

  for (const act of ['twice', 'twice_object']) {
    await t.test(`a second kfree() is a BUG of SLUB's: ${act}`, async t => {
      const { log, signals } = await (await memory(t, image)).run(act)
      t.match(log, '<2>kernel BUG at mm/slub.c:419!')
      t.match(log, /^<4> ?\S* \(\S*mem\.ts:\d+:\d+\) \[mem\]$/m)
      t.strictSame(signals, [SIGSEGV])
    })
  }

  await t.test('kfree() of what was never allocated warns, once', async t => {
    const { log, signals } = await (await memory(t, image)).run('foreign')
    t.equal(log.match(/WARNING: CPU: 0 PID: 42 at free_large_kmalloc/g)?.length, 1)
    t.match(log, /^<4>object pointer: 0x[0-9a-f]{16}$/m)
    t.strictSame(signals, [])
  })

  await t.test('kfree() of a place inside of an object is reported', async t => {
    const m = await memory(t, image)
    const { log } = await m.run('middle')
    t.match(
      log,
      /^<3>BUG: KASAN: invalid-free in middle \(\S*mem\.ts:\d+:\d+\) \[mem\]$/m,
    )
    t.match((await m.run('free')).log, /^$/, 'and frees nothing')
  })

  const USES = [
    ['after_length', 'Read', []],
    ['after_object', 'Write', []],
    ['after_copy', 'Read', [SIGKILL]],
    ['after_struct', 'Read', [SIGKILL]],
  ] as const
  for (const [act, access, dies] of USES) {
    await t.test(`use after kfree() is reported with its line: ${act}`, async t => {
      const m = await memory(t, image)
      const { log, signals } = await m.run(act)
      t.match(
        log,
        new RegExp(
          `^<3>BUG: KASAN: use-after-free in ${act} \\(\\S*mem\\.ts:\\d+:\\d+\\) \\[mem\\]$`,
          'm',
        ),
      )
      t.match(
        log,
        new RegExp(
          `^<3>${access} of size \\d+ at addr ffff8881[0-9a-f]{8} by task cat/42$`,
          'm',
        ),
      )
      t.match(log, /^<3>Allocated by task 42:\n<3> \S+ \(\S*mem\.ts:\d+:\d+\) \[mem\]$/m)
      t.match(log, /^<3>Freed by task 42:\n<3> \S+ \(\S*mem\.ts:\d+:\d+\) \[mem\]$/m)
      t.match(log, /which belongs to the cache kmalloc-(?:16|8) of size (?:16|8)$/m)
      t.equal(log.match(/KASAN/g)?.length, 1, 'once')
      t.match(log, 'Disabling lock debugging due to kernel taint')
      t.strictSame(signals, dies)
    })
  }

  await t.test('a part of an array that has been freed is gone, too', async t => {
    const { log, signals } = await (await memory(t, image)).run('after_part')
    t.match(log, /detached ArrayBuffer/)
    t.strictSame(signals, [SIGKILL])
  })

  const OVERRUNS = [
    [
      'too_much',
      `<0>usercopy: Kernel memory exposure attempt detected from SLUB object 'kmalloc-64' (offset 0, size 100)!`,
      'mm/usercopy.c:102',
    ],
    [
      'too_much_in',
      `<0>usercopy: Kernel memory overwrite attempt detected to SLUB object 'kmalloc-2k' (offset 0, size 4000)!`,
      'mm/usercopy.c:102',
    ],
    ['memcpy_over', '<0>detected buffer overflow in memcpy', 'lib/string_helpers.c:1027'],
    ['memset_over', '<0>detected buffer overflow in memset', 'lib/string_helpers.c:1027'],
    ['strcpy_over', '<0>detected buffer overflow in strcpy', 'lib/string_helpers.c:1027'],
  ] as const
  for (const [act, said, place] of OVERRUNS) {
    await t.test(`going past the end is a BUG: ${act}`, async t => {
      const { log, signals } = await (await memory(t, image)).run(act)
      t.match(log, said)
      t.match(log, `kernel BUG at ${place}!`)
      t.match(log, new RegExp(`${act} \\(\\S*mem\\.ts:\\d+:\\d+\\) \\[mem\\]`))
      t.strictSame(signals, [SIGSEGV])
    })
  }

  await t.test('caches hand out objects of a size or of a class', async t => {
    const m = await memory(t, image)
    const before = await m.user.readFile('/proc/slabinfo')
    t.equal((await m.run('caches')).log, '<6>first 8 20')
    t.equal(await m.user.readFile('/proc/slabinfo'), before)
  })

  await t.test('a cache with objects in it stays, with a warning', async t => {
    const m = await memory(t, image)
    const { log } = await m.run('left_in_cache')
    t.match(
      log,
      /kmem_cache_destroy records: Slab cache still has objects when called from left_in_cache \(\S*mem\.ts:\d+:\d+\) \[mem\]$/m,
    )
    t.match(await m.user.readFile('/proc/slabinfo'), /^records +1 /m)
  })

  await t.test('an object goes back to its own cache', async t => {
    const { log } = await (await memory(t, image)).run('wrong_cache')
    t.match(log, 'cache_from_obj: Wrong slab cache. two but object is from one')
    t.notMatch(log, /still has objects/)
  })

  await t.test('what is not freed is in kmemleak once the module is gone', async t => {
    const m = await memory(t, image)
    await m.run('leak')
    t.equal(await m.rmmod('mem'), 0)
    t.strictSame(m.dmesg(), [
      '<6>kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)',
    ])
    const text = String(await m.user.readFile('/sys/kernel/debug/kmemleak'))
    t.match(
      text,
      /^unreferenced object 0xffff8881[0-9a-f]{8} \(size 6\):\n {2}comm "cat", pid 42, jiffies 429\d+ \(age \d+\.\d{3}s\)\n {2}hex dump \(first 6 bytes\):\n {4}4c 69 6f 72 0a 00 +Lior\.\.\n {2}backtrace:\n {4}leak \(\S*mem\.ts:\d+:\d+\) \[mem\]\n/,
    )
    t.match(
      text,
      /\(size 16\):\n.*\n {2}hex dump \(first 0 bytes\):\n {2}backtrace:\n {4}leak /,
    )
    const [, address = ''] = /0x([0-9a-f]+) \(size 6\)/.exec(text) ?? []
    const tell = (command: string) =>
      m.user.writeFile('/sys/kernel/debug/kmemleak', command)
    t.equal(await tell('scan'), 4)
    t.equal(await tell('nonsense'), -22)
    t.equal(await tell(`dump=0x${address}`), 23)
    t.match(m.dmesg()[0], `<5>kmemleak: Object 0x${address} (size 6):`)
    t.equal(await tell('dump=0x1'), -22)
    t.strictSame(m.dmesg(), ['<6>kmemleak: Unknown object at 0x0000000000000001'])
    t.equal(await tell('clear'), 5)
    t.equal(await m.user.readFile('/sys/kernel/debug/kmemleak'), '')
    t.equal(await tell('off'), 3)
    t.strictSame(m.dmesg(), ['<6>kmemleak: Kernel memory leak detector disabled'])
    t.equal(await tell('scan'), -1)
    t.equal(await tell('clear'), 5)
  })

  await t.test('insmod has left its name', async t => {
    const m = await boot(t)
    await m.insmod(image, 'act=init')
    await m.rmmod('mem')
    t.match(
      await m.user.readFile('/sys/kernel/debug/kmemleak'),
      /\(size 24\):\n {2}comm "insmod", pid \d+/,
    )
  })
})
