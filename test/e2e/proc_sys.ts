// /proc, /sys and /lib/modules through the mount.
import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { bootMounted } from '../harness/mounted.ts'

const TEXTS = [
  'proc/modules',
  'proc/devices',
  'proc/misc',
  'proc/kallsyms',
  'proc/version',
  'proc/cmdline',
  'proc/filesystems',
  'proc/interrupts',
  'proc/sys/kernel/printk',
  'proc/sys/kernel/tainted',
  'proc/sys/kernel/ostype',
  'proc/sys/kernel/osrelease',
  'proc/sys/kernel/version',
  'proc/sys/kernel/hostname',
  'proc/sys/kernel/dmesg_restrict',
  'proc/sys/kernel/modules_disabled',
  'proc/sys/kernel/panic_on_oops',
  'sys/module/scull/coresize',
  'sys/module/scull/parameters/nr_devs',
  'sys/class/scull/scull0/uevent',
]

t.test('every text reads the same in whatever pieces', async t => {
  const { mnt, out } = bootMounted(t, '--load-samples', '--append', 'quiet console=none')
  t.equal(out('cat mnt/proc/cmdline'), 'quiet console=none\n')
  for (const name of TEXTS) {
    const whole = readFileSync(join(mnt, name), 'utf8')
    t.match(whole, /\n$/, name)
    // Longer texts: the first 3000 bytes show it.
    const piece = `dd if=mnt/${name} bs=1 count=3000 2>/dev/null`
    t.equal(out(piece), whole.slice(0, 3000), `${name}, byte by byte`)
    const middle = Math.floor(whole.length / 2)
    t.equal(
      out(`tail -c +${middle + 1} mnt/${name}`),
      whole.slice(middle),
      `${name}, from the middle`,
    )
  }
})

t.test('the facts are those of Linux, in its formats', async t => {
  const { out } = bootMounted(t, '--load-samples')
  t.match(
    out('cat mnt/proc/modules'),
    /^scull \d+ 0 - Live 0xffffffffc0[0-9a-f]{6} \(OE\)\n$/,
  )
  t.match(
    out('cat mnt/proc/devices'),
    /^Character devices:\n {2}1 mem\n 10 misc\n254 scull\n\nBlock devices:\n$/,
  )
  t.equal(out('cat mnt/proc/misc'), '240 modbox\n')
  t.match(
    out('cat mnt/proc/version'),
    new RegExp(`^Linux version ${release().replaceAll('.', '\\.')} \\(.*\\) #`),
  )
  t.match(out('cat mnt/proc/uptime'), /^\d+\.\d\d \d+\.\d\d\n$/)
  t.equal(out('cat mnt/proc/sys/kernel/ostype'), 'Linux\n')
  t.equal(out('cat mnt/proc/sys/kernel/tainted'), '12288\n')
  t.equal(out('cat mnt/proc/sys/kernel/printk'), '7\t4\t1\t7\n')
  t.match(out('cat mnt/proc/kallsyms'), /^[0-9a-f]{16} T _printk$/m)
  t.match(out('cat mnt/proc/kallsyms'), /^[0-9a-f]{16} t scull_exit\t\[scull\]$/m)
  t.match(out(`ls mnt/lib/modules/${release()}/kernel/drivers`), /hello\n(\w+\n)*scull\n/)
})

t.test('settings are set by writing, and refuse what they cannot be', async t => {
  const { out, sh } = bootMounted(t)
  t.equal(
    out('echo 3 > mnt/proc/sys/kernel/printk; cat mnt/proc/sys/kernel/printk'),
    '3\t4\t1\t7\n',
  )
  t.match(
    sh('echo abc > mnt/proc/sys/kernel/printk').err,
    /write error: Invalid argument/,
  )
  t.equal(
    out('echo box > mnt/proc/sys/kernel/hostname; cat mnt/proc/sys/kernel/hostname'),
    'box\n',
  )
  t.match(sh('echo x > mnt/proc/sys/kernel/ostype').status, 1)
  t.equal(
    out(
      'echo 1 > mnt/proc/sys/kernel/modules_disabled; cat mnt/proc/sys/kernel/modules_disabled',
    ),
    '1\n',
  )
  t.match(sh('echo 0 > mnt/proc/sys/kernel/modules_disabled').err, /Invalid argument/)
  t.match(sh('modbox rmmod scull; modbox insmod drivers/scull/scull.ko').status, 1)
})

t.test('what one may not do in /proc and /sys fails as on Linux', async t => {
  const { sh } = bootMounted(t, '--load-samples')
  const refused = (command: string) => sh(command).err.trim().replace(/^.*: /, '')
  t.equal(refused('rm mnt/proc/version'), 'Operation not permitted')
  t.equal(refused('mkdir mnt/proc/new'), 'No such file or directory')
  t.equal(refused('touch mnt/sys/class/new'), 'Permission denied')
  t.equal(refused('mkdir mnt/sys/class/new'), 'Operation not permitted')
  t.equal(refused('rm mnt/sys/module/scull/refcnt'), 'Operation not permitted')
  t.equal(refused('ln -s x mnt/sys/y'), 'Operation not permitted')
  t.equal(refused('echo 1 > mnt/sys/module/scull/refcnt'), 'Permission denied')
  t.equal(refused('cat mnt/sys/module/scull/uevent'), 'Permission denied')
})
