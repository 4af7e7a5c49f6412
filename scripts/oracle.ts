// npm run oracle [-- SCENARIO…]: plays recorded sessions of a real kernel on ours and prints, for
// each and for all together, how many lines are the same. With --diff it prints those that are not.

import { type Comparison, percentEqual } from '../test/oracle/compare.ts'
import {
  isEnough,
  isEnoughOverAll,
  runScenario,
  scenarios,
} from '../test/oracle/scenario.ts'

const words = process.argv.slice(2)
const diff = words.includes('--diff')
const chosen = words.filter(word => !word.startsWith('-'))

const total: Comparison = { equal: 0, different: 0, lines: [] }

function report(name: string, comparison: Comparison): void {
  const { equal, different } = comparison
  console.log(
    `${name.padEnd(16)} ${String(equal).padStart(5)} equal ${String(different).padStart(4)} different  ${percentEqual(comparison).toFixed(2)} %`,
  )
}

for (const name of chosen.length > 0 ? chosen : scenarios()) {
  const result = await runScenario(name)
  total.equal += result.equal
  total.different += result.different
  report(name, result)
  if (diff) console.log(result.lines.map(line => `  ${line}`).join('\n'))
  for (const line of result.missing) console.log(`  not in docs/fidelity.md: ${line}`)
  for (const line of result.stale) console.log(`  no longer different: ${line}`)
  if (!isEnough(result) || result.missing.length > 0 || result.stale.length > 0) {
    process.exitCode = 1
  }
}

if (chosen.length === 0) {
  report('all', total)
  if (!isEnoughOverAll(total)) process.exitCode = 1
}
