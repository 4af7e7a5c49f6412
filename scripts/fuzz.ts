// npm run fuzz [-- --part NAME --seed N --steps N --seconds N]: treats machines badly, in several ways
// one after the other.

import { PARTS } from '../test/fuzz/parts.ts'
import { runWatched } from '../test/fuzz/watched.ts'

await runWatched({
  name: 'fuzz',
  summary: 'Treat machines badly, in several ways one after the other.',
  parts: PARTS,
  seconds: 60,
})
