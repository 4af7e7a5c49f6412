// modprobe on a machine that is mounted, and modules that are loaded because somebody opens a node.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { bootMounted, type MountedMachine, start } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { until } from '../harness/until.ts'

const MODULES = `mnt/lib/modules/${release()}`

const DEVICE = `
  import { MODULE_ALIAS_CHARDEV_MAJOR, MODULE_LICENSE, module_exit, module_init, THIS_MODULE } from '#linux/module'
  import { register_chrdev, simple_read_from_buffer, unregister_chrdev } from '#linux/fs'
  import { module_param } from '#linux/moduleparam'
  MODULE_LICENSE('GPL')
  MODULE_ALIAS_CHARDEV_MAJOR(245)
  const text = module_param('text', 'charp', 'hello', 0o644)
  const fops = {
    owner: THIS_MODULE,
    read: (_filp, buf, count, pos) => {
      const bytes = Uint8Array.from(text.value + '\\n', c => c.charCodeAt(0))
      return simple_read_from_buffer(buf, count, pos, bytes, bytes.length)
    },
  }
  module_init(() => register_chrdev(245, 'auto', fops))
  module_exit(() => unregister_chrdev(245, 'auto'))
`

const MISC = `
  import { MODULE_LICENSE, module_exit, module_init, THIS_MODULE } from '#linux/module'
  import { MODULE_ALIAS_MISCDEV, misc_deregister, misc_register } from '#linux/miscdevice'
  MODULE_LICENSE('GPL')
  MODULE_ALIAS_MISCDEV(222)
  const misc = { minor: 222, name: 'automisc', fops: { owner: THIS_MODULE, read: () => 0 } }
  module_init(() => misc_register(misc))
  module_exit(() => { misc_deregister(misc) })
`

const ASKING = `
  import { request_module } from '#linux/kmod'
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  import { pr_info } from '#linux/printk'
  MODULE_LICENSE('GPL')
  module_init(async () => {
    pr_info('auto: %d\\n', await request_module('char-major-%d-%d', 245, 0))
    pr_info('nosuch: %d\\n', await request_module('nosuch'))
    return 0
  })
  module_exit(() => {})
`

/** A machine with the modules in extra/, indexed by the real depmod. */
async function machineWith(
  t: Test,
  sources: Record<string, string>,
): Promise<MountedMachine> {
  const machine = bootMounted(t)
  machine.out(`mkdir ${MODULES}/extra`)
  for (const [name, source] of Object.entries(sources)) {
    const file = await machine.build(name, source)
    machine.out(`cp ${file} ${MODULES}/extra/`)
  }
  machine.out(`depmod -b $PWD/mnt ${release()} 2>/dev/null; mknod mnt/dev/auto c 245 3`)
  return machine
}

const loaded = ({ out }: MountedMachine) =>
  out('cat mnt/proc/modules')
    .split('\n')
    .flatMap(line => line.split(' ', 1)[0] || [])
    .toSorted()

t.test('opening a node loads the module that has its number', async t => {
  if (!requireTool(t, 'depmod')) return
  const machine = await machineWith(t, { auto: DEVICE, automisc: MISC, asking: ASKING })
  const { out, sh, mnt } = machine

  await t.test('by the aliases that modules have', async t => {
    t.equal(out('cat mnt/dev/auto'), 'hello\n')
    t.strictSame(loaded(machine), ['auto'])
    out('mknod mnt/dev/automisc2 c 10 222; cat mnt/dev/automisc2')
    t.strictSame(loaded(machine), ['auto', 'automisc'])
    out('modbox modprobe -r -a auto automisc')
    t.strictSame(loaded(machine), [])
  })

  await t.test('with the options of its configuration', async t => {
    out(`echo "options auto text='two words'" > mnt/etc/modprobe.d/auto.conf`)
    out('modbox modprobe auto')
    out(`echo 'options auto text="from the file"' > mnt/etc/modprobe.d/auto.conf`)
    out('modbox modprobe -r auto')
    t.equal(out('cat mnt/dev/auto'), 'from the file\n')
    out('modbox modprobe -r auto; rm mnt/etc/modprobe.d/auto.conf')
  })

  await t.test('or there is the old error, and nobody is kept waiting', async t => {
    const { err } = sh('mknod mnt/dev/none c 244 7; cat mnt/dev/none')
    t.equal(err, 'cat: mnt/dev/none: No such device or address\n')
    t.match(sh('mknod mnt/dev/none2 c 10 99; cat mnt/dev/none2').err, /No such device\n/)
  })

  await t.test('unless it is switched off', async t => {
    out('echo > mnt/proc/sys/kernel/modprobe')
    t.match(sh('cat mnt/dev/auto').err, /No such device or address/)
    t.equal(out('cat mnt/proc/sys/kernel/modprobe'), '\n')
    out('echo /sbin/modprobe > mnt/proc/sys/kernel/modprobe')
  })

  await t.test('drivers ask for modules themselves', async t => {
    out('modbox dmesg -C; modbox modprobe asking')
    t.strictSame(loaded(machine), ['asking', 'auto'])
    t.match(out('modbox dmesg -t'), /auto: 0\nnosuch: 256\n/)
    out('modbox modprobe -r -a asking auto')
  })

  await t.test('a program of the user instead of modprobe gets its words', async t => {
    const dir = join(mnt, '..')
    const script = join(dir, 'helper')
    writeFileSync(
      script,
      `#!/bin/sh\necho "$0 $* HOME=$HOME" >> ${dir}/said\nls -l /proc/$$/fd >> ${dir}/fds\nexit 3\n`,
    )
    chmodSync(script, 0o755)
    out(`echo ${script} > mnt/proc/sys/kernel/modprobe`)
    sh('cat mnt/dev/auto')
    t.equal(
      readFileSync(join(dir, 'said'), 'utf8'),
      ['char-major-245-3', 'char-major-245']
        .map(name => `${script} -q -- ${name} HOME=/\n`)
        .join(''),
    )
    t.notMatch(readFileSync(join(dir, 'fds'), 'utf8'), /fuse/)
    out('echo /nonexistent > mnt/proc/sys/kernel/modprobe')
    t.match(sh('cat mnt/dev/auto').err, /No such device or address/)
  })

  await t.test('a program inside of the mount is no trap', async t => {
    out(`printf '#!/bin/sh\\nexit 0\\n' > mnt/etc/modprobe.d/helper`)
    out('chmod 755 mnt/etc/modprobe.d/helper')
    out(`echo ${mnt}/etc/modprobe.d/helper > mnt/proc/sys/kernel/modprobe`)
    t.match(sh('cat mnt/dev/auto').err, /No such device or address/)
    out('rm mnt/etc/modprobe.d/helper')
  })

  await t.test('a program that hangs can be left', async t => {
    const script = join(mnt, '../sleeper')
    const mark = join(mnt, '../asleep')
    writeFileSync(script, `#!/bin/sh\necho $$ > ${mark}\nexec sleep 1000\n`)
    chmodSync(script, 0o755)
    out(`echo ${script} > mnt/proc/sys/kernel/modprobe`)
    const reader = start(t, machine, 'cat mnt/dev/auto')
    await until(() => existsSync(mark) && readFileSync(mark, 'utf8') !== '')
    t.equal(out('head -c 1 mnt/dev/zero | wc -c').trim(), '1', 'others go on')
    reader.kill('SIGTERM')
    await until(() => reader.signalCode !== null)
    const sleeper = readFileSync(mark, 'utf8').trim()
    t.ok(existsSync(`/proc/${sleeper}`), 'the program itself goes on')
    out('modbox halt')
    await until(() => !existsSync(`/proc/${sleeper}`))
    t.pass('until the machine ends')
  })
})

t.test('commands of the configuration run our own tools', async t => {
  if (!requireTool(t, 'depmod')) return
  const machine = await machineWith(t, { auto: DEVICE })
  const { out, sh } = machine
  const conf = (text: string) => {
    writeFileSync(join(machine.mnt, '../x.conf'), text)
    out('cp x.conf mnt/etc/modprobe.d/x.conf')
  }
  conf(
    'install auto /sbin/modprobe -i auto $CMDLINE_OPTS && echo "$MODPROBE_MODULE is there"\n' +
      'remove auto exec /sbin/modprobe -r -i auto\n',
  )
  t.equal(
    out('modbox modprobe -v auto text=x'),
    `install /sbin/modprobe -i auto $CMDLINE_OPTS && echo "$MODPROBE_MODULE is there" text=x\ninsmod ${machine.mnt}/lib/modules/${release()}/extra/auto.ko text=x\nauto is there\n`,
  )
  t.equal(out('cat mnt/dev/auto'), 'x\n')
  t.equal(out('modbox modprobe -r auto; cat mnt/proc/modules'), '')

  conf('install auto exit 3\nremove auto false\n')
  const { status, err } = sh('modbox modprobe auto')
  t.equal(status, 1)
  t.equal(
    err,
    `modprobe: ERROR: ../libkmod/libkmod-module.c:1047 command_do() Error running install command 'exit 3' for module auto: retcode 3
modprobe: ERROR: could not insert 'auto': Invalid argument
`,
  )
  t.strictSame(sh('modbox modprobe -r auto'), {
    status: 1,
    signal: null,
    out: '',
    err: 'modprobe: FATAL: Error running remove command for auto\n',
  })
})
