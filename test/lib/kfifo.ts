import t from 'tap'
import { boot, build } from '../harness/machine.ts'

const SOURCE = `
import * as k from '#linux/kfifo'
import { GFP_KERNEL, kfree, kmalloc } from '#linux/slab'
import { module_init, module_exit, MODULE_LICENSE } from '#linux/module'
import { type miscdevice, misc_register, misc_deregister, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
import type { file_operations } from '#linux/fs'
import { pr_info } from '#linux/printk'
import { spinlock } from '#linux/spinlock'
import { struct } from '#linux/struct'
import { ref } from '#linux/types'
MODULE_LICENSE('GPL')

const point = struct({ x: 'short', y: 'int' })
const ints = k.DECLARE_KFIFO('int', 4)
const points = k.DECLARE_KFIFO(point, 2)
const bytes = k.DECLARE_KFIFO_PTR('u8')
const lock = new spinlock()

const fops: file_operations = {
  write(_filp, buf, count) {
    const copied = ref(0)
    return k.kfifo_from_user(bytes, buf, count, copied) || copied.value
  },
  read(_filp, buf, count) {
    const copied = ref(0)
    return k.kfifo_to_user(bytes, buf, count, copied) || copied.value
  },
}
const dev: miscdevice = { minor: MISC_DYNAMIC_MINOR, name: 'fifo', fops }

function init() {
  const put = [1, -2, 3, 4, 5].map(n => k.kfifo_put(ints, n))
  pr_info('%s %d %d %d\\n', put.join(), k.kfifo_is_full(ints), k.kfifo_len(ints), k.kfifo_avail(ints))
  const one = ref(0)
  pr_info('%d %d\\n', k.kfifo_get(ints, one), one.value)
  const some: number[] = []
  pr_info('%d %s\\n', k.kfifo_out_spinlocked(ints, some, 2, lock), some.join())
  pr_info('%d\\n', k.kfifo_in(ints, [6, 7, 8, 9], 4))
  const all: number[] = []
  pr_info('%d %s\\n', k.kfifo_out(ints, all, 10), all.join())
  pr_info('%d %d\\n', k.kfifo_get(ints, one), k.kfifo_is_empty(ints))

  k.kfifo_put(points, new point({ x: -1, y: 70000 }))
  const p = ref(new point())
  k.kfifo_peek(points, p)
  pr_info('%d %d %d %d\\n', p.value.x, p.value.y, k.kfifo_len(points), k.kfifo_esize(points))

  pr_info('%d %d\\n', k.kfifo_alloc(bytes, 1, GFP_KERNEL), k.kfifo_alloc(bytes, 5, GFP_KERNEL))
  const data = kmalloc(3, GFP_KERNEL)
  data?.fill(65)
  pr_info('%d %d\\n', data ? k.kfifo_in(bytes, data, 3) : 0, k.kfifo_size(bytes))
  kfree(data)
  return misc_register(dev)
}
function exit() {
  misc_deregister(dev)
  k.kfifo_free(bytes)
  pr_info('%d\\n', k.kfifo_initialized(bytes))
}
module_init(init)
module_exit(exit)
`

t.test('elements of any type go through a kfifo, as far as there is room', async t => {
  const { insmod, rmmod, dmesg, user } = await boot(t)
  t.equal(await insmod(await build(t, 'fifo', SOURCE)), 0)
  t.strictSame(
    dmesg().filter(line => !line.includes('taint')),
    [
      '1,1,1,1,0 1 4 0',
      '1 1',
      '2 -2,3',
      '3',
      '4 4,6,7,8',
      '0 1',
      '-1 70000 1 8',
      '-22 0',
      '3 8',
    ].map(line => `<6>${line}`),
  )
  const fd = await user.open('/dev/fifo', 2)
  t.equal(await user.write(fd, 'bcdefghij'), 5, 'a short write')
  t.equal(Buffer.from((await user.read(fd, 100)) as Uint8Array).toString(), 'AAAbcdef')
  await user.close(fd)
  t.equal(await rmmod('fifo'), 0)
  t.equal(dmesg().at(-1), '<6>0')
})

t.test('the size of a kfifo of file scope is a power of two', async t => {
  const source = SOURCE.replace("DECLARE_KFIFO('int', 4)", "DECLARE_KFIFO('int', 5)")
  await t.rejects(build(t, 'odd', source), /size of a kfifo is no power of two: 5/)
})
