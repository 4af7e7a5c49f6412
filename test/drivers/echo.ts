// echo: who said what.
import t from 'tap'
import { EINVAL, ESPIPE } from '../../src/include/linux/errno.ts'
import { O_RDWR } from '../../src/include/uapi/fcntl.ts'
import { boot } from '../harness/machine.ts'

t.test('the writer is named', async t => {
  const { user, process, insmod } = await boot(t)
  await insmod('echo')
  t.equal(await user.readFile('/dev/echo'), '')
  t.equal(await user.writeFile('/dev/echo', 'hello\n'), 6)
  t.equal(await user.readFile('/dev/echo'), '0: hello\n')
  t.equal(await process({ uid: 1000 }).writeFile('/dev/echo', 'grüß dich\n'), 12)
  t.equal(await user.readFile('/dev/echo'), '1000: grüß dich\n')
})

t.test('a message may have 256 bytes, and there is no position to seek', async t => {
  const { user, insmod } = await boot(t)
  await insmod('echo')
  t.equal(await user.writeFile('/dev/echo', 'x'.repeat(256)), 256)
  t.equal(await user.writeFile('/dev/echo', 'x'.repeat(257)), -EINVAL)
  const fd = await user.open('/dev/echo', O_RDWR)
  t.equal(await user.lseek(fd, 0), -ESPIPE)
  await user.close(fd)
})
