// A thousand modules come and go: nothing of them stays.
import t from 'tap'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { boot, driver } from '../../harness/machine.ts'

const CYCLES = 1000

t.test('a thousand cycles leave the tables as they were, and the heap', async t => {
  const { kernel, user, insmod, rmmod, dmesg } = await boot(t)
  const image = driver('scull')
  const cycle = async () => {
    const loaded = await insmod(image, 'nr_devs=1')
    const fd = await user.open('/dev/scull0', 2)
    const n = await user.read(fd, 1)
    const closed = await user.close(fd)
    const unloaded = await rmmod('scull')
    dmesg()
    return loaded || typeof n === 'number' || closed || unloaded
  }
  const tables = () => ({
    symbols: kernel.symbols.all().length,
    modules: kernel.modules.count,
    files: kernel.files.count,
    waiting: kernel.log.log_wait.entries.size,
    regions: kernel.chrdevs.chrdev_show(),
    names: [
      '/dev',
      '/sys/class',
      '/sys/module',
      '/sys/dev/char',
      '/sys/devices/virtual',
    ].map(path => user.readdir(path)),
  })
  // The log and the engine's own caches fill up first.
  for (let i = 0; i < 300; i++) await cycle()
  const before = tables()
  const heap = await usedHeap()
  let failed = 0
  for (let i = 0; i < CYCLES; i++) if (await cycle()) failed++

  t.equal(failed, 0)
  t.strictSame(tables(), before)
  const grown = (await usedHeap()) - heap
  // One context that stays is more than 100 kB: 10 MB are a tenth of that for each cycle.
  t.ok(grown < 10 << 20, `${Math.round(grown / 1024)} KiB after ${CYCLES} cycles`)
})

/** Bytes in use once garbage is collected. */
async function usedHeap(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  for (let i = 0; i < 3; i++) {
    gc()
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  return process.memoryUsage().heapUsed
}
