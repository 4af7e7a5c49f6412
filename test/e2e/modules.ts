// The life of a module through the mount: insmod, lsmod, rmmod, dmesg, and what they say.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const HELLO = join(packageRoot(), 'drivers/hello/hello.ko')
const SCULL = join(packageRoot(), 'drivers/scull/scull.ko')

/** A module whose init returns what its parameter says. */
const RET = `
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { module_param } from '#linux/moduleparam'
MODULE_LICENSE('GPL')
const value = module_param('value', 'int', 0, 0o444)
module_init(() => value.value)
module_exit(() => {})
`

t.test('a module is loaded, listed and removed', async t => {
  const { out, sh } = bootMounted(t)
  t.equal(out('modbox lsmod'), 'Module                  Size  Used by\n')
  t.same(sh(`modbox insmod ${HELLO} whom=Yorick`), {
    status: 0,
    signal: null,
    out: '',
    err: '',
  })
  t.equal(
    out('modbox lsmod'),
    'Module                  Size  Used by\nhello                  16384  0\n',
  )
  t.match(
    out('cat mnt/proc/modules'),
    /^hello 16384 0 - Live 0xffffffffc0210000 \(OE\)\n$/,
  )
  t.match(out('modbox dmesg | tail -3'), /Yorick/)
  t.same(sh('modbox rmmod hello'), { status: 0, signal: null, out: '', err: '' })
  t.equal(out('cat mnt/proc/modules; cat mnt/proc/sys/kernel/tainted'), '12288\n')
})

t.test('errors are told in kmod’s words', async t => {
  const { out, sh, build } = bootMounted(t)
  out(`modbox insmod ${SCULL}`)
  const fails = (command: string) => {
    const { status, err } = sh(command)
    return `${status} ${err.trim()}`
  }
  t.equal(
    fails(`modbox insmod ${SCULL}`),
    `1 insmod: ERROR: could not insert module ${SCULL}: File exists`,
  )
  t.equal(
    fails('modbox insmod nosuch.ko'),
    '1 insmod: ERROR: could not load module nosuch.ko: No such file or directory',
  )
  t.equal(fails('modbox insmod'), '1 insmod: ERROR: missing filename.')
  t.equal(
    fails('modbox rmmod hello'),
    '1 rmmod: ERROR: Module hello is not currently loaded',
  )
  t.equal(
    fails('exec 8<mnt/dev/scull0; modbox rmmod scull'),
    '1 rmmod: ERROR: Module scull is in use',
  )
  out('head -c 21 /dev/urandom > text.ko')
  t.equal(
    fails('modbox insmod text.ko'),
    '1 insmod: ERROR: could not insert module text.ko: Invalid module format',
  )
  t.match(out('modbox dmesg -r | tail -1'), /^<3>\[.*\] Invalid ELF header len 21\n$/)
  t.equal(
    fails(`modbox insmod ${HELLO} howmany=many`),
    `1 insmod: ERROR: could not insert module ${HELLO}: Invalid parameters`,
  )
  t.match(
    out('modbox dmesg -r | tail -1'),
    /^<3>\[.*\] hello: `many' invalid for parameter `howmany'\n$/,
  )

  const ret = await build('ret', RET)
  const texts = {
    '-1': 'Operation not permitted',
    '-2': 'Unknown symbol in module',
    '-3': 'Module has wrong symbol version',
    '-5': 'Input/output error',
    '-8': 'Invalid module format',
    '-17': 'File exists',
    '-22': 'Invalid parameters',
    '-38': 'Function not implemented',
    '-512': 'Unknown error 512',
  }
  for (const [value, text] of Object.entries(texts)) {
    t.equal(
      fails(`modbox insmod ${ret} value=${value}`),
      `1 insmod: ERROR: could not insert module ${ret}: ${text}`,
    )
  }
  t.equal(
    sh(`modbox insmod ${ret} value=1`).status,
    0,
    'a positive value is a warning only',
  )
  t.match(
    out('modbox dmesg'),
    /'ret'->init suspiciously returned 1, it should follow 0\/-E convention/,
  )
  t.match(out('cat mnt/proc/modules'), /^ret /m)
})

t.test('open files keep a module, and it can go right after close', async t => {
  const { out, sh } = bootMounted(t, '--load-samples')
  t.equal(
    out('exec 8<mnt/dev/scull0; cat mnt/sys/module/scull/refcnt'),
    '2\n',
    'cdev and fops each hold it',
  )
  t.equal(out('cat mnt/sys/module/scull/refcnt'), '0\n')
  t.equal(sh('cat mnt/dev/scull0 && modbox rmmod scull').status, 0)
  t.equal(out('ls mnt/dev | grep -c scull || true'), '0\n')
  t.match(sh('cat mnt/dev/scull0').err, /No such file or directory/)
})

t.test('modules use each other', async t => {
  const machine = bootMounted(t)
  const { out, sh } = machine
  const common = `import { MODULE_LICENSE, EXPORT_SYMBOL, module_init, module_exit } from '#linux/module'
import { pr_info } from '#linux/printk'
MODULE_LICENSE('GPL')
module_exit(() => {})
`
  out('mkdir -p two')
  const { writeFileSync } = await import('node:fs')
  const two = join(machine.mnt, '../two')
  writeFileSync(join(two, 'Kbuild'), 'obj-m := syma.o symb.o\n')
  writeFileSync(
    join(two, 'syma.ts'),
    `${common}
module_init(() => 0)
function foo(): number { return 42 }
EXPORT_SYMBOL(foo)
`,
  )
  writeFileSync(
    join(two, 'symb.ts'),
    `${common}
declare function foo(): number
module_init(() => { pr_info('symb: foo() is %d\\n', foo()); return 0 })
`,
  )
  out('modbox make two')
  t.equal(
    sh('modbox insmod two/symb.ko').err,
    'insmod: ERROR: could not insert module two/symb.ko: Unknown symbol in module\n',
  )
  t.match(
    out('modbox dmesg -r | tail -1'),
    /^<4>\[.*\] symb: Unknown symbol foo \(err -2\)\n$/,
  )
  out('modbox insmod two/syma.ko && modbox insmod two/symb.ko')
  t.match(out('modbox dmesg | tail -1'), /symb: foo\(\) is 42\n$/)
  t.match(
    out('cat mnt/proc/modules'),
    /^symb 16384 0 - Live .*\nsyma 16384 1 symb, Live /,
  )
  t.match(out('modbox lsmod'), /^syma +16384 {2}1 symb$/m)
  t.equal(out('readlink mnt/sys/module/syma/holders/symb'), '../../symb\n')
  t.equal(sh('modbox rmmod syma').err, 'rmmod: ERROR: Module syma is in use by: symb\n')
  out('modbox rmmod symb syma')
})

t.test('dmesg shows, filters and clears', async t => {
  if (!requireTransport(t, 'positions')) return
  const { out, sh } = bootMounted(t)
  out('echo "<3>broken" > mnt/dev/kmsg; echo "<6>fine" > mnt/dev/kmsg')
  t.match(
    out('modbox dmesg -r | tail -2'),
    /^<3>\[ *\d+\.\d{6}\] broken\n<7>\[ *\d+\.\d{6}\] fine\n$/,
  )
  t.match(out('modbox dmesg -l err'), /^\[ *\d+\.\d{6}\] broken\n$/)
  t.match(
    out('modbox dmesg -x | tail -1'),
    /^user {2}:info {2}: \[ *\d+\.\d{6}\] fine\n$/,
  )
  t.match(
    out('modbox dmesg -T | tail -1'),
    /^\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\] fine\n$/,
  )
  t.equal(out('modbox dmesg -t | tail -1'), 'fine\n')
  t.match(out('modbox dmesg -c | tail -1'), /fine/)
  t.equal(out('modbox dmesg'), '')
  t.match(
    out('head -1 mnt/dev/kmsg'),
    /^5,0,\d+,-;Linux version /,
    'the records are still there',
  )
  out('modbox dmesg -n 1')
  t.match(out('cat mnt/proc/sys/kernel/printk'), /^1\t/)
  t.match(sh('modbox dmesg -l bogus').err, /unknown level 'bogus'/)
})

t.test('dmesg -w shows messages as they come', async t => {
  const { out } = bootMounted(t)
  const followed = out(
    '(modbox dmesg -w > followed.txt & echo $! > pid); until grep -q Linux followed.txt; do sleep 0.05; done;' +
      ' echo "<6>news" > mnt/dev/kmsg; until grep -q news followed.txt; do sleep 0.05; done; kill $(cat pid); tail -1 followed.txt',
  )
  t.match(followed, /news/)
})

t.test('dmesg -w ends with the machine', async t => {
  const { sh } = bootMounted(t)
  const { status, err } = sh(
    'modbox dmesg -w > followed.txt & pid=$!; until grep -qs Linux followed.txt; do sleep 0.05; done;' +
      ' modbox halt; wait $pid',
  )
  t.same({ status, err }, { status: 0, err: '' })
})

t.test('a driver sees who loads it', async t => {
  if (!requireTransport(t, 'callers')) return
  const { out, build } = bootMounted(t)
  const ko = await build(
    'who',
    `import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'
import { current } from '#linux/sched'
MODULE_LICENSE('GPL')
module_init(() => pr_info('who: %s %d\\n', current.comm, current.cred.uid) && 0)
module_exit(() => void pr_info('who: %s\\n', current.comm))
`,
  )
  out(`modbox insmod ${ko} && modbox rmmod who`)
  t.equal(out('modbox dmesg -t | tail -2'), 'who: insmod 0\nwho: rmmod\n')
})

t.test('modinfo tells what is in a file, as kmod’s own does', async t => {
  if (!requireTool(t, 'modinfo')) return
  const { out } = bootMounted(t)
  t.equal(out(`modbox modinfo ${SCULL}`), out(`/usr/sbin/modinfo ${SCULL}`))
  t.match(out(`modbox modinfo ${SCULL}`), /^parm: {11}nr_devs:how many devices \(int\)$/m)
})

t.test('an exception in a driver is an oops, and the machine goes on', async t => {
  if (!requireTransport(t, 'callers')) return
  const { out, sh, build, pid } = bootMounted(t)
  const ko = await build(
    'crash',
    `import { misc_register, misc_deregister, MISC_DYNAMIC_MINOR } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_init, module_exit } from '#linux/module'
import { pr_info } from '#linux/printk'
MODULE_LICENSE('GPL')
function deref(p: { field?: { x: number } }): number {
  return p.field!.x
}
const dev: miscdevice = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'crash',
  fops: {
    owner: THIS_MODULE,
    read: () => deref({}),
    release() {
      pr_info('crash: release\\n')
      return 0
    },
  },
}
module_init(() => misc_register(dev))
module_exit(() => void misc_deregister(dev))
`,
  )
  out(`modbox insmod ${ko}`)
  const cat = sh('cat mnt/dev/crash; echo "status $?"')
  t.match(cat.out, /status 137/, 'cat was killed')
  const log = out('modbox dmesg -t')
  t.match(log, /^BUG: kernel NULL pointer dereference, address: 0{16}$/m)
  t.match(log, /^CPU: 0 PID: \d+ Comm: cat Tainted: G {11}OE /m)
  t.match(log, /^RIP: 0010:deref \(.*crash\.ts:7:\d+\) \[crash\]$/m)
  t.match(log, /^ read \(.*crash\.ts:14:\d+\) \[crash\]$/m)
  t.match(log, /^Modules linked in: crash\(OE\)$/m)
  t.match(
    log,
    /---\[ end trace 0{16} \]---\nRIP: .*\ncrash: release$/m,
    'and its file was closed',
  )
  t.equal(out('cat mnt/proc/sys/kernel/tainted'), '12416\n')
  t.equal(sh('modbox rmmod crash').status, 0)
  t.ok(existsSync(`/proc/${pid}`), 'the daemon lives')
})
