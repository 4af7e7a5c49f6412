// npm run oracle [-- SCENARIO…]: plays recorded sessions of a real kernel on ours and prints, for
// each, how many lines are the same. With --diff it prints those that are not.

import { percentEqual } from '../test/oracle/compare.ts'
import { isEnough, runScenario, scenarios } from '../test/oracle/scenario.ts'

const words = process.argv.slice(2)
const diff = words.includes('--diff')
const chosen = words.filter(word => !word.startsWith('-'))

for (const name of chosen.length > 0 ? chosen : scenarios()) {
  const result = await runScenario(name)
  const percent = percentEqual(result)
  console.log(
    `${name.padEnd(16)} ${String(result.equal).padStart(5)} equal ${String(result.different).padStart(4)} different  ${percent.toFixed(2)} %`,
  )
  if (diff) console.log(result.lines.map(line => `  ${line}`).join('\n'))
  for (const line of result.missing) console.log(`  not in docs/fidelity.md: ${line}`)
  for (const line of result.stale) console.log(`  no longer different: ${line}`)
  if (!isEnough(name, result) || result.missing.length > 0 || result.stale.length > 0) {
    process.exitCode = 1
  }
}
