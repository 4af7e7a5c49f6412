// modprobe.d and the kernel's command line, as kmod 30 reads them: `modprobe -c` is the judge.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { emptyConfig } from '../../src/kmod/config.ts'
import { parseKernelCommandLine } from '../../src/kmod/config_cmdline.ts'
import { type FileProblem, readConfig } from '../../src/kmod/config_files.ts'
import { configText } from '../../src/kmod/config_text.ts'
import { fnmatch } from '../../src/kmod/fnmatch.ts'
import { findTool, requireThat, requireTool } from '../harness/require.ts'

/** Lines of every kind, good and bad. */
const ODD_LINES = String.raw`# comment
  # a comment only at the start of a line

alias foo-bar-* my-mod extra
alias x[a-b]-c y
alias x]-c y
alias x[ y
alias only
blacklist a-b c
blacklist
options par   a=1	b=2 
options par
options par 
install opt /bin/false	$CMDLINE_OPTS
install opt
remove opt		echo hi
softdep s pre: a b post: c  d 
softdep t x y post: z
softdep u
softdep v nothing
nonsense line
include /x
config foo
options cont a=1 \
   b=2
bad \
 more
worse
options bs a=\n\x\\
	blacklist tabbed
options last noeol=1`

const FOLDER = {
  'a.conf': ODD_LINES,
  'crlf.conf': 'options crlf q=1\r\n',
  'z.alias': 'options alias q=1\n',
  'z.txt': 'options no q=1\n',
  '.hidden.conf': 'options no q=1\n',
  'B.conf': 'options capital q=1\n',
  'nested.conf': {},
}

/** Kernel command lines, one each. */
const CMDLINES = [
  'a.b=1 c.d=x,y par.p_int=4242 par.nosuch=1 par.flag',
  'modprobe.blacklist=a,b-c,d modprobe.blacklist= modprobe.other=1',
  'par-x.q=1 root=a.b=c foo=1 quiet',
  'par.s="a b" par.t="x" next.a=1',
  '"par.s=a b" par.u=1',
  'par."s=a b" par.v=1',
  'par.w=a"b c"d z.z=1',
  'x[.a=1 y.b=2',
  'par.q="unterminated b.c=1 d',
  'a.b.c=1 a..b=2 .x=3 y.=4 z. 1.2.3.4:5',
  '"pars a.b=1" t.u=1',
  '"par.s="a b"" t.u=1',
  '"par.s=a "b c" t.u=1',
  'par.x=1.5 par.y=a=b par.z="a.b c"',
]

t.test('each line is read as modprobe reads it', async t => {
  if (!requireTool(t, 'modprobe')) return
  if (!requireThat(t, mayUnshare(), 'no mount namespaces here')) return
  const dir = t.testdir({ conf: FOLDER, root: {}, cmdline: '' })
  const { out, err } = realConfig(dir)
  const problems: FileProblem[] = []
  const config = readConfig([join(dir, 'conf')], join(dir, 'none'), problem =>
    problems.push(problem),
  )
  t.equal(configText(config), out)
  t.strictSame(problems.map(shortly), complaints(err))
})

t.test('the kernel command line is read as modprobe reads it', async t => {
  if (!requireTool(t, 'modprobe')) return
  if (!requireThat(t, mayUnshare(), 'no mount namespaces here')) return
  for (const cmdline of CMDLINES) {
    const dir = t.testdir({ conf: {}, root: {}, cmdline: `${cmdline}\n` })
    const config = emptyConfig()
    parseKernelCommandLine(`${cmdline}\n`, config, () => {})
    t.equal(configText(config), realConfig(dir).out, cmdline)
  }
})

t.test('of files with one name that in the better folder counts', async t => {
  const dir = t.testdir({
    etc: { 'b.conf': 'options x from=etc\n' },
    lib: { 'b.conf': 'options x from=lib\n', 'a.conf': 'options x first=1\n' },
    'modules.softdep': 'softdep x pre: y\n',
  })
  const folders = ['etc', 'run', 'lib'].map(name => join(dir, name))
  const config = readConfig(folders, join(dir, 'modules.softdep'), () => {})
  t.strictSame(
    config.options.map(({ text }) => text),
    ['first=1', 'from=etc'],
  )
  t.strictSame(config.softdeps, [{ module: 'x', pre: ['y'], post: [] }])
})

t.test('wildcards match as in fnmatch(3)', async t => {
  const rows: [pattern: string, text: string, fits: boolean][] = [
    ['char_major_245_*', 'char_major_245_3', true],
    ['char_major_245_*', 'char_major_24', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a[0-9]', 'a5', true],
    ['a[!0-9]', 'a5', false],
    ['a[]x]b', 'a]b', true],
    ['a[b', 'a[b', true],
    [String.raw`a\*`, 'a*', true],
    [String.raw`a\*`, 'ab', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['*a*b', 'abab_', false],
    ['', '', true],
    ['*', '', true],
    ['a.c', 'abc', false],
  ]
  for (const [pattern, text, fits] of rows) {
    t.equal(fnmatch(pattern, text), fits, `${pattern} ${text}`)
  }
})

function mayUnshare(): boolean {
  return spawnSync('unshare', ['-m', 'true']).status === 0
}

/** What the real modprobe makes of dir/conf and of dir/cmdline in place of /proc/cmdline. */
function realConfig(dir: string): { out: string; err: string } {
  const script = `mount --bind "$1/cmdline" /proc/cmdline &&
    exec "$2" -c -C "$1/conf" -d "$1/root" -S 1.0`
  const words = ['-m', 'sh', '-c', script, 'sh', dir, findTool('modprobe') ?? '']
  const { stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8' })
  return { out: stdout.replace(/\n# End of [^]*$/, ''), err: stderr }
}

/** "line 2: #", "a command: include". */
function complaints(err: string): string[] {
  return err
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [, number, bad] = /line (\d+): .* '(.*)'$/.exec(line) ?? []
      if (number !== undefined) return `line ${number}: ${bad}`
      const [, command] = /command (\w+) is deprecated/.exec(line) ?? []
      return command === undefined ? 'nested folder' : `deprecated ${command}`
    })
}

function shortly({ problem }: FileProblem): string {
  if (problem.kind === 'bad line') return `line ${problem.line}: ${problem.word}`
  return problem.kind === 'deprecated' ? `deprecated ${problem.word}` : problem.kind
}
