// The thread of lockup_detector.ts: looks at the counter, and asks when it stands still.

import { Session } from 'node:inspector'
import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { BEAT, LIMIT_MS, LOOKS, REPORT } from './lockup_detector.ts'

/** How often to look when nothing is watched for, in milliseconds. */
const IDLE = 1000
/** How long the main thread may take to answer before it counts as dead, in milliseconds. */
const PATIENCE = 5000

const shared = workerData as Int32Array

/** True if it answered. It does not if it ends meanwhile, or if it is stuck in a single instruction. */
async function report(seconds: number, count: number): Promise<boolean> {
  const session = new Session()
  session.connectToMainThread()
  const expression = `globalThis[Symbol.for('${REPORT}')](${seconds}, ${count})`
  const answered = new Promise<boolean>(resolve => {
    session.post('Runtime.evaluate', { expression }, error => resolve(error === null))
  })
  const late = sleep(PATIENCE, false)
  const answer = await Promise.race([answered, late])
  session.disconnect()
  return answer
}

/**
 * Time counts by looks, each for twice its interval at most: so a process that was stopped, or a machine
 * that was asleep, has not been busy.
 */
async function watch(): Promise<never> {
  let beat = 0
  let busy = 0
  let reports = 0
  for (;;) {
    const limit = Atomics.load(shared, LIMIT_MS)
    const interval = limit === 0 ? IDLE : limit / LOOKS
    const before = performance.now()
    await sleep(interval)
    const now = Atomics.load(shared, BEAT)
    if (limit === 0 || now !== beat) {
      beat = now
      busy = reports = 0
      continue
    }
    busy += Math.min(performance.now() - before, 2 * interval)
    if (busy < limit * (reports + 1)) continue
    if (!(await report(busy / 1000, ++reports))) process.kill(process.pid, 'SIGKILL')
  }
}

void watch()
