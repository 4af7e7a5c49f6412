import t from 'tap'
import { findCallSites } from '../../src/kbuild/call_sites.ts'
import { enclosingFunctions } from '../../src/kbuild/enclosing.ts'
import { maskSource } from '../../src/kbuild/scan.ts'

/** The function at each `@` of `source`. */
function functionsAt(source: string): string[] {
  const masked = maskSource(source)
  const offsets = Array.from(masked.matchAll(/@/g), ({ index }) => index)
  return enclosingFunctions(masked, offsets)
}

t.test('the function around a place, however it is written', async t => {
  const rows: [source: string, ...names: string[]][] = [
    ['@ function a() { @ }\n@', '', 'a', ''],
    ['async function a<T>(x: T): Promise<{ n: T }> { if (x) { @ } }', 'a'],
    ['const f = () => @\nfunction g() { @ }', 'f', 'g'],
    ['const f = async (a: number): Promise<void> => {\n  for (;;) { @ }\n}', 'f'],
    [
      'const ops: file_operations = { read: (f, b) => @, write(f) { @ }, open: o }',
      'read',
      'write',
    ],
    [
      'const ops = { async release() { @ }, llseek: async function () { @ } }',
      'release',
      'llseek',
    ],
    [
      'class Box {\n  #n = 0\n  get n() { @ }\n  static make(): Box { @ }\n}',
      'n',
      'make',
    ],
    ['function a() { list.forEach(x => { @ }); queue(() => @) }', 'a', 'a'],
    ['function a() {\n  const b = () => 1\n  @\n}', 'a'],
    ['module_init(() => { @ })', '<anonymous>'],
    ['function a() { while (x) { @ } do { @ } while (y) }', 'a', 'a'],
    ['const pr_fmt = (fmt: string) => `${fmt}`\nconst h = (n: number) => @', 'h'],
    ['const s = "function x() {"; function y() { @ }', 'y'],
  ]
  for (const [source, ...names] of rows) t.strictSame(functionsAt(source), names, source)
})

t.test('macros that need it get their call site, behind their arguments', async t => {
  const source = `import { pr_debug, pr_info, pr_info_once } from '#linux/printk'
function f(n: number) {
  pr_debug('a, %d\\n', n, (1, 2))
  pr_info('plain\\n')
  pr_info_once(
    'b' +
      'c\\n',
  )
  other.pr_debug('not ours')
}
`
  const { insertions, footer } = findCallSites(source, 'd/d.ts', false)
  t.strictSame(
    insertions.map(({ text }) => text),
    [', call_sites$[0]', 'call_sites$[1]'],
  )
  t.strictSame(
    insertions.map(({ at }) => source.charAt(at)),
    [')', ')'],
  )
  t.match(
    footer,
    `new call_site$(["d/d.ts",3,"f","pr_debug"], () => 'a, %d\\n', undefined, false)`,
  )
  t.match(footer, /\["d\/d\.ts",5,"f","pr_info_once"\], \(\) => \s*'b' \+\s*'c\\n'/)
})

t.test('a file with a pr_fmt of its own has it applied', async t => {
  const source = `import { pr_info, pr_cont, printk_ratelimit } from '#linux/printk'
const pr_fmt = (fmt: string) => 'x: ' + fmt
export const g = (what: string) => {
  if (printk_ratelimit()) pr_info(what + '\\n')
  pr_cont('more\\n')
}
`
  const { insertions, footer } = findCallSites(source, 'd/d.ts', true)
  t.strictSame(
    insertions.map(({ text }) => text),
    ['call_sites$[0]', ', call_sites$[1]'],
  )
  t.match(footer, '"printk_ratelimit"], () => "", pr_fmt, true)')
  t.match(footer, '"pr_info"], () => pr_fmt("what + \'\\\\n\'"), pr_fmt, true)')
})

t.test('a file without such macros stays as it is', async t => {
  const sources = [
    "import { pr_info } from '#linux/printk'\npr_info('x')\n",
    "import { pr_debug } from './own.ts'\npr_debug('x')\n",
    'pr_debug()\n',
  ]
  for (const source of sources) {
    t.strictSame(findCallSites(source, 'd/d.ts', false), { insertions: [], footer: '' })
  }
})

t.test('locks know where they are made, also at file scope', async t => {
  const source = `import { mutex, mutex_init, mutex_lock } from '#linux/mutex'
const first = new mutex()
class box {
  readonly lock: mutex = new mutex()
  mutex(): number { return 0 }
  async mutex_lock() { await mutex_lock(this.lock) }
}
const use = (dev: box) => mutex_init(dev.lock)
`
  const { insertions, footer } = findCallSites(source, 'd/d.ts', false)
  t.strictSame(
    insertions.map(({ text }) => text),
    [
      '() => call_sites$[0]',
      '() => call_sites$[1]',
      ', call_sites$[2]',
      ', call_sites$[3]',
    ],
  )
  t.strictSame(
    [...footer.matchAll(/\(\) => ("[^"]*")/g)].map(([, name]) => name),
    ['"first"', '"lock"', '"this.lock"', '"dev.lock"'],
  )
})
