// The daemon is killed, stopped, or kept busy for ever by a driver: programs get errors, the mount goes, and
// the next machine boots. For root, and for an ordinary user.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { kbuild } from '../../src/kbuild/kbuild.ts'
import { isMounted, machineFolder, shell } from '../harness/mounted.ts'
import { commandAsNobody, requireNobody } from '../harness/nobody.ts'
import { requireThat } from '../harness/require.ts'
import { hasFuse } from '../harness/tiny_mount.ts'

const SPIN = `// For tests: its ioctl never comes back.
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
MODULE_LICENSE('GPL')
function read(): number {
  for (;;);
}
const dev = { minor: MISC_DYNAMIC_MINOR, name: 'spin', fops: { owner: THIS_MODULE, read } }
module_init(() => misc_register(dev))
module_exit(() => misc_deregister(dev))
`

/** What ends the machine of process $pid. */
const ENDS = {
  killed: 'kill -KILL $pid',
  stopped: 'kill -STOP $pid',
  busy: 'timeout -s KILL 60 cat mnt/dev/spin & busy=$!',
}

/**
 * A reader that is at it, one that sleeps, and one that comes late: all of them end with errors. Late is who
 * comes when the daemon answers no more.
 */
function session(end: string): string {
  return `
modbox boot --append watchdog_thresh=1 mnt > /dev/null || exit 1
modbox insmod src/spin.ko
pid=$(modbox status | sed -n 's/^daemon *pid //p')
cat mnt/dev/zero > /dev/null 2> read & reading=$!
tail -c +1 -f mnt/dev/kmsg > sleeping 2>&1 & asleep=$!
sleep 0.5
${end}
late=0
while [ $late = 0 ]; do timeout -s KILL 60 cat mnt/proc/version > /dev/null 2>&1; late=$?; done
echo late $late
wait $reading; echo reader $?
wait $asleep; echo sleeper $?
while grep -q " $PWD/mnt " /proc/self/mounts; do sleep 0.1; done
modbox boot mnt > /dev/null && head -c 1 mnt/dev/zero | wc -c
modbox halt
`
}

async function prepared(t: Test, end: string): Promise<string> {
  const dir = machineFolder(t)
  writeFileSync(join(dir, 'src/spin.ts'), SPIN)
  writeFileSync(join(dir, 'src/Kbuild'), 'obj-m := spin.o\n')
  await kbuild(join(dir, 'src'))
  writeFileSync(join(dir, 'session.sh'), session(end))
  return dir
}

for (const [how, end] of Object.entries(ENDS)) {
  t.test(
    `when the daemon is ${how}, root’s programs end, and the next boots`,
    async t => {
      if (!requireThat(t, process.getuid?.() === 0 && hasFuse(), 'cannot mount')) return
      const dir = await prepared(t, end)
      const { out, err } = shell(dir, 'bash session.sh')
      t.equal(out, 'late 1\nreader 1\nsleeper 1\n1\n', err)
      t.notOk(isMounted(join(dir, 'mnt')))
    },
  )

  t.test(`when the daemon is ${how}, so do an ordinary user’s`, async t => {
    if (!requireNobody(t)) return
    const dir = await prepared(t, end)
    const command = commandAsNobody(dir, 'bash', 'session.sh').join(' ')
    chmodSync(dir, 0o755)
    const { out, err } = shell(dir, command)
    t.equal(out, 'late 1\nreader 1\nsleeper 1\n1\n', err)
    t.notOk(isMounted(join(dir, 'mnt')))
  })
}
