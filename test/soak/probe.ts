// Loaded into a daemon before itself: on SIGUSR2 it collects garbage and writes a file that says what
// is left. The file is that of $MODBOX_SOAK_PROBE, with the number of the process behind it.

import { renameSync, writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export interface Probed {
  /** Bytes that are in use: of the heap, of buffers, and of what addons hold. */
  used: number
  /** Bytes of memory that the process has from the host, used or not. */
  resident: number
  /** What libuv holds, by kind. */
  resources: Record<string, number>
}

/** What finalisers let go of is collected the next time. */
const COLLECTIONS = 4

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

async function probe(file: string): Promise<void> {
  for (let n = 0; n < COLLECTIONS; n++) {
    collect()
    await new Promise(resolve => setImmediate(resolve))
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) {
    resources[kind] = (resources[kind] ?? 0) + 1
  }
  const probed: Probed = { used: heapUsed + external, resident: rss, resources }
  writeFileSync(`${file}.new`, JSON.stringify(probed))
  renameSync(`${file}.new`, file)
}

const file = process.env.MODBOX_SOAK_PROBE
if (file) process.on('SIGUSR2', () => void probe(`${file}.${process.pid}`))
