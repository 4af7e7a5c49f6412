// Files of drivers in sysfs and debugfs, used with real programs.
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTransport } from '../harness/transport.ts'

const DIR = '/sys/kernel/debug/gauges'

/** What some of the files show at first. */
const SHOWN: Record<string, string> = {
  level: '8\n',
  x16: '0x0016\n',
  on: 'Y\n',
  history: '1 2 30 4\n',
  raw: 'raw bytes',
  registers: 'CONTROL = 0x00000001\nSTATUS = 0xdeadbeef\n',
  pressure: '1013\n',
  plate: 'made by hand\n',
}

t.test('attributes of a device, from a shell', async t => {
  if (!requireTransport(t, 'poll')) return
  const { sh, out } = bootMounted(t)
  const dial = 'mnt/sys/class/dial/dial0'
  const ko = join(packageRoot(), 'drivers/dial/dial.ko')
  out(`modbox insmod ${ko}`)
  t.equal(out(`echo 4 > ${dial}/position; cat ${dial}/position`), '4\n')
  t.match(sh(`echo 40 > ${dial}/position`).err, /write error: Invalid argument/)
  t.match(sh(`echo 4 > ${dial}/limits/min`).err, /Permission denied/)
  t.equal(out(`stat -c '%a %s %F' ${dial}/position`), '644 4096 regular file\n')
  t.equal(out(`readlink ${dial}`), '../../devices/virtual/dial/dial0\n')
  t.equal(
    out(`python3 - <<'PY'
import os, select
fd = os.open('${dial}/position', os.O_RDONLY)
p = select.poll()
p.register(fd, select.POLLPRI | select.POLLERR)
os.read(fd, 10)
quiet = p.poll(0)
if os.fork() == 0:
    w = os.open('${dial}/position', os.O_WRONLY)
    os.write(w, b'9')
    os._exit(0)
told = p.poll(10000)
print(quiet, [e for _, e in told], os.pread(fd, 10, 0), p.poll(0))
PY`),
    `[] [10] b'9\\n' []\n`,
  )
  out('modbox rmmod dial')
})

t.test('debugfs, from a shell', async t => {
  const { sh, out } = bootMounted(t)
  const dir = `mnt${DIR}`
  const ko = join(packageRoot(), 'drivers/gauges/gauges.ko')
  out(`modbox insmod ${ko}`)
  for (const [name, shown] of Object.entries(SHOWN))
    t.equal(out(`cat ${dir}/${name}`), shown, name)
  t.equal(out(`cat ${dir}/newest`), SHOWN.history)
  t.equal(out(`stat -c '%a' mnt/sys/kernel/debug`), '700\n')
  t.match(sh(`echo -1 > ${dir}/level`).err, /Invalid argument/)
  t.match(sh(`echo 1 > ${dir}/x32`).err, /Permission denied/)
  t.match(sh(`touch ${dir}/new`).err, /Permission denied/)
  t.match(sh(`rm -f ${dir}/level`).err, /Operation not permitted/)
  t.equal(
    sh(`exec 7<${dir}/level 8<${dir}/plate
      modbox rmmod gauges; cat mnt/sys/module/gauges/refcnt; exec 8<&-
      modbox rmmod gauges; cat <&7`).out,
    '1\n',
  )
  t.match(sh(`ls ${dir}`).err, /No such file/)
})
