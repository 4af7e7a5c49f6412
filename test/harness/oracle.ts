// A recorded session of a real kernel as a test: what was played on it is played on ours.

import t from 'tap'
import { percentEqual } from '../oracle/compare.ts'
import { isEnough, runScenario } from '../oracle/scenario.ts'
import { requireThat, requireTool } from './require.ts'

export function oracleTest(name: string): void {
  t.test(`${name}: what Linux printed`, async t => {
    if (!requireThat(t, process.getuid?.() === 0, 'needs root')) return
    if (!requireTool(t, 'cc') || !requireTool(t, 'unshare')) return
    const result = await runScenario(name)
    t.ok(isEnough(result), `${percentEqual(result).toFixed(2)} % equal`)
    t.same(result.missing, [], 'what differs is in docs/fidelity.md')
    t.same(result.stale, [], 'what docs/fidelity.md lists differs')
  })
}
