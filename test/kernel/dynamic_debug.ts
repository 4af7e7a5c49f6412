import t from 'tap'
import type { Test } from 'tap'
import { EINVAL } from '../../src/include/linux/errno.ts'
import { boot, build } from '../harness/machine.ts'

const DRIVER = `import { EINVAL } from '#linux/errno'
import { KBUILD_MODNAME, MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { pr_debug, pr_devel, pr_info, pr_info_once, print_hex_dump_bytes } from '#linux/printk'

MODULE_LICENSE('GPL')
const pr_fmt = (fmt: string) => \`\${KBUILD_MODNAME}: \${fmt}\`

const helper = (n: number) => pr_debug('helping %d\\n', n)

function d_init(): number {
  pr_info('hello\\n')
  for (let i = 0; i < 2; i++) pr_info_once('only once\\n')
  pr_debug(
    'long %d\\t%s\\n',
    5,
    'x',
  )
  pr_devel('never\\n')
  print_hex_dump_bytes('dump: ', 0, 'abc', 3)
  helper(1)
  return 0
}

const ops = {
  bye() {
    pr_debug('bye\\n')
  },
}

module_init(d_init)
module_exit(() => ops.bye())
export const unused = EINVAL
`

const CONTROL = '/proc/dynamic_debug/control'
const LIST = `# filename:lineno [module]function flags format
src/d.ts:8 [d]helper =_ "d: helping %d\\n"
src/d.ts:13 [d]d_init =_ "d: long %d\\t%s\\n"
src/d.ts:19 [d]d_init =_ "dump: "
src/d.ts:26 [d]bye =_ "d: bye\\n"
`

async function loaded(t: Test, params: string) {
  const machine = await boot(t)
  machine.kernel.log.settings.console_loglevel = 8
  const image = await build(t, 'd', DRIVER)
  t.equal(await machine.insmod(image, params), 0)
  const list = async () => {
    const text = String(await machine.user.readFile(CONTROL))
    return text.replace(/^.*\/d\.ts/gm, 'src/d.ts')
  }
  const messages = machine.dmesg().filter(line => !/taint/.test(line))
  return { ...machine, list, messages }
}

t.test('all calls are listed as soon as the module is there, and are silent', async t => {
  const { list, messages, rmmod } = await loaded(t, '')
  t.equal(await list(), LIST)
  t.strictSame(messages, ['<6>d: hello', '<6>d: only once'])
  await rmmod('d')
  t.equal(await list(), '# filename:lineno [module]function flags format\n')
})

t.test('dyndbg= switches them on, with what is to stand in front', async t => {
  const { list, messages, rmmod } = await loaded(t, 'dyndbg=+pmfl')
  t.strictSame(messages.slice(2), [
    '<7>d:d_init:13: d: long 5\t x'.replace('\t ', '\t'),
    '<7>dump: 61 62 63                                         abc',
    '<7>d:helper:8: d: helping 1',
  ])
  t.match(await list(), /d\.ts:26 \[d\]bye =pmfl "d: bye\\n"/)
  await rmmod('d')
})

t.test('queries choose by file, line, function, module and format', async t => {
  const { user, list } = await loaded(t, '')
  const on = async (query: string) => {
    t.equal(await user.writeFile(CONTROL, query), query.length, query)
    const lines = (await list()).matchAll(/:(\d+) \[d\]\w+ =(\w+)/g)
    const found = Array.from(lines, ([, line, flags]) =>
      flags === '_' ? '' : `${line}${flags}`,
    )
    await user.writeFile(CONTROL, 'module d =_')
    return found.filter(Boolean).join(' ')
  }
  t.equal(await on('module d +p'), '8p 13p 19p 26p')
  t.equal(await on('module nosuch +p'), '')
  t.equal(await on('func d_* +pt\n'), '13pt 19pt')
  t.equal(await on('file d.ts line 9-20 =f'), '13f 19f')
  t.equal(await on('file d.ts:bye +l; func helper +m'), '8m 26l')
  t.equal(await on('file */d.ts:-13 +p'), '8p 13p')
  t.equal(await on('format "helping %d" +p'), '8p')
  t.equal(await on('format ^d:\\040b +p # comment'), '26p')
  t.equal(await on('class X +p'), '')
  t.equal(await on('module d +pf ; module d -f'), '8p 13p 19p 26p')
})

t.test('mistakes in a query are told in the log', async t => {
  const { user, dmesg } = await loaded(t, 'dyndbg=zz')
  const rows: [query: string, ...lines: string[]][] = [
    ['zz', 'bad flag-op z, at start of zz', 'flags parse failed'],
    ['+q', "unknown flag 'q'", 'flags parse failed'],
    ['module +p', 'expecting pairs of match-spec <value>', 'query parse failed'],
    ['what d +p', 'unknown keyword "what"', 'query parse failed'],
    ['line x +p', 'bad line-number: x', 'query parse failed'],
    ['line 9-2 +p', 'last-line:2 < 1st-line:9', 'query parse failed'],
    ['line 1 line 2 +p', 'match-spec: line used 2x', 'query parse failed'],
    ['func a func b +p', 'match-spec:func val:a overridden by b', 'query parse failed'],
    ['format "x +p', 'unclosed quote: x +p', 'tokenize failed'],
    ['1 2 3 4 5 6 7 8 9 10', 'too many words, legal max <=9', 'tokenize failed'],
  ]
  for (const [query, ...lines] of rows) {
    t.equal(await user.writeFile(CONTROL, query), -EINVAL, query)
    t.strictSame(
      dmesg(),
      lines.map(line => `<3>dyndbg: ${line}`),
    )
  }
})
