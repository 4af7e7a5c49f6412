// Where the parts of a compiled script go, and that they can be put together again.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { joinScript, type SplitScript } from '../../src/elf/script_pieces.ts'
import { outlineOf } from '../../src/kbuild/script_outline.ts'
import { placeOf, scriptSections } from '../../src/kbuild/script_sections.ts'
import { readModule } from '../../src/elf/module_image.ts'
import { packageRoot } from '../../src/package.ts'

const FACTS = { init: '', exit: '', exports: [] }

const bytes =
  ({ table, sections }: SplitScript) =>
  (name: string) =>
    name === '.script'
      ? table
      : ([...sections].find(([section]) => section === name)?.[1] ?? new Uint8Array(0))

/** What lies in a section, as text. */
function held(split: SplitScript, section: string): string {
  return Buffer.from(bytes(split)(section)).toString()
}

const SCRIPT = `"use strict";
// include/linux/module.ts
function module_init(init) {
  __this_module.init = init;
}
var HEADERS_OWN = "not the driver's";

// hello/hello.ts
MODULE_LICENSE("GPL");
var count = module_param("count", "int", 0, 420), last;
var greetings = [
  "hello",
  // "a comment"
  "na\\xEFve", 'single', \`template \${"inner"}\`,
  "two\\nlines", "quote \\"d\\"", "nul\\0", "slash \\/"
];
var quotes = /["]/;
async function hello_init() {
  const text = \`
}
function in_template() {
\`;
  return pr_info("init\\n", text);
}
var hello_exit = () => {
  pr_info("exit\\n");
};
class kept {
}
module_init(hello_init);
module_exit(hello_exit);
`

t.test('what init and exit are, and strings, have sections of their own', async t => {
  const outline = outlineOf(SCRIPT)
  const split = scriptSections(outline, {
    ...FACTS,
    init: 'hello_init',
    exit: 'hello_exit',
  })
  t.match(held(split, '.init.text'), /^async function hello_init\(\) \{[^]*\n\}$/)
  t.match(held(split, '.init.text'), 'function in_template()', 'templates stay')
  t.equal(held(split, '.exit.text'), '() => {\n  pr_info();\n}')
  t.strictSame(held(split, '.rodata.str1.1').split('\0'), [
    'hello',
    'two\nlines',
    'quote "d"',
    'init\n',
    'exit\n',
    '',
  ])
  t.match(held(split, '.text'), /"not the driver's"[^]*"na\\xEFve", 'single'/)
  t.equal(joinScript(bytes(split)), SCRIPT)
})

t.test('symbols are where their bytes are', async t => {
  const outline = outlineOf(SCRIPT)
  const split = scriptSections(outline, { ...FACTS, init: 'hello_init' })
  const { init } = split
  t.same(init && placeOf(split, init), {
    section: '.init.text',
    value: 0,
    size: held(split, '.init.text').length,
  })
  const greetings = outline.variables.get('greetings')
  const { section, value, size } = placeOf(split, greetings ?? { start: 0, end: 0 })
  t.equal(section, '.text')
  const text = held(split, section).slice(value, value + size)
  t.match(text, /^\[\n {2},\n/, 'its strings are elsewhere')
  t.match(text, /"slash \\\/"\n\]$/)
})

t.test('the outline has the functions and variables of the driver', async t => {
  const { functions, variables } = outlineOf(SCRIPT)
  t.strictSame([...functions.keys()], ['hello_init'])
  t.strictSame(
    [...variables.keys()],
    ['count', 'last', 'greetings', 'quotes', 'hello_exit'],
  )
})

t.test('functions given in place, or used twice', async t => {
  const sectionsOf = (script: string, facts: Partial<typeof FACTS> = {}) => {
    const split = scriptSections(outlineOf(script), { ...FACTS, ...facts })
    t.equal(joinScript(bytes(split)), script)
    return [held(split, '.init.text'), held(split, '.exit.text')]
  }
  t.strictSame(
    sectionsOf(
      'module_init(() => pr_info("a, b"));\nmodule_exit(function bye() {\n});\n',
    ),
    ['() => pr_info()', 'function bye() {\n}'],
  )
  const both = 'function f() {\n}\nmodule_init(f);\nmodule_exit(f);\n'
  t.strictSame(sectionsOf(both, { init: 'f', exit: 'f' }), ['function f() {\n}', ''])
  t.strictSame(sectionsOf('module_init(ops.init);\n'), ['', ''], 'not known where')
})

t.test('a function that others may call stays in .text', async t => {
  const script = 'function f() {\n}\nmodule_init(f);\n'
  const exports = [{ name: 'f', gpl: false, namespace: '' }]
  const split = scriptSections(outlineOf(script), { init: 'f', exports })
  t.equal(held(split, '.text'), script)
})

t.test('any text whatever is put together as it was', async t => {
  const file = join(packageRoot(), 'drivers/scull/scull.ko')
  const { script } = readModule(readFileSync(file))
  let seed = 1
  const random = (below: number): number => {
    seed = (seed * 48271) % 0x7fffffff
    return seed % below
  }
  for (let i = 0; i < 300; i++) {
    const from = random(script.length)
    const odd = ['"', '`', '\n', '/', '{', 'é', '\n// x.ts\n', ''][random(8)] ?? ''
    const broken = script.slice(0, from) + odd + script.slice(from + random(40))
    const facts = { ...FACTS, init: 'scull_init', exit: 'scull_exit' }
    const split = scriptSections(outlineOf(broken), facts)
    if (joinScript(bytes(split)) !== broken) t.fail(`${odd} at ${from}`)
  }
  t.pass()
})
