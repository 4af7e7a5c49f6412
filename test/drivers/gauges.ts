// The gauges: variables in debugfs, how they look, what may be written, what is open at removal.
import t from 'tap'
import {
  EACCES,
  EAGAIN,
  EBUSY,
  EINVAL,
  EIO,
  ERANGE,
  ESPIPE,
} from '../../src/include/uapi/errno.ts'
import { boot } from '../harness/machine.ts'

const DIR = '/sys/kernel/debug/gauges'
const text = (bytes: Uint8Array | number) =>
  typeof bytes === 'number' ? bytes : Buffer.from(bytes).toString()

/** What each file shows at first. */
const SHOWN: Record<string, string> = {
  level: '8\n',
  u16: '16\n',
  u32: '32\n',
  u64: '18446744073709551615\n',
  ulong: '5\n',
  size: '6\n',
  mask: '0x08\n',
  x16: '0x0016\n',
  x32: '0x00000032\n',
  x64: '0x0000000000000064\n',
  count: '-3\n',
  on: 'Y\n',
  history: '1 2 30 4\n',
  raw: 'raw bytes',
  registers: 'CONTROL = 0x00000001\nSTATUS = 0xdeadbeef\n',
  pressure: '1013\n',
  warmth: '-5\n',
  plate: 'made by hand\n',
}

t.test('variables of all kinds are shown', async t => {
  const { user, insmod } = await boot(t)
  t.equal(await insmod('gauges'), 0)
  for (const [name, shown] of Object.entries(SHOWN))
    t.equal(await user.readFile(`${DIR}/${name}`), shown, name)
  t.match(user.lstat('/sys/kernel/debug'), { i_mode: 0o040700 })
  t.match(user.lstat(DIR), { i_mode: 0o040755 })
  t.match(user.lstat(`${DIR}/level`), { i_mode: 0o100644, i_size: 0 })
  t.match(user.lstat(`${DIR}/newest`), { i_link: 'history' })
})

t.test('what is written: cut off, refused, ignored, as Linux does', async t => {
  const { user, insmod, process } = await boot(t)
  await insmod('gauges')
  const write = (name: string, what: string) => user.writeFile(`${DIR}/${name}`, what)
  const after = async (name: string, what: string) => {
    t.equal(await write(name, what), what.length, `${name}: ${what}`)
    return user.readFile(`${DIR}/${name}`)
  }
  t.equal(await after('level', '256'), '0\n')
  t.equal(await write('level', '-1'), -EINVAL)
  t.equal(await write('level', '18446744073709551616'), -ERANGE)
  t.equal(await after('count', '4294967295\n'), '-1\n')
  t.equal(await after('count', '-7'), '-7\n')
  t.equal(await after('x64', '0xffffffffffffffff'), '0xffffffffffffffff\n')
  t.equal(await after('on', 'n\n'), 'N\n')
  t.equal(await after('on', 'perhaps'), 'N\n')
  t.equal(await after('pressure', '990\n'), '990\n')
  t.equal(await write('pressure', '2001'), -EBUSY)
  t.equal(await after('warmth', '-20'), '-20\n')
  t.equal(await write('x32', '1'), -EACCES, 'there is nothing that sets it')
  t.equal(await write('raw', 'x'), -EINVAL)
  t.equal(await process({ uid: 1000 }).readFile(`${DIR}/level`), -EACCES)
})

t.test('a file of debugfs is read once, and may outlive what it shows', async t => {
  const { user, insmod, rmmod } = await boot(t)
  await insmod('gauges')
  const fd = await user.open(`${DIR}/u32`)
  t.equal(await user.lseek(fd, 0), -ESPIPE)
  t.equal(text(await user.read(fd, 1)), '3')
  t.equal(text(await user.read(fd, 10)), '2\n')
  t.equal(text(await user.read(fd, 10)), '')
  const plate = await user.open(`${DIR}/plate`)
  t.equal(await rmmod('gauges'), -EAGAIN, 'its owner is held')
  await user.close(plate)
  t.equal(await rmmod('gauges'), 0)
  t.equal(await user.read(fd, 10), -EIO)
  t.equal(user.lstat(DIR), -2)
})
