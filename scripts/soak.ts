// npm run soak [-- --seed N --seconds N --steps N]: uses machines that are mounted, in every way at once, for
// so many seconds or rounds, and looks what is left of it.

import { runWatched } from '../test/fuzz/watched.ts'
import { runJob } from '../test/soak/jobs.ts'
import { Soak } from '../test/soak/soak.ts'

const [, , first, name, ...words] = process.argv
if (first === '--job') await runJob(name ?? '', words)
else
  await runWatched({
    name: 'soak',
    summary:
      'Use machines that are mounted, in every way at once, and look what is left of them.',
    parts: { soak: seed => new Soak(seed) },
    seconds: 120,
  })
