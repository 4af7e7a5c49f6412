import t from 'tap'
import { O_NONBLOCK, O_RDONLY } from '../../src/include/uapi/fcntl.ts'
import { boot, build } from '../harness/machine.ts'

const DRIVER = `import {
  class_create, class_destroy, dev_dbg, dev_err, dev_info, dev_warn_once,
  device_create, device_destroy,
} from '#linux/device'
import type { class as class_t, device } from '#linux/device'
import { MKDEV } from '#linux/kdev_t'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'

MODULE_LICENSE('GPL')
let cls: class_t

module_init(speak_init)

function speak_init(): number {
  cls = class_create('speak') as class_t
  const node = device_create(cls, undefined, MKDEV(246, 1), null, 'one') as device
  const plain = device_create(cls, undefined, 0, null, 'two') as device
  dev_info(node, 'hello %d\\n', 5)
  dev_err(plain, 'without newline')
  dev_err(null, 'nobody\\n')
  for (let i = 0; i < 2; i++) dev_warn_once(plain, 'once\\n')
  dev_dbg(node, 'quiet\\n')
  return 0
}
module_exit(() => {
  device_destroy(cls, MKDEV(246, 1))
  device_destroy(cls, 0)
  class_destroy(cls)
})
`

t.test('a driver’s messages say of which device they are', async t => {
  const { user, insmod, rmmod, kernel } = await boot(t)
  kernel.log.settings.console_loglevel = 8
  const fd = await user.open('/dev/kmsg', O_RDONLY | O_NONBLOCK)
  await user.lseek(fd, 0, 2)
  t.equal(await insmod(await build(t, 'speak', DRIVER), 'dyndbg=+pf'), 0)
  const records: string[] = []
  for (;;) {
    const got = await user.read(fd, 8192)
    if (typeof got === 'number') break
    const text = Buffer.from(got).toString()
    if (!text.includes('taint')) records.push(text.replace(/^(\d+),\d+,\d+,/, '$1,'))
  }
  t.strictSame(records, [
    '6,-;speak one: hello 5\n SUBSYSTEM=speak\n DEVICE=c246:1\n',
    '3,-;speak two: without newline\n SUBSYSTEM=speak\n DEVICE=+speak:two\n',
    '3,-;(NULL device *): nobody\n',
    '4,-;speak two: once\n SUBSYSTEM=speak\n DEVICE=+speak:two\n',
    '7,-;speak_init: speak one: quiet\n SUBSYSTEM=speak\n DEVICE=c246:1\n',
  ])
  await user.close(fd)
  await rmmod('speak')
})
