import t from 'tap'
import { cdev } from '../../src/include/linux/cdev.ts'
import { EBUSY, EEXIST, EINVAL, ENOENT, ENXIO } from '../../src/include/linux/errno.ts'
import type { file } from '../../src/include/linux/fs.ts'
import { device } from '../../src/include/linux/device.ts'
import { MKDEV } from '../../src/include/linux/kdev_t.ts'
import { kobject } from '../../src/include/linux/kobject.ts'
import { ref } from '../../src/include/linux/types.ts'
import { CharDevices } from '../../src/fs/char_dev.ts'
import { OpenFile } from '../../src/fs/file.ts'
import { Inode } from '../../src/fs/inode.ts'
import { S_IFCHR } from '../../src/include/uapi/stat.ts'
import { vsnprintf } from '../../src/lib/vsprintf.ts'
import type { Printk } from '../../src/kernel/printk.ts'

function table() {
  const said: string[] = []
  const references = new Map<unknown, number>()
  const count = (module: unknown, n: number) =>
    references.set(module, (references.get(module) ?? 0) + n)
  let going = false
  const modules = {
    try_module_get(module: unknown) {
      if (module !== undefined && going) return false
      if (module !== undefined) count(module, 1)
      return true
    },
    module_put: (module: unknown) => void (module !== undefined && count(module, -1)),
  }
  const log = {
    printk: (fmt: string, ...args: unknown[]) => said.push(vsnprintf(fmt, args)),
  }
  const kmod = { __request_module: () => -ENOENT }
  const warnings: string[] = []
  const kobjects = {
    kobject_init: (kobj: kobject) => void (kobj.refcount = 1),
    kobject_get: (kobj: kobject | undefined) => kobj && kobj.refcount++,
    kobject_put: (kobj: kobject | undefined) => kobj && kobj.refcount--,
  }
  const devices = { device_add: () => -EEXIST, device_del() {} }
  const traps = {
    WARN_ON: (condition: boolean) => condition && warnings.push('WARN_ON') > 0,
  }
  const chrdevs = new CharDevices({
    modules,
    kmod,
    kobjects,
    devices,
    traps,
    log: log as unknown as Printk,
    code: { check() {} },
    debugobjects: { debug_object_activate() {}, debug_object_deactivate() {} },
  })
  const open = (dev: number) => {
    const inode = new Inode({ mode: S_IFCHR | 0o600, rdev: dev })
    const filp = new OpenFile(inode, 0, { uid: 0, gid: 0 })
    return { err: chrdevs.chrdev_open(inode, filp), filp }
  }
  /** Which cdev serves `dev`: its name, as its open() says it. */
  const served = (dev: number) => {
    const { err, filp } = open(dev)
    return err === -ENXIO ? undefined : filp.private_data
  }
  const add = (name: string, dev: number, n: number) => {
    const p = new cdev()
    chrdevs.cdev_init(p, {
      open(_inode, filp: file) {
        filp.private_data = name
        return 0
      },
    })
    t.equal(chrdevs.cdev_add(p, dev, n), 0)
    return p
  }
  const leave = () => (going = true)
  return { chrdevs, said, warnings, references, open, served, add, leave }
}

t.test('a name that is none crashes who gives it, not /proc/devices', async t => {
  const { chrdevs } = table()
  const none = undefined as unknown as string
  t.throws(() => chrdevs.__register_chrdev(240, 0, 256, none, {}), TypeError)
  t.throws(() => chrdevs.register_chrdev_region(MKDEV(240, 0), 1, none), TypeError)
  t.equal(chrdevs.chrdev_show(), '')
  t.equal(chrdevs.register_chrdev_region(MKDEV(240, 0), 1, 'n'.repeat(70)), 0)
  t.equal(chrdevs.chrdev_show(), `240 ${'n'.repeat(63)}\n`)
})

t.test('numbers that are taken are refused, silently', async t => {
  const { chrdevs, said } = table()
  t.equal(chrdevs.register_chrdev_region(MKDEV(240, 4), 4, 'scull'), 0)
  for (const [minor, count] of [
    [4, 4],
    [5, 1],
    [0, 5],
    [7, 9],
    [0, 99],
  ] as const) {
    t.equal(chrdevs.register_chrdev_region(MKDEV(240, minor), count, 'late'), -EBUSY)
  }
  t.equal(chrdevs.register_chrdev_region(MKDEV(240, 8), 1, 'above'), 0)
  t.equal(chrdevs.register_chrdev_region(MKDEV(240, 0), 4, 'below'), 0)
  t.equal(chrdevs.register_chrdev_region(MKDEV(241, 4), 4, 'elsewhere'), 0)
  t.strictSame(said, [])
  t.equal(chrdevs.chrdev_show(), '240 below\n240 scull\n240 above\n241 elsewhere\n')
})

t.test('numbers that cannot be are refused with a message', async t => {
  const { chrdevs, said } = table()
  t.equal(chrdevs.register_chrdev_region(MKDEV(600, 0), 1, 'big'), -EINVAL)
  t.equal(chrdevs.alloc_chrdev_region(ref(0), 0x100000 - 1, 2, 'wide'), -EINVAL)
  t.equal(chrdevs.alloc_chrdev_region(ref(0), 0, -1, 'negative'), -EINVAL)
  t.strictSame(said.slice(0, 2), [
    '\x013CHRDEV "big" major requested (600) is greater than the maximum (511)\n',
    '\x013CHRDEV "wide" minor range requested (1048575-1048576) is out of range of maximum range (0-1048575) for a single major\n',
  ])
  t.equal(chrdevs.chrdev_show(), '')
})

t.test(
  'free majors are given out from 254 down to 234, then from 511 down to 384',
  async t => {
    const { chrdevs, said } = table()
    t.equal(chrdevs.register_chrdev_region(MKDEV(253, 7), 1, 'taken'), 0)
    const majors: number[] = []
    for (;;) {
      const major = chrdevs.__register_chrdev(0, 0, 256, 'any', {})
      if (major < 0) break
      majors.push(major)
    }
    const down = (first: number, last: number) =>
      Array.from({ length: first - last + 1 }, (_, i) => first - i)
    t.strictSame(
      majors,
      [...down(254, 234), ...down(511, 384)].filter(major => major !== 253),
    )
    t.strictSame(said, ['\x013CHRDEV "any" dynamic allocation region is full\n'])

    chrdevs.__unregister_chrdev(240, 0, 256, 'any')
    const dev = ref(0)
    t.equal(chrdevs.alloc_chrdev_region(dev, 5, 1, 'again'), 0)
    t.equal(dev.value, MKDEV(240, 5))
  },
)

t.test('a range may run over into the next major, all or nothing', async t => {
  const { chrdevs } = table()
  const last = MKDEV(200, 0xfffff)
  t.equal(chrdevs.register_chrdev_region(last, 3, 'long'), 0)
  t.equal(chrdevs.chrdev_show(), '200 long\n201 long\n')
  t.equal(chrdevs.register_chrdev_region(MKDEV(201, 1), 1, 'late'), -EBUSY)
  chrdevs.unregister_chrdev_region(last, 3)
  t.equal(chrdevs.chrdev_show(), '')

  t.equal(chrdevs.register_chrdev_region(MKDEV(201, 1), 1, 'first'), 0)
  t.equal(chrdevs.register_chrdev_region(last, 3, 'long'), -EBUSY)
  t.equal(chrdevs.chrdev_show(), '201 first\n', 'nothing of the long one is left')
})

t.test('only the very range that was registered can be given back', async t => {
  const { chrdevs } = table()
  chrdevs.register_chrdev_region(MKDEV(240, 0), 4, 'scull')
  chrdevs.unregister_chrdev_region(MKDEV(240, 0), 2)
  chrdevs.unregister_chrdev_region(MKDEV(240, 1), 3)
  chrdevs.unregister_chrdev_region(MKDEV(9, 0), 1)
  t.equal(chrdevs.chrdev_show(), '240 scull\n')
})

t.test('/proc/devices shows 63 characters of a name', async t => {
  const { chrdevs } = table()
  chrdevs.register_chrdev_region(MKDEV(7, 0), 1, 'n'.repeat(80))
  t.equal(chrdevs.chrdev_show(), `  7 ${'n'.repeat(63)}\n`)
})

t.test('ranges of cdevs nest: the narrowest serves', async t => {
  const { chrdevs, served, add } = table()
  add('wide', MKDEV(240, 0), 256)
  const narrow = add('narrow', MKDEV(240, 16), 2)
  t.strictSame(
    [15, 16, 17, 18].map(minor => served(MKDEV(240, minor))),
    ['wide', 'narrow', 'narrow', 'wide'],
  )
  t.equal(served(MKDEV(241, 0)), undefined)
  chrdevs.cdev_del(narrow)
  chrdevs.cdev_del(narrow)
  t.equal(served(MKDEV(240, 16)), 'wide')
})

t.test('a cdev that is none serves nobody', async t => {
  const { chrdevs, open, served, warnings } = table()
  const dev = MKDEV(240, 0)
  t.equal(chrdevs.cdev_add(chrdevs.cdev_alloc(), dev, 1), 0)
  t.equal(open(dev).err, -ENXIO, 'no operations')
  const raw = new cdev()
  raw.ops = {}
  t.equal(chrdevs.cdev_add(raw, dev + 1, 1), 0)
  t.equal(open(dev + 1).err, -ENXIO, 'never initialised')
  t.equal(chrdevs.cdev_add(chrdevs.cdev_alloc(), dev + 2, 0), 0)
  t.equal(served(dev + 2), undefined, 'no numbers')
  t.strictSame(warnings, [])
  t.equal(chrdevs.cdev_add(chrdevs.cdev_alloc(), 0, 1), -EBUSY)
  t.strictSame(warnings, ['WARN_ON'], 'number 0:0')
})

t.test('cdev_init() begins anew; the owner is set afterwards', async t => {
  const { chrdevs } = table()
  const p = new cdev()
  p.owner = { name: 'lost' } as unknown as NonNullable<cdev['owner']>
  const ops = {}
  chrdevs.cdev_init(p, ops)
  t.equal(p.owner, undefined)
  t.equal(p.ops, ops)
  t.equal(p.kobj.refcount, 1)
})

t.test('files, a cdev and its parent hold each other in turn', async t => {
  const { chrdevs, open } = table()
  const parent = new kobject()
  parent.refcount = 1
  parent.state_initialized = true
  const p = chrdevs.cdev_alloc()
  p.ops = {}
  chrdevs.cdev_set_parent(p, parent)
  t.equal(chrdevs.cdev_add(p, MKDEV(240, 0), 1), 0)
  t.equal(parent.refcount, 2)
  const { filp } = open(MKDEV(240, 0))
  t.equal(p.kobj.refcount, 2)
  chrdevs.cdev_del(p)
  t.equal(p.kobj.refcount, 1, 'the open file')
  chrdevs.cdev_put(filp)
  t.equal(p.kobj.refcount, 0)
})

t.test('cdev_device_add() undoes cdev_add() if the device cannot be', async t => {
  const { chrdevs, open } = table()
  const dev = new device({ devt: MKDEV(240, 0) })
  dev.kobj.state_initialized = true
  const p = chrdevs.cdev_alloc()
  p.ops = {}
  t.equal(chrdevs.cdev_device_add(p, dev), -EEXIST)
  t.equal(open(MKDEV(240, 0)).err, -ENXIO)
})

t.test('a major of 0 is any that is free', async t => {
  const { chrdevs } = table()
  t.equal(chrdevs.register_chrdev_region(MKDEV(0, 3), 2, 'any'), 0)
  t.equal(chrdevs.chrdev_show(), '254 any\n')
})

t.test('unregister_chrdev() takes its own cdev, and nobody else’s', async t => {
  const { chrdevs, served, add } = table()
  add('mine', MKDEV(240, 0), 256)
  chrdevs.__register_chrdev(240, 0, 256, 'theirs', {})
  chrdevs.__unregister_chrdev(240, 0, 256, 'theirs')
  t.equal(served(MKDEV(240, 3)), 'mine')
})

t.test(
  'an open file refers to the module of its cdev and to that of its operations',
  async t => {
    const { chrdevs, references, open, leave } = table()
    const owner = { name: 'orc' }
    const p = chrdevs.cdev_alloc()
    p.owner = owner
    p.ops = { owner }
    chrdevs.cdev_add(p, MKDEV(240, 0), 1)
    const { err, filp } = open(MKDEV(240, 0))
    t.equal(err, 0)
    t.equal(references.get(owner), 2)
    chrdevs.cdev_put(filp)
    t.equal(references.get(owner), 0)

    leave()
    t.equal(open(MKDEV(240, 0)).err, -ENXIO, 'a module that is going takes no new files')
    t.equal(references.get(owner), 0)
  },
)

t.test('ten thousand devices cost no more than one, each', async t => {
  const cost = (n: number) => {
    const { chrdevs, open } = table()
    const start = performance.now()
    for (let i = 0; i < n; i++) {
      const dev = MKDEV(240, i)
      chrdevs.register_chrdev_region(dev, 1, 'many')
      chrdevs.cdev_add(chrdevs.cdev_alloc(), dev, 1)
    }
    for (let i = 0; i < 10_000; i++) open(MKDEV(240, i % n))
    return performance.now() - start
  }
  cost(100) // warm up
  const few = cost(1)
  const many = cost(10_000)
  t.ok(many < few + 500, `${few} ms, ${many} ms`)
})
