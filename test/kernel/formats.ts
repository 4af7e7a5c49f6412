import t from 'tap'
import { O_NONBLOCK, O_RDONLY, O_WRONLY } from '../../src/include/uapi/fcntl.ts'
import { EAGAIN, EINVAL, EPERM } from '../../src/include/linux/errno.ts'
import { PrintkSettings } from '../../src/kernel/printk_settings.ts'
import { boot, build } from '../harness/machine.ts'

t.test('%p hashes, the same each time; %pS finds functions of modules', async t => {
  const { insmod, dmesg, rmmod } = await boot(t)
  const source = `import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { dump_stack, pr_info } from '#linux/printk'
import { snprintf, sscanf } from '#linux/kernel'
import { ref } from '#linux/types'

MODULE_LICENSE('GPL')
const thing = {}

function f_init(): number {
  pr_info('%p %p %p\\n', thing, thing, {})
  pr_info('%pS %ps %pS %pB\\n', f_init, f_init, dump_stack, f_init)
  const line = new Uint8Array(8)
  const n = ref(0)
  const returned = snprintf(line, line.length, '%s %d', 'number', 12345)
  pr_info('%d %s %d\\n', returned, line, sscanf('7 8', '%d %d', n, n))
  pr_info('%d\\n', pr_info('12345\\n'))
  pr_info('before %f after\\n', 1)
  return 0
}
module_init(f_init)
module_exit(() => {})
`
  t.equal(await insmod(await build(t, 'f', source)), 0)
  const lines = dmesg()
    .filter(line => line.startsWith('<6>'))
    .map(line => line.slice(3))
  const [first, second, other] = (lines[0] ?? '').split(' ')
  t.match(first, /^00000000[\da-f]{8}$/)
  t.equal(first, second)
  t.not(first, other)
  t.match(
    lines[1],
    /^f_init\+0x0\/0x[\da-f]+ \[f\] f_init \[f\] dump_stack\+0x0\/0x40 f_init\+0x0\/0x[\da-f]+ \[f\]$/,
  )
  t.strictSame(lines.slice(2), ['12 number  2', '12345', '5'])
  await rmmod('f')
})

t.test('a conversion that is none is warned of, once', async t => {
  const { kernel, dmesg } = await boot(t)
  kernel.log.printk('\x016a %y\n')
  kernel.log.printk('\x016b %y\n')
  const lines = dmesg()
  t.equal(lines.filter(line => line.includes('Please remove unsupported %y')).length, 1)
})

t.test('the kernel command line sets up the log', async t => {
  const settings = new PrintkSettings(
    'quiet log_buf_len=300K printk.devkmsg=on ignore_loglevel',
  )
  t.equal(settings.console_loglevel, 4)
  t.equal(settings.log_buf_len, 1 << 19)
  t.equal(settings.devkmsg, 'on')
  t.ok(settings.devkmsgLocked)
  t.ok(settings.ignore_loglevel)
  const other = new PrintkSettings('debug loglevel=2 log_buf_len=1K printk.devkmsg=x')
  t.equal(other.console_loglevel, 2)
  t.equal(other.log_buf_len, 1 << 18)
  t.notOk(other.devkmsgLocked)
})

t.test('settings of the log in /proc/sys/kernel and /sys/module/printk', async t => {
  const { user, kernel } = await boot(t)
  const sys = '/proc/sys/kernel'
  const rows: [name: string, value: string, ok: string, bad: string][] = [
    ['printk_delay', '0', '5', '10001'],
    ['printk_devkmsg', 'ratelimit', 'off', 'maybe'],
    ['printk_ratelimit', '5', '0', '-1'],
    ['printk_ratelimit_burst', '10', '2', 'x'],
    ['kptr_restrict', '0', '2', '3'],
  ]
  for (const [name, value, ok, bad] of rows) {
    t.equal(await user.readFile(`${sys}/${name}`), `${value}\n`, name)
    t.equal(await user.writeFile(`${sys}/${name}`, `${ok}\n`), ok.length + 1)
    t.equal(await user.readFile(`${sys}/${name}`), `${ok}\n`)
    t.equal(await user.writeFile(`${sys}/${name}`, bad), -EINVAL)
  }
  t.equal(await user.open('/dev/kmsg', O_WRONLY), -EPERM, 'devkmsg is off')
  await user.writeFile(`${sys}/printk_delay`, '0')

  const time = '/sys/module/printk/parameters/time'
  t.equal(await user.readFile(time), 'Y\n')
  await user.writeFile(time, 'N')
  kernel.log.printk('\x016no time\n')
  const { text } = await user.syscall(() => kernel.log.syslog.do_syslog(3, 9999))
  t.match(Buffer.from(text ?? []).toString(), /^<6>no time\n/m)
})

t.test('who writes too much to /dev/kmsg is cut short, and told in the end', async t => {
  const { user, dmesg } = await boot(t)
  const fd = await user.open('/dev/kmsg', O_WRONLY)
  for (let i = 0; i < 13; i++) t.equal(await user.write(fd, `${i}\n`), `${i}\n`.length)
  await user.close(fd)
  const lines = dmesg()
  t.strictSame(
    lines.slice(0, 10),
    Array.from({ length: 10 }, (_, i) => `<12>${i}`),
  )
  t.match(lines[10], /^<4>.*: 3 output lines suppressed due to ratelimiting$/)
  t.equal(lines.length, 11)
})

t.test('/proc/kmsg gives each record once', async t => {
  const { user, kernel, process } = await boot(t)
  const fd = await user.open('/proc/kmsg', O_RDONLY | O_NONBLOCK)
  const read = async () => {
    const got = await user.read(fd, 8192)
    return typeof got === 'number' ? got : Buffer.from(got).toString()
  }
  t.match(await read(), /^<5>\[ +\d+\.\d+\] Linux version/)
  t.equal(await read(), -EAGAIN)
  kernel.log.printk('\x013one\n')
  t.match(await read(), /^<3>\[ +\d+\.\d+\] one\n$/)
  await user.close(fd)
  t.equal(await process({ uid: 1000, gid: 1000 }).open('/proc/kmsg'), -13)
})

t.test(
  'WARN_ON_ONCE() and WARN_ONCE() warn once a place, and say so each time',
  async t => {
    const { insmod, dmesg, rmmod } = await boot(t)
    const source = `import { WARN_ON_ONCE, WARN_ONCE } from '#linux/bug'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'

MODULE_LICENSE('GPL')
module_init(() => {
  for (let i = 0; i < 3; i++) {
    const both = WARN_ON_ONCE(i > 0) && WARN_ONCE(true, 'number %d\\n', i)
    pr_info('%d\\n', both)
  }
  return 0
})
module_exit(() => {})
`
    t.equal(await insmod(await build(t, 'w', source)), 0)
    const lines = dmesg()
    t.strictSame(
      lines.filter(line => /^<6>\d$/.test(line)),
      ['<6>0', '<6>1', '<6>1'],
    )
    t.equal(lines.filter(line => line.includes('WARNING: CPU')).length, 2)
    t.equal(lines.filter(line => line.endsWith('number 1')).length, 1)
    await rmmod('w')
  },
)
