// The host's own lsmod and rmmod on what our machine shows: its /proc/modules and /sys/module,
// bind-mounted over the host's in a mount namespace of its own. They read what ours read.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { kbuild } from '../../src/kbuild/kbuild.ts'
import { bootMounted } from '../harness/mounted.ts'
import { findTool, requireThat, requireTool } from '../harness/require.ts'

const PROVIDER = `
  import { EXPORT_SYMBOL, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  MODULE_LICENSE('GPL')
  export function e2e_given(): number { return 5 }
  EXPORT_SYMBOL(e2e_given)
  module_init(() => 0)
  module_exit(() => {})
`
const USER = `
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  MODULE_LICENSE('GPL')
  declare function e2e_given(): number
  module_init(() => e2e_given() - 5)
  module_exit(() => {})
`

t.test('the host’s lsmod and rmmod read our modules as our own do', async t => {
  if (!requireTool(t, 'lsmod') || !requireTool(t, 'unshare')) return
  if (!requireThat(t, process.getuid?.() === 0, 'bind mounts need root')) return
  const machine = bootMounted(t)
  const src = join(machine.mnt, '..', 'src')
  writeFileSync(join(src, 'provider.ts'), PROVIDER)
  writeFileSync(join(src, 'taker.ts'), USER)
  writeFileSync(join(src, 'Kbuild'), 'obj-m := provider.o taker.o\n')
  await kbuild(src)
  const scull = 'mnt/lib/modules/$(uname -r)/kernel/drivers/scull/scull.ko'
  for (const file of ['src/provider.ko', 'src/taker.ko', scull]) {
    machine.out(`modbox insmod ${file}`)
  }

  // All of /proc is replaced: a host without modules has no /proc/modules to mount over.
  const mounts = [
    'mkdir -p proc',
    ': >proc/modules',
    'mount --bind mnt/proc/modules proc/modules',
    'mount --rbind mnt/sys/module /sys/module',
    'mount --rbind proc /proc',
  ].join(' && ')
  /** A command line where the host's tools see our files. */
  const inside = (command: string) =>
    machine.sh(`unshare -m sh -c '${mounts} && exec "$@"' sh ${command}`)
  const lsmod = findTool('lsmod') ?? ''
  const rmmod = findTool('rmmod') ?? ''
  const ours = machine.sh('modbox lsmod')
  t.same(inside(lsmod), ours)
  t.match(
    ours.out,
    /^Module +Size +Used by\nscull .*\ntaker .*\nprovider +\d+ +1 taker\n$/,
  )

  for (const names of ['provider', 'nosuch', 'nosuch provider']) {
    const { status, err } = inside(`${rmmod} ${names}`)
    const own = machine.sh(`modbox rmmod ${names}`)
    t.equal(status, 1)
    t.equal(err, own.err, names)
  }
  t.match(machine.sh('modbox rmmod provider').err, /Module provider is in use by: taker/)

  machine.out('sleep 60 7<mnt/dev/scull0 >/dev/null 2>&1 & echo $! >holder')
  const busy = inside(`${rmmod} scull`)
  t.equal(busy.err, 'rmmod: ERROR: Module scull is in use\n')
  t.equal(machine.sh('modbox rmmod scull').err, busy.err)
  machine.out('kill $(cat holder)')
})

t.test('the host’s depmod finds all that our modules need in our kallsyms', async t => {
  if (!requireTool(t, 'depmod')) return
  const machine = bootMounted(t)
  const depmod = `${findTool('depmod') ?? ''} -b tree -e -F mnt/proc/kallsyms -n $(uname -r)`
  machine.out('mkdir -p tree/lib && cp -r mnt/lib/modules tree/lib')
  const found = machine.sh(depmod)
  t.match(found, { status: 0, err: '' })
  t.match(found.out, /^kernel\/drivers\/scull\/scull\.ko:$/m)

  machine.out(
    'sed -i s/_printk/_prinuk/g tree/lib/modules/*/kernel/drivers/scull/scull.ko',
  )
  t.match(
    machine.sh(depmod).err,
    /^depmod: WARNING: .*scull\.ko needs unknown symbol _prinuk\n$/,
  )
})
