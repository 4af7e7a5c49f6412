// The kernel command line: parameters of built-in drivers, options, and what nobody knows.
import t from 'tap'
import { EINVAL } from '../../src/include/linux/errno.ts'
import type { param_definition } from '../../src/include/linux/kernel_param.ts'
import { CommandLine } from '../../src/kernel/params/command_line.ts'
import { Params } from '../../src/kernel/params/params.ts'
import type { Printk } from '../../src/kernel/printk.ts'
import { DebugLocks } from '../../src/kernel/locking/debug_locks.ts'
import { Taints } from '../../src/kernel/taint.ts'
import { vsnprintf } from '../../src/lib/vsprintf.ts'
import { bareLocks } from '../harness/locks.ts'

/** Boot with `text`; the driver `mem` has parameters `limit` and `label`. */
async function booted(text: string, early: (value: string | null) => number = () => 0) {
  const said: string[] = []
  const log = {
    printk: (fmt: string, ...rest: unknown[]) => said.push(vsnprintf(fmt, rest)),
  } as unknown as Printk
  const taints = new Taints(new DebugLocks(), () => {})
  const params = new Params({ log, taints, mutexes: bareLocks().mutexes })
  const line = new CommandLine(text, params, log)
  const limit = { value: 1 }
  const label = { value: 'none' }
  const definition = (name: string, ops: 'int' | 'charp', arg: unknown) =>
    ({ name, type: ops, ops, arg, perm: 0o644, flags: 0 }) satisfies param_definition
  const kp = line.builtin('mem.', [
    definition('limit', 'int', limit),
    definition('label', 'charp', label),
  ])
  line.early_param('early-bird', early)
  line.parse_early_param()
  await line.parse()
  return { said, limit: limit.value, label: label.value, names: kp.map(p => p.name) }
}

const unknown = (words: string) =>
  `\x015Unknown kernel command line parameters "${words}", will be passed to user space.\n`

t.test('a built-in driver gets its parameters', async t => {
  t.match(await booted('mem.limit=0x10 mem.label="two words"'), {
    limit: 16,
    label: 'two words',
    names: ['limit', 'label'],
    said: [],
  })
  t.match(await booted('limit=5 other.limit=6'), {
    limit: 1,
    said: [unknown('limit=5')],
  })
})

t.test('a bad value is told on behalf of the booting kernel', async t => {
  const { said, limit } = await booted('mem.limit=many quiet')
  t.strictSame(said, ["\x013Booting kernel: `many' invalid for parameter `mem.limit'\n"])
  t.equal(limit, 1)
})

t.test('what nobody knows is for user space: words first, then settings', async t => {
  const { said } = await booted(
    'console=ttyS0 B=1 splash root=/dev/sda1 ro A="x y" par.nosuch=1 B=2 single TERM=vt100',
  )
  t.strictSame(said, [unknown('splash single B=2 A=x y')])
  t.strictSame((await booted('ro -- words for init')).said, [])
  t.strictSame((await booted('')).said, [])
})

t.test('early options are seen once, with or without a value', async t => {
  const seen: (string | null)[] = []
  const early = (value: string | null) => (
    seen.push(value),
    value === 'bad' ? -EINVAL : 0
  )
  const { said } = await booted(
    'early_bird early-bird=worm early_bird=bad -- early_bird',
    early,
  )
  t.strictSame(seen, [null, 'worm', 'bad'])
  t.strictSame(said, ["\x014Malformed early option 'early_bird'\n"])
})
