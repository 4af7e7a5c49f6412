// Mistakes in drivers: each must stop the build and say where it is.
import t from 'tap'
import { KbuildError } from '../../src/kbuild/errors.ts'
import { driverTree } from '../harness/driver_tree.ts'
import type { Test } from 'tap'

const LICENSE = "import { MODULE_LICENSE } from '#linux/module'\nMODULE_LICENSE('GPL')\n"

/** The message of building a driver `x.ts` of these lines, after two lines with the licence. */
async function message(t: Test, ...lines: string[]): Promise<string> {
  const { build } = driverTree(t, { 'x.ts': LICENSE + lines.join('\n') })
  try {
    await build()
    return 'no error'
  } catch (error) {
    if (!(error instanceof KbuildError)) throw error
    return error.message
  }
}

t.test('a syntax error is shown with its line', async t => {
  t.equal(
    await message(t, 'const a = 1', 'const b = = 2'),
    [
      'x.ts:4:11: error: Unexpected "="',
      '    4 | const b = = 2',
      '      |           ^',
    ].join('\n'),
  )
})

t.test('a header that is not there', async t => {
  t.equal(
    await message(t, "import { x } from '#linux/nosuch'"),
    [
      'x.ts:3:19: fatal error: #linux/nosuch: No such file or directory',
      "    3 | import { x } from '#linux/nosuch'",
      '      |                   ^~~~~~~~~~~~~~~',
    ].join('\n'),
  )
})

t.test('a name that a header does not have, even if it is not used', async t => {
  const text = await message(t, "import { pr_infoo } from '#linux/printk'")
  t.match(
    text,
    /^x\.ts:3:10: error: No matching export in ".*printk\.ts" for import "pr_infoo"\n/,
  )
})

t.test('a type that is imported as a value', async t => {
  const text = await message(t, "import { errno_t } from '#linux/types'")
  t.match(text, /^x\.ts:3:10: error: No matching export/)
  t.match(text, "x.ts:3:10: note: 'errno_t' is a type: import it with `import type`")
})

t.test('a name that nobody declared, even in a function that is not used', async t => {
  t.equal(
    await message(t, '', 'function f() {', '  pr_info(nosuch.x)', '}'),
    [
      "x.ts:5:3: error: 'pr_info' undeclared",
      '    5 |   pr_info(nosuch.x)',
      '      |   ^~~~~~~',
      "x.ts:5:3: note: 'pr_info' is declared in '#linux/printk'; did you forget to import it?",
      "x.ts:5:11: error: 'nosuch' undeclared",
      '    5 |   pr_info(nosuch.x)',
      '      |           ^~~~~~',
    ].join('\n'),
  )
})

t.test("Node's globals and the module's insides are not there", async t => {
  for (const name of [
    'process',
    'Buffer',
    'setTimeout',
    'require',
    'console',
    '__this_module',
  ]) {
    t.match(
      await message(t, `const f = () => ${name}`),
      `x.ts:3:17: error: '${name}' undeclared`,
    )
  }
})

t.test('drivers import headers and their own files only', async t => {
  for (const name of ['node:fs', 'fs', 'koffi', '../outside.ts', '/etc/passwd']) {
    t.match(
      await message(t, `import '${name}'`),
      `x.ts:3:8: error: Cannot import "${name}": drivers can only import #linux/* and their own files`,
    )
  }
  t.match(
    await message(t, "import './gone.ts'"),
    'x.ts:3:8: error: Could not resolve "./gone.ts"',
  )
})

t.test('several mistakes are all told, in the order of the lines', async t => {
  const text = await message(t, "import '#linux/nosuch'", 'nosuch()', "import 'node:fs'")
  t.same(text.match(/^x\.ts:\d+/gm), ['x.ts:3', 'x.ts:4', 'x.ts:5'])
})

t.test('a mistake in a file the driver imports is placed there', async t => {
  const { build } = driverTree(t, {
    'x.ts': `${LICENSE}import './sub/part.ts'`,
    'sub/part.ts': 'export const a = 1\nlet let = 2\n',
  })
  await t.rejects(build(), { message: /^sub\/part\.ts:2:5: error: / })
})

t.test('what stands at file scope must be constant', async t => {
  const printk = "import { pr_info } from '#linux/printk'"
  t.equal(
    await message(t, printk, '', 'const n = pr_info("too early")'),
    [
      'x.ts:5:11: error: initializer element is not constant (_printk)',
      '    5 | const n = pr_info("too early")',
      '      |           ^',
    ].join('\n'),
  )
  t.match(
    await message(
      t,
      "import { jiffies } from '#linux/jiffies'",
      'const later = jiffies + 5',
    ),
    'x.ts:4:1',
  )
  t.equal(
    await message(
      t,
      "import { no_llseek } from '#linux/fs'",
      'const fops = { llseek: no_llseek, at: () => fops }',
      'fops.at()',
    ),
    'no error',
    'an address is a constant',
  )
})

t.test('an exception or an endless loop at file scope', async t => {
  t.match(
    await message(t, 'const list: number[] = null!', 'list.push(1)'),
    "x.ts:4:6: error: TypeError: Cannot read properties of null (reading 'push')",
  )
  t.match(await message(t, "throw 'tea'"), 'x.ts: error: uncaught tea at file scope')
  t.match(await message(t, 'for (;;);'), 'x.ts: error: file scope takes more than 1 s')
})

t.test('types are checked on request', async t => {
  const { build } = driverTree(t, {
    'x.ts': `${LICENSE}const n: number = 'one'\nconst f = (): number => n\nf()`,
  })
  await build()
  await t.rejects(build({ check: true, checkAll: true }), {
    message:
      /^x\.ts:3:7: error: Type 'string' is not assignable to type 'number'\. \[TS2322\]\n/,
  })
})
