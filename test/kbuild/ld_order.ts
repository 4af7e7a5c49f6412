// Symbols come out in the order that GNU ld gives them: ld itself is asked.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { ldOrder } from '../../src/kbuild/ld_order.ts'
import { requireTool } from '../harness/require.ts'

const LONG =
  'a_name_that_is_so_long_that_its_hash_would_not_fit_into_thirty_two_bits_any_more'
const NAMES =
  `init_module cleanup_module __this_module _printk foo bar nsfn second_missing
  nowhere_at_all a cdev_add cdev_del class_create ${LONG}`.split(/\s+/)

t.test('symbols of different buckets are in the order of ld -r', async t => {
  if (!requireTool(t, 'cc') || !requireTool(t, 'ld') || !requireTool(t, 'nm')) return
  const dir = t.testdir({
    'a.c': NAMES.map(name => `int ${name} = 1;\n`).join(''),
    'b.c': 'int only_in_b = 2;\n',
  })
  execFileSync('cc', ['-c', 'a.c', 'b.c'], { cwd: dir })
  execFileSync('ld', ['-r', '-o', 'c.o', 'a.o', 'b.o'], { cwd: dir })
  const out = execFileSync('nm', ['-p', '-j', join(dir, 'c.o')], { encoding: 'utf8' })
  const names = [...NAMES, 'only_in_b']
  t.strictSame(
    ldOrder(names.map(name => ({ name }))).map(({ name }) => name),
    out.trim().split('\n'),
  )
})

t.test('what is in one bucket stays in its order', async t => {
  const twice = [{ name: 'foo', n: 1 }, { name: 'bar' }, { name: 'foo', n: 2 }]
  t.strictSame(ldOrder(twice), [twice[0], twice[2], twice[1]])
})
