// Drivers that crash: what is reported, who dies, what stays behind.
import t from 'tap'
import { EAGAIN, EBUSY, EIO } from '../../../src/include/linux/errno.ts'
import { boot, build } from '../../harness/machine.ts'
import type { TestMachine } from '../../harness/machine.ts'

const CRASH = `
  import { misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { module_param } from '#linux/moduleparam'
  import { BUG } from '#linux/bug'
  import { msleep } from '#linux/delay'
  import { spin_lock, spin_unlock, spinlock } from '#linux/spinlock'
  MODULE_LICENSE('GPL')
  const where = module_param('where', 'charp', '', 0o644)
  const lock = new spinlock()

  function crash(here: string): number {
    const nothing = null as { size: number } | null
    if (where.value === here) return nothing!.size
    if (where.value === here + '-bug') BUG()
    return 0
  }
  const dev = {
    minor: MISC_DYNAMIC_MINOR,
    name: 'crash',
    fops: {
      owner: THIS_MODULE,
      open: () => crash('open'),
      release: () => crash('release'),
      async read() {
        crash('read')
        await msleep(1)
        crash('late')
        if (where.value === 'atomic') {
          spin_lock(lock)
          await msleep(1)
          spin_unlock(lock)
        }
        if (where.value === 'recursion') {
          spin_lock(lock)
          try { spin_lock(lock) } finally { spin_unlock(lock) }
        }
        return where.value === 'nonsense' ? NaN : 0
      },
    },
  }
  module_init(() => crash('init') || misc_register(dev))
  module_exit(() => { crash('exit'); misc_deregister(dev) })
`
const SIGKILL = 9
const SIGSEGV = 11

async function machine(t: Parameters<typeof boot>[0], image: Uint8Array, where: string) {
  const machine = await boot(t)
  await machine.insmod(image, `where=${where}`)
  machine.dmesg()
  return machine
}

/** Refuse no more: what was left in a bad state on purpose can go. */
async function calm({ user }: TestMachine): Promise<void> {
  await user.writeFile('/sys/module/crash/parameters/where', 'nowhere')
}

t.test('a driver that crashes takes its caller along, not the machine', async t => {
  const image = await build(t, 'crash', CRASH)

  for (const where of ['read', 'late']) {
    await t.test(`in read(): ${where}`, async t => {
      const m = await machine(t, image, where)
      const victim = m.process({ comm: 'cat', pid: 42 })
      const fd = await victim.open('/dev/crash')
      t.equal(await victim.read(fd, 1), -EIO)
      t.strictSame(victim.signals, [SIGKILL])
      const report = m.dmesg()
      t.match(
        report[0],
        /^<1>BUG: kernel NULL pointer dereference, address: 0000000000000000$/,
      )
      const text = report.join('\n')
      t.match(text, /Oops: 0000 \[#1\] PREEMPT SMP NOPTI/)
      t.match(text, /CPU: 0 PID: 42 Comm: cat Tainted: G +OE /)
      t.match(text, /RIP: 0010:crash \(\S*crash\.ts:\d+:\d+\) \[crash\]/)
      t.match(text, /Modules linked in: crash\(OE\)/)
      t.match(report.at(-2), /---\[ end trace 0000000000000000 \]---/)
      t.match(report.at(-1), /^<4>RIP: 0010:crash \(.*\) \[crash\]$/)
      t.equal(await m.user.readFile('/proc/sys/kernel/tainted'), `${12288 + 128}\n`)

      await victim.close(fd)
      t.equal(await m.user.readFile('/sys/module/crash/refcnt'), '0\n')
      t.equal(await m.rmmod('crash'), 0)
    })
  }

  await t.test('BUG() is a SIGSEGV', async t => {
    const m = await machine(t, image, 'read-bug')
    const fd = await m.user.open('/dev/crash')
    t.equal(await m.user.read(fd, 1), -EIO)
    t.strictSame(m.user.signals, [SIGSEGV])
    const report = m.dmesg()
    t.equal(report[0], '<4>------------[ cut here ]------------')
    t.match(report[1], /^<2>kernel BUG at \S*crash\.ts:\d+:\d+!$/)
    t.match(report[2], /^<4>invalid opcode: 0000 \[#1\]/)
    await m.user.close(fd)
  })

  for (const where of ['open', 'release']) {
    await t.test(`in ${where}(): the reference is never given back`, async t => {
      const m = await machine(t, image, where)
      const fd = await m.user.open('/dev/crash')
      if (where === 'open') t.equal(fd, -EIO)
      else await m.user.close(fd)
      t.strictSame(m.user.signals, [SIGKILL])
      t.equal(await m.user.readFile('/sys/module/crash/refcnt'), '1\n')
      t.equal(await m.rmmod('crash'), -EAGAIN)
      t.equal(m.kernel.files.count, 0)
      await calm(m)
      t.equal(await m.rmmod('crash', 0o1000), 0)
    })
  }

  await t.test('in init: the module is loading for ever', async t => {
    const m = await boot(t)
    t.equal(await m.insmod(image, 'where=init'), -EIO)
    t.match(
      await m.user.readFile('/proc/modules'),
      /^crash \d+ 1 - Loading 0x[0-9a-f]+ \(OE\+\)\n/,
    )
    t.equal(await m.rmmod('crash'), -EBUSY)
    const again = m.process({ comm: 'insmod' })
    const waiting = again.syscall(() => m.kernel.modules.finit_module(image, '', 0))
    await new Promise(resolve => setTimeout(resolve, 5))
    again.signal()
    t.equal(await waiting, -4, 'a second insmod waits until it is interrupted')
  })

  await t.test('in exit: the module is unloading for ever', async t => {
    const m = await machine(t, image, 'nowhere')
    await m.rmmod('crash')
    await m.insmod(image, 'where=exit')
    const remover = m.process({ comm: 'rmmod' })
    await remover.syscall(() => m.kernel.modules.delete_module('crash', 0))
    t.strictSame(remover.signals, [SIGKILL])
    t.match(
      await m.user.readFile('/proc/modules'),
      /^crash \d+ -1 - Unloading 0x[0-9a-f]+ \(OE-\)\n/,
    )
    t.equal(await m.rmmod('crash'), -EBUSY)
    t.equal(await m.insmod(image), -EBUSY)
    // Its device is still there, as it would be on Linux: take it away for the harness.
    for (const path of [
      '/dev/crash',
      '/sys/class/misc/crash',
      '/sys/devices/virtual/misc',
      '/sys/dev/char/10:127',
    ]) {
      const node = m.user.lstat(path)
      if (typeof node === 'object') node.remove()
    }
  })

  await t.test('an answer that is no number is told off, and EIO', async t => {
    const m = await machine(t, image, 'nonsense')
    const fd = await m.user.open('/dev/crash')
    t.equal(await m.user.read(fd, 1), -EIO)
    t.match(m.dmesg().join('\n'), /driver returned NaN where a number is due/)
    t.strictSame(m.user.signals, [])
    await m.user.close(fd)
  })

  await t.test('sleeping with a spinlock held is reported, and goes on', async t => {
    const m = await machine(t, image, 'atomic')
    const cat = m.process({ comm: 'cat', pid: 117 })
    const fd = await cat.open('/dev/crash')
    t.match(await cat.read(fd, 1), Uint8Array)
    const report = m.dmesg()
    t.equal(report[0], '<3>BUG: scheduling while atomic: cat/117/0x00000002')
    t.match(report[1], /^<4>Modules linked in: crash\(OE\)/)
    t.match(report[2], /^<4>CPU: 0 PID: 117 Comm: cat/)
    t.match(report.join('\n'), /read \(\S*crash\.ts:\d+:\d+\) \[crash\]/)
    t.equal(await m.user.readFile('/proc/sys/kernel/tainted'), `${12288 + 512}\n`)
    await cat.close(fd)
  })

  await t.test('taking a spinlock twice is a deadlock, and reported as one', async t => {
    const m = await machine(t, image, 'recursion')
    const fd = await m.user.open('/dev/crash')
    t.equal(await m.user.read(fd, 1), -EIO)
    const report = m.dmesg()
    t.equal(report[2], '<4>WARNING: possible recursive locking detected')
    t.ok(report.includes('<0>BUG: spinlock recursion on CPU#0, test/1'))
    t.strictSame(m.user.signals, [SIGSEGV])
    await m.user.close(fd)
  })
})

const FAULTS = `
  import { misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { module_param } from '#linux/moduleparam'
  import { panic, WARN_ON } from '#linux/bug'
  import { spin_lock, spinlock } from '#linux/spinlock'
  import { struct } from '#linux/struct'
  MODULE_LICENSE('GPL')
  const how = module_param('how', 'charp', '', 0o644)
  const nothing = undefined as { size: number; go(): void } | undefined
  const foo = struct({ pad: 'char[16]', inner: struct({ a: 'int', b: 'int' }), x: 'int' })
  const forever = (n: number): number => forever(n + 1) + 1
  const mistakes: Record<string, () => unknown> = {
    'read': () => nothing!.size,
    'write': () => (nothing!.size = 1),
    'call': () => { const go = nothing?.go; go!() },
    'destructure': () => { const { size } = nothing!; return size },
    'field': () => foo.at(0).x,
    'inner field': () => foo.at(0).inner.b,
    'field set': () => (foo.at(0).x = 1),
    'wild': () => foo.at(0xdeadbeef000n).pad,
    'kernel': () => (foo.at(-4096n).x = 1),
    'divide': () => 1n / BigInt(how.value.length - 6),
    'recursion': () => forever(0),
    'throw': () => { throw new SyntaxError('no C') },
    'thrown text': () => { throw 'just text' },
    'locked': () => { spin_lock(new spinlock()); return nothing!.size },
    'panic': () => panic('%d reasons\\n', 3),
    'warn': () => WARN_ON(true),
  }
  const dev = {
    minor: MISC_DYNAMIC_MINOR,
    name: 'faults',
    fops: { owner: THIS_MODULE, read: () => { mistakes[how.value]?.(); return 0 } },
  }
  module_init(() => misc_register(dev))
  module_exit(() => misc_deregister(dev))
`

/** Each mistake: the head of its report, what the caller dies of, and what else is said. */
const MISTAKES: [how: string, head: string[], signal: number, more: RegExp][] = [
  [
    'read',
    [
      '<1>BUG: kernel NULL pointer dereference, address: 0000000000000000',
      "<1>TypeError: Cannot read properties of undefined (reading 'size')",
      '<1>#PF: supervisor read access in kernel mode',
      '<1>#PF: error_code(0x0000) - not-present page',
      '<6>PGD 0 P4D 0',
      '<4>Oops: 0000 [#1] PREEMPT SMP NOPTI',
    ],
    SIGKILL,
    /^<4>CR2: 0000000000000000$/m,
  ],
  [
    'write',
    [
      '<1>BUG: kernel NULL pointer dereference, address: 0000000000000000',
      "<1>TypeError: Cannot set properties of undefined (setting 'size')",
      '<1>#PF: supervisor write access in kernel mode',
      '<1>#PF: error_code(0x0002) - not-present page',
      '<6>PGD 0 P4D 0',
      '<4>Oops: 0002 [#1] PREEMPT SMP NOPTI',
    ],
    SIGKILL,
    /^<4>RIP: 0010:write \(/m,
  ],
  [
    'call',
    [
      '<1>BUG: kernel NULL pointer dereference, address: 0000000000000000',
      '<1>TypeError: go is not a function',
      '<1>#PF: supervisor instruction fetch in kernel mode',
      '<1>#PF: error_code(0x0010) - not-present page',
      '<6>PGD 0 P4D 0',
      '<4>Oops: 0010 [#1] PREEMPT SMP NOPTI',
    ],
    SIGKILL,
    /^<4>RIP: 0010:0x0$[^]*^<4> call \([^]*^<6>note: cat\[9\] exited with irqs disabled$/m,
  ],
  [
    'destructure',
    ['<1>BUG: kernel NULL pointer dereference, address: 0000000000000000'],
    SIGKILL,
    /^<1>#PF: supervisor read access in kernel mode$/m,
  ],
  [
    'field',
    [
      '<1>BUG: kernel NULL pointer dereference, address: 0000000000000018',
      '<1>#PF: supervisor read access in kernel mode',
    ],
    SIGKILL,
    /^<4>RIP: 0010:field \(\S*faults\.ts:\d+:\d+\) \[faults\]$/m,
  ],
  [
    'inner field',
    ['<1>BUG: kernel NULL pointer dereference, address: 0000000000000014'],
    SIGKILL,
    /^<4>CR2: 0000000000000014$/m,
  ],
  [
    'field set',
    [
      '<1>BUG: kernel NULL pointer dereference, address: 0000000000000018',
      '<1>#PF: supervisor write access in kernel mode',
    ],
    SIGKILL,
    /^<4>Oops: 0002 \[#1\]/m,
  ],
  [
    'wild',
    [
      '<1>BUG: unable to handle page fault for address: 00000deadbeef000',
      '<1>#PF: supervisor read access in kernel mode',
    ],
    SIGKILL,
    /^<4>CR2: 00000deadbeef000$/m,
  ],
  [
    'kernel',
    ['<1>BUG: unable to handle page fault for address: fffffffffffff018'],
    SIGKILL,
    /^<6>note: cat\[9\] exited with irqs disabled$/m,
  ],
  [
    'divide',
    ['<4>divide error: 0000 [#1] PREEMPT SMP NOPTI'],
    SIGSEGV,
    /RIP: 0010:divide/,
  ],
  [
    'recursion',
    [
      '<0>BUG: TASK stack guard page was hit',
      '<4>stack guard page: 0000 [#1] PREEMPT SMP NOPTI',
    ],
    SIGSEGV,
    /^<4> forever \(/m,
  ],
  [
    'throw',
    [
      '<1>BUG: unable to handle exception in kernel mode',
      '<1>SyntaxError: no C',
      '<4>Oops: 0000 [#1] PREEMPT SMP NOPTI',
    ],
    SIGKILL,
    /^<4>RIP: 0010:throw \(/m,
  ],
  [
    'thrown text',
    [
      '<1>BUG: unable to handle exception in kernel mode',
      '<1>Error: just text',
      '<4>Oops: 0000 [#1] PREEMPT SMP NOPTI',
    ],
    SIGKILL,
    /^<4>CPU: 0 PID: 9 Comm: cat /m,
  ],
  [
    'locked',
    ['<1>BUG: kernel NULL pointer dereference, address: 0000000000000000'],
    SIGKILL,
    /^<6>note: cat\[9\] exited with preempt_count 1$/m,
  ],
]

async function faulty(t: Parameters<typeof boot>[0], image: Uint8Array) {
  const m = await boot(t)
  await m.insmod(image)
  const make = async (how: string) => {
    await m.user.writeFile('/sys/module/faults/parameters/how', how)
    m.dmesg()
    const cat = m.process({ comm: 'cat', pid: 9 })
    const fd = await cat.open('/dev/faults')
    const n = await cat.read(fd, 1)
    await cat.close(fd)
    return { n, signals: cat.signals, report: m.dmesg() }
  }
  return { ...m, make }
}

t.test('each mistake is reported as the processor would have it', async t => {
  const image = await build(t, 'faults', FAULTS)
  for (const [how, head, signal, more] of MISTAKES) {
    await t.test(how, async t => {
      const { make, user } = await faulty(t, image)
      const { n, signals, report } = await make(how)
      t.equal(n, -EIO)
      t.strictSame(signals, [signal])
      t.strictSame(report.slice(0, head.length), head)
      t.match(report.join('\n'), more)
      t.equal(await user.readFile('/sys/kernel/oops_count'), '1\n')
    })
  }
})

const PANIC = '<0>Kernel panic - not syncing: '

t.test('oopses and warnings can be made a panic', async t => {
  const image = await build(t, 'faults', FAULTS)
  const sysctl = (name: string) => `/proc/sys/kernel/${name}`
  const panics = (report: string[]) =>
    report.filter(line => line.startsWith(PANIC)).map(line => line.slice(PANIC.length))

  await t.test('by their own settings', async t => {
    const cases: [setting: string, how: string, reason: string][] = [
      ['panic_on_oops', 'read', 'Fatal exception'],
      ['panic_on_warn', 'warn', 'kernel: panic_on_warn set ...'],
    ]
    for (const [setting, how, reason] of cases) {
      const { user, make } = await faulty(t, image)
      t.equal(await user.readFile(sysctl(setting)), '0\n')
      t.strictSame(panics((await make(how)).report), [])
      await user.writeFile(sysctl(setting), '1\n')
      t.strictSame(panics((await make(how)).report), [reason])
    }
  })

  await t.test('by their number', async t => {
    const { user, make } = await faulty(t, image)
    t.equal(await user.readFile(sysctl('oops_limit')), '10000\n')
    await user.writeFile(sysctl('oops_limit'), '2\n')
    t.strictSame(panics((await make('read')).report), [])
    const reason = 'Oopsed too often (kernel.oops_limit is 2)'
    t.strictSame(panics((await make('read')).report), [reason])
  })

  await t.test('and warnings by theirs', async t => {
    const { user, make } = await faulty(t, image)
    t.equal(await user.readFile(sysctl('warn_limit')), '0\n')
    await make('warn')
    t.equal(await user.readFile('/sys/kernel/warn_count'), '1\n')
    await user.writeFile(sysctl('warn_limit'), '2\n')
    const reason = 'kernel: system warned too often (kernel.warn_limit is 2)'
    t.strictSame(panics((await make('warn')).report), [reason])
  })

  await t.test('panic() tells what it was told, and does not return', async t => {
    const { make } = await faulty(t, image)
    const { n, report, signals } = await make('panic')
    t.equal(n, -EIO)
    t.strictSame(signals, [], 'nobody is left to be killed')
    t.equal(report[0], '<0>Kernel panic - not syncing: 3 reasons')
    t.match(report[1], /^<4>CPU: 0 PID: 9 Comm: cat /)
    t.equal(report.at(-1), '<0>---[ end Kernel panic - not syncing: 3 reasons ]---')
  })
})

t.test('a deep call trace is shown down to the system call', async t => {
  const image = await build(
    t,
    'deep',
    `
    import { MODULE_LICENSE, module_init } from '#linux/module'
    import { dump_stack } from '#linux/printk'
    MODULE_LICENSE('GPL')
    const nothing = null as { n: number } | null
    function down(n: number): number {
      if (n > 0) return down(n - 1) + 1
      dump_stack()
      return nothing!.n
    }
    module_init(() => down(20))
  `,
  )
  const { insmod, dmesg } = await boot(t)
  await insmod(image)
  const text = dmesg().join('\n')
  t.equal(text.match(/ down \(/g)?.length, 21 + 20, 'the oops has one as RIP')
  t.equal(text.match(/^<4> do_init_module$/gm)?.length, 2)
})
