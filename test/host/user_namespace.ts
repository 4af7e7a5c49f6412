// What users are called inside and outside of user namespaces.
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { inUserNamespace, uidInside, uidOutside } from '../../src/host/user_namespace.ts'
import { requireTool } from '../harness/require.ts'
import { bundleScript } from '../harness/script.ts'

t.test('ids are translated by the ranges of the namespace', async t => {
  const ranges = [
    { inside: 0, outside: 1000, count: 1 },
    { inside: 1, outside: 100_000, count: 500 },
  ]
  t.equal(uidOutside(0, ranges), 1000)
  t.equal(uidOutside(3, ranges), 100_002)
  t.equal(uidOutside(501, ranges), undefined)
  t.equal(uidInside(1000, ranges), 0)
  t.equal(uidInside(100_499, ranges), 500)
  t.equal(uidInside(0, ranges), undefined)
})

t.test('this process is in the namespace that it is in', async t => {
  const uid = process.getuid?.() ?? 0
  if (!inUserNamespace()) t.equal(uidOutside(uid), uid)
  if (!requireTool(t, 'unshare')) return
  const script = await bundleScript(
    t.testdir(),
    `import { inUserNamespace, uidOutside } from './src/host/user_namespace.ts'
     console.log(inUserNamespace(), uidOutside(0))`,
  )
  const { stdout, stderr } = spawnSync(
    'unshare',
    ['--user', '--map-root-user', process.execPath, script],
    { encoding: 'utf8' },
  )
  if (/unshare failed/.test(stderr)) return t.comment('user namespaces are not permitted')
  t.equal(stdout, `true ${uid}\n`)
})
