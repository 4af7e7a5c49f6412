// make: what it prints, and how a mistake stops it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { readModule } from '../../src/elf/module_image.ts'
import { runTool } from '../harness/tool.ts'

function sources(t: Test, body: string): string {
  return t.testdir({
    Kbuild: 'obj-m := small.o\n',
    'small.ts': `import { MODULE_LICENSE, module_init } from '#linux/module'
import { pr_info } from '#linux/printk'
MODULE_LICENSE('GPL')
${body}
`,
  })
}

t.test('a good driver becomes a module', async t => {
  const dir = sources(t, "module_init(() => pr_info('hi\\n') && 0)")
  const { status, out, err } = await runTool(['make', dir])
  t.equal(status, 0, err)
  t.match(
    out,
    /^ {2}CC \[M\] {2}.*small\.o\n {2}MODPOST .*Module\.symvers\n {2}CC \[M\] {2}.*small\.mod\.o\n {2}LD \[M\] {2}.*small\.ko\n$/,
  )
  t.equal(readModule(readFileSync(join(dir, 'small.ko'))).name, 'small')
  t.equal((await runTool(['make', dir])).out, '', 'a second time there is nothing to do')
  t.match((await runTool(['make', '-B', dir])).out, /CC \[M\]/)
})

t.test('a mistake stops the build where it is', async t => {
  const dir = sources(t, "module_init(() => pr_info('hi\\n') && nought)")
  const { status, err } = await runTool(['make', dir])
  t.equal(status, 1)
  t.match(err, /small\.ts:4:38: error: 'nought' undeclared/)
})

t.test('C=1 checks types too', async t => {
  const dir = sources(t, "module_init(() => 'nought')")
  const { status, err } = await runTool(['make', dir, 'C=1'])
  t.equal(status, 1)
  t.match(err, /small\.ts:4:\d+: error: .*string/)
  t.equal((await runTool(['make', dir])).status, 0, 'which are not checked by default')
})
