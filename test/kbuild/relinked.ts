// Modules that binutils have handled still load and work.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ENOEXEC } from '../../src/include/uapi/errno.ts'
import { kbuild } from '../../src/kbuild/kbuild.ts'
import { boot } from '../harness/machine.ts'
import { findTool, requireTool } from '../harness/require.ts'

const HELLO = `
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  import { module_param } from '#linux/moduleparam'
  import { pr_info } from '#linux/printk'
  MODULE_LICENSE('GPL')
  const n = module_param('n', 'int', 1, 0o644)
  let loads = 0
  let bias = -1
  const big = new Uint8Array(5000)
  function hello_init() { bias++; pr_info('hello %d\\n', n.value + bias + big[loads++]); return 0 }
  module_init(hello_init)
  module_exit(() => { pr_info('bye\\n') })
`

t.test('strip and ld -r leave a module that loads', async t => {
  if (!requireTool(t, 'strip') || !requireTool(t, 'ld')) return
  const dir = t.testdir({ 'hello.ts': HELLO })
  await kbuild(dir)
  const { insmod, rmmod, dmesg } = await boot(t)
  const commands: [string, ...string[]][] = [
    ['strip', '-g', '-o', 'out.ko', 'hello.ko'],
    ['strip', '--strip-unneeded', '-o', 'out.ko', 'hello.ko'],
    ['ld', '-r', '-o', 'out.ko', 'hello.o', 'hello.mod.o'],
    ['objcopy', '--remove-section=.note.Linux', 'hello.ko', 'out.ko'],
    ['objcopy', '--strip-debug', '--discard-locals', 'hello.ko', 'out.ko'],
  ]
  for (const [tool, ...args] of commands) {
    const { status, stderr } = spawnSync(findTool(tool) ?? tool, args, { cwd: dir })
    t.equal(status, 0, String(stderr))
    t.equal(await insmod(readFileSync(join(dir, 'out.ko')), 'n=7'), 0, tool)
    t.equal(dmesg().at(-1), '<6>hello 7')
    t.equal(await rmmod('hello'), 0)
  }
})

t.test('a module that has lost a piece of its script is refused', async t => {
  if (!requireTool(t, 'objcopy')) return
  const dir = t.testdir({ 'hello.ts': HELLO, short: 'short' })
  await kbuild(dir)
  const { insmod, dmesg } = await boot(t)
  const rows = [
    [
      '--update-section=.exit.text=short',
      /Invalid module: Cannot read \d+ bytes at byte 0/,
    ],
    ['--remove-section=.rodata.str1.1', /Invalid module: Cannot read 10 bytes at byte 0/],
    ['--remove-section=.script', /hello: no \.script section/],
  ] as const
  for (const [change, message] of rows) {
    const args = [change, 'hello.ko', 'out.ko']
    const { status, stderr } = spawnSync('objcopy', args, { cwd: dir })
    t.equal(status, 0, String(stderr))
    t.equal(await insmod(readFileSync(join(dir, 'out.ko'))), -ENOEXEC, change)
    t.match(dmesg().at(-1), message)
  }
})
