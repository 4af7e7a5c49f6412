// Who sleeps for ever is reported, in Linux's words; and what sysrq shows of them.
import t from 'tap'
import { boot, build } from '../harness/machine.ts'
import { until } from '../harness/until.ts'

const BLOCKED = `
  import { misc_deregister, misc_register, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
  import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
  import { mutex, mutex_lock, mutex_unlock } from '#linux/mutex'
  import { wait_event_interruptible, wait_queue_head } from '#linux/wait'
  MODULE_LICENSE('GPL')
  const lock = new mutex()
  const never = new wait_queue_head()
  let open = false
  const dev = {
    minor: MISC_DYNAMIC_MINOR,
    name: 'blocked',
    fops: {
      owner: THIS_MODULE,
      async read() { await mutex_lock(lock); mutex_unlock(lock); return 0 },
      async write() { return wait_event_interruptible(never, () => open) },
      async unlocked_ioctl(_filp: unknown, cmd: number) {
        if (cmd === 0x4c01) await mutex_lock(lock)
        else mutex_unlock(lock)
        return 0
      },
    },
  }
  module_init(() => misc_register(dev))
  module_exit(() => misc_deregister(dev))
`

async function blocked(test: Parameters<typeof boot>[0]) {
  const machine = await boot(test)
  await machine.insmod(await build(test, 'blocked', BLOCKED))
  const holder = machine.process({ comm: 'holder', pid: 5 })
  const held = await holder.open('/dev/blocked')
  await holder.ioctl(held, 0x4c01)
  const cat = machine.process({ comm: 'cat', pid: 90 })
  const fd = await cat.open('/dev/blocked')
  const reading = cat.read(fd, 1)
  const patient = machine.process({ comm: 'patient', pid: 91 })
  const waits = await patient.open('/dev/blocked', 1)
  const writing = patient.write(waits, 'x')
  machine.dmesg()
  const free = async () => {
    await holder.ioctl(held, 0x4c02)
    await reading
    await cat.close(fd)
    patient.signal()
    await writing
    await patient.close(waits)
    await holder.close(held)
  }
  const set = (name: string, value: number) =>
    machine.user.writeFile(`/proc/sys/kernel/${name}`, `${value}\n`)
  const get = (name: string) => machine.user.readFile(`/proc/sys/kernel/${name}`)
  return { ...machine, free, set, get }
}

t.test(
  'a task that no signal reaches is reported when it has slept too long',
  async t => {
    const { dmesg, set, get, free } = await blocked(t)
    t.equal(await get('hung_task_timeout_secs'), '120\n')
    t.equal(await get('hung_task_check_interval_secs'), '0\n')
    t.equal(await get('hung_task_warnings'), '10\n')
    await set('hung_task_warnings', 1)
    await set('hung_task_timeout_secs', 1)
    const said: string[] = []
    await until(
      () => said.push(...dmesg()) > 0 && said.some(line => line.includes('</TASK>')),
    )
    t.match(said[0], /^<3>INFO: task cat:90 blocked for more than \d+ seconds\.$/)
    t.match(said[1], /^<3> {6}Tainted: G +OE +\S+ #1$/)
    t.equal(
      said[2],
      '<3>"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.',
    )
    t.match(
      said[3],
      /^<6>task:cat {13}state:D stack:0 {5}pid:90 {4}ppid:\d+ +flags:0x[\da-f]{8}$/,
    )
    t.equal(said[4], '<6>Call Trace:')
    t.match(said.join('\n'), /^<6> mutex_lock$/m)
    t.match(said.join('\n'), /^<6> read \(\S*blocked\.ts:\d+:\d+\) \[blocked\]$/m)
    t.notMatch(said.join('\n'), /patient/, 'who can be killed is no hung task')
    t.equal(await get('hung_task_warnings'), '0\n')
    await free()
  },
)

t.test('it can be a panic; after an oops nobody looks any more', async t => {
  const { dmesg, set, free, kernel } = await blocked(t)
  await set('hung_task_panic', 1)
  await set('hung_task_timeout_secs', 1)
  const said: string[] = []
  await until(
    () => said.push(...dmesg()) > 0 && said.some(line => line.includes('panic')),
  )
  t.match(said.join('\n'), /^<0>Kernel panic - not syncing: hung_task: blocked tasks$/m)
  t.ok(kernel.emergency.stopped)
  await free()
})

t.test('sysrq shows who is blocked, crashes, and says what it can', async t => {
  const { dmesg, user, free } = await blocked(t)
  const press = async (key: string) => {
    await user.writeFile('/proc/sysrq-trigger', key)
    return dmesg()
  }
  const shown = await press('w\n')
  t.equal(shown[0], '<6>sysrq: Show Blocked State')
  t.match(shown[1], /^<6>task:cat +state:D /)
  t.equal(shown.filter(line => line.startsWith('<6>task:')).length, 1)
  t.strictSame(await press('?'), ['<6>sysrq: HELP : crash(c) show-blocked-tasks(w)'])
  const crashed = await press('c')
  t.equal(crashed[0], '<6>sysrq: Trigger a crash')
  t.equal(crashed[1], '<0>Kernel panic - not syncing: sysrq triggered crash')
  await free()
})
