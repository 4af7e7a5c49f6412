// The daemon runs from one file; its stack traces are of the sources.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import {
  bundleFile,
  type BundleIndex,
  bundleIndexFile,
  locateInBundle,
} from '../../src/bundle.ts'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'

const script = pathToFileURL(bundleFile()).href
const lines = readFileSync(bundleFile(), 'utf8').split('\n')
const index = JSON.parse(readFileSync(bundleIndexFile(), 'utf8')) as BundleIndex

t.test('each line is of one source', async t => {
  const locate = locateInBundle()
  for (const [text, source] of [
    [/^var Scheduler = class/, 'src/kernel/sched.ts'],
    [/^var Task = class/, 'src/kernel/task.ts'],
    [/^function vfs_read\(/, 'src/fs/read_write.ts'],
    [/^var Daemon = class/, 'src/kerneld.ts'],
  ] as const) {
    const line = lines.findIndex(line => text.test(line)) + 1
    t.ok(line > 0, String(text))
    t.same(locate(script, line, 'read'), {
      script: join(packageRoot(), source),
      symbol: 'read',
    })
  }
})

t.test('each function has the name that its source gives it', async t => {
  const locate = locateInBundle()
  const changed = Object.entries(index.names)
  t.ok(changed.length > 0)
  for (const [name, original] of changed) {
    t.ok(name.startsWith(original) && /^\d+$/.test(name.slice(original.length)), name)
    t.equal(locate(script, 1, name).symbol, original)
  }
})

t.test('other scripts are left alone', async t => {
  const place = { script: 'scull.ko', symbol: 'read2' }
  t.same(locateInBundle()(place.script, 1, place.symbol), place)
})

t.test('the log has the names of the sources, too', async t => {
  const machine = bootMounted(t)
  const renamed = 'seq_escape_mem'
  t.ok(Object.values(index.names).includes(renamed))
  const ko = await machine.build(
    'named',
    `import { dump_stack, printk } from '#linux/printk'
import { MODULE_LICENSE, module_init } from '#linux/module'
import { ${renamed} } from '#linux/seq_file'
MODULE_LICENSE('GPL')
module_init(() => {
  printk('it is %pS\\n', ${renamed})
  dump_stack()
  return 0
})
`,
  )
  machine.out(`modbox insmod ${ko}`)
  const log = machine.out('modbox dmesg')
  t.match(log, new RegExp(`it is ${renamed}\\+0x0/`))
  t.match(log, / do_init_module$/m)
  t.match(log, / load_module$/m)
})
