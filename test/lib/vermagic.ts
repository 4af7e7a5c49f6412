import t from 'tap'
import { vermagic } from '../../src/lib/vermagic.ts'

t.test('vermagic ends as that of the architecture does', async t => {
  t.equal(
    vermagic('6.1.0-13-amd64', 'x64'),
    '6.1.0-13-amd64 SMP preempt mod_unload modversions ',
  )
  t.equal(
    vermagic('6.1.0-13-arm64', 'arm64'),
    '6.1.0-13-arm64 SMP preempt mod_unload modversions aarch64',
  )
})
