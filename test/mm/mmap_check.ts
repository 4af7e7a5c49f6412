// What mmap(2) refuses before a driver is asked, by place.
import t from 'tap'
import { EINVAL, ENOMEM } from '../../src/include/linux/errno.ts'
import { FMODE_READ, type file } from '../../src/include/linux/fs.ts'
import { MAP_FIXED, MAP_SHARED, PROT_READ } from '../../src/include/uapi/mman.ts'
import { checkMmap, TASK_SIZE } from '../../src/mm/mmap_check.ts'

const PAGE = 4096

t.test('a fixed place is a page’s, below the end of memory', async t => {
  const file = { f_mode: FMODE_READ, f_op: { mmap: () => 0 } } as unknown as file
  const at = (addr: number, flags = MAP_SHARED | MAP_FIXED) =>
    checkMmap(file, { length: 2 * PAGE, prot: PROT_READ, flags, addr })
  t.equal(at(16 * PAGE), 0)
  t.equal(at(16 * PAGE + 1), -EINVAL)
  t.equal(at(TASK_SIZE - 2 * PAGE), 0)
  t.equal(at(TASK_SIZE - PAGE), -ENOMEM)
  t.equal(at(2 ** 63 + 5000), -ENOMEM)
  t.equal(at(5, MAP_SHARED), 0, 'any other is only a wish')
})
