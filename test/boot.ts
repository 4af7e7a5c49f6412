// Booting: what is there at once, and several machines in one process.
import t from 'tap'
import { boot, build } from './harness/machine.ts'

t.test('a machine that has just booted', async t => {
  const { user, kernel } = await boot(t)
  t.strictSame((user.readdir('/') as string[]).toSorted(), [
    'dev',
    'etc',
    'lib',
    'proc',
    'run',
    'sys',
    'usr',
  ])
  for (const folder of ['etc', 'run', 'usr/local/lib', 'lib']) {
    t.equal(await user.writeFile(`/${folder}/modprobe.d/x.conf`, 'text'), 4, folder)
    t.equal(await user.writeFile(`/${folder}/depmod.d/x.conf`, 'text'), 4, folder)
  }
  for (const name of ['null', 'zero', 'full', 'random', 'urandom']) {
    t.match(user.lstat(`/dev/${name}`), { i_mode: 0o020666 })
  }
  t.match(user.lstat('/dev/kmsg'), { i_mode: 0o020644 })
  t.equal(await user.readFile('/proc/modules'), '')
  t.equal(await user.readFile('/proc/sys/kernel/tainted'), '0\n')
  t.match(
    await user.readFile('/proc/devices'),
    /^Character devices:\n {2}1 mem\n 10 misc\n\nBlock devices:\n$/,
  )
  t.match(await user.readFile('/proc/version'), /^Linux version /)
  t.match(await user.readFile('/proc/uptime'), /^\d+\.\d\d \d+\.\d\d\n$/)
  t.equal(user.lstat(`/lib/modules/${kernel.uts.release}`), kernel.lib_modules)
  t.equal(kernel.modules.count, 0, 'built-in drivers are in no list')
})

t.test('machines in one process know nothing of each other', async t => {
  const image = await build(
    t,
    'count',
    `
    import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
    import { pr_info } from '#linux/printk'
    MODULE_LICENSE('GPL')
    let loads = 0
    module_init(() => { pr_info('load %d\\n', ++loads); return 0 })
    module_exit(() => {})
  `,
  )
  const [a, b] = [await boot(t), await boot(t)]
  t.equal(await a.insmod(image), 0)
  t.equal(await a.insmod('scull'), 0)
  t.equal(await b.user.readFile('/proc/modules'), '')
  t.equal(await b.user.readFile('/proc/sys/kernel/tainted'), '0\n')
  t.equal(b.user.lstat('/dev/scull0'), -2)
  t.strictSame(b.dmesg(), [])

  t.equal(await b.insmod(image), 0)
  t.match(b.dmesg().at(-1), '<6>load 1', 'each has variables of its own')
  t.equal(await a.rmmod('count'), 0)
  t.match(await b.user.readFile('/proc/modules'), /^count /)
})

t.test('current is right in a driver, however it awaits', async t => {
  const image = await build(
    t,
    'whoami',
    `
    import { msleep } from '#linux/delay'
    import { misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
    import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
    import { mutex, mutex_lock, mutex_unlock } from '#linux/mutex'
    import { current } from '#linux/sched'
    MODULE_LICENSE('GPL')
    const lock = new mutex()
    async function nested(depth: number): Promise<number> {
      await msleep(depth % 2)
      return depth === 0 ? current.pid : nested(depth - 1)
    }
    const dev = {
      minor: MISC_DYNAMIC_MINOR,
      name: 'whoami',
      fops: {
        async read() {
          const first = current.pid
          await mutex_lock(lock)
          const seen = [current.pid, await nested(3), ...(await Promise.all([nested(2), nested(1)]))]
          mutex_unlock(lock)
          seen.push(await nested(1), current.pid)
          return seen.every(pid => pid === first) ? first : -1
        },
      },
    }
    module_init(() => misc_register(dev))
    module_exit(() => { misc_deregister(dev) })
  `,
  )
  const { insmod, process } = await boot(t)
  await insmod(image)
  const pids = [101, 102, 103, 104, 105]
  const answers = await Promise.all(
    pids.map(async pid => {
      const user = process({ pid })
      const fd = await user.open('/dev/whoami')
      const got = await user.read(fd, 200)
      await user.close(fd)
      return typeof got === 'number' ? got : got.length
    }),
  )
  t.strictSame(answers, pids)
})
