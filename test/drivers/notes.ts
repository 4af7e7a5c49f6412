// notes: a list in /proc that changes while it is read.
import t from 'tap'
import { EINVAL, ENOENT } from '../../src/include/linux/errno.ts'
import { boot } from '../harness/machine.ts'

const LIST = '/proc/notes/list'

t.test('notes are added, listed, counted and removed', async t => {
  const { user, insmod, rmmod } = await boot(t)
  t.equal(await insmod('notes'), 0)
  t.equal(await user.readFile(LIST), '')
  t.equal(await user.writeFile(LIST, 'buy milk\n'), 9)
  t.equal(await user.writeFile(LIST, 'sleep'), 5)
  t.equal(await user.readFile(LIST), '  1 buy milk\n  2 sleep\n')
  t.equal(await user.readFile('/proc/notes/count'), '2\n')
  t.equal(await user.writeFile(LIST, '-1'), 2)
  t.equal(await user.readFile(LIST), '  2 sleep\n')
  t.equal(await user.writeFile(LIST, '-1'), -ENOENT)
  t.equal(await user.writeFile(LIST, '-x'), -EINVAL)
  t.equal(await user.writeFile(LIST, ' \n'), -EINVAL)
  t.equal(await user.writeFile(LIST, 'x'.repeat(201)), -EINVAL)
  t.equal(await rmmod('notes'), 0)
  t.equal(await user.open(LIST), -ENOENT)
})

t.test('a reader in small steps goes on by position while the list changes', async t => {
  const { user, insmod } = await boot(t)
  await insmod('notes')
  for (const name of ['one', 'two', 'three', 'four']) await user.writeFile(LIST, name)
  const fd = await user.open(LIST)
  const read = async (count: number) =>
    Buffer.from((await user.read(fd, count)) as Uint8Array).toString()
  t.equal(await read(3), '  1')
  t.equal(await user.writeFile(LIST, '-1'), 2)
  // What was shown is kept; the position counts what is there now.
  t.equal(await read(100), ' one\n  3 three\n  4 four\n')
  await user.close(fd)
})
