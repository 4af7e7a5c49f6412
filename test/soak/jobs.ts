// The jobs of the soak that are written in TypeScript, by name. Each is a process of its own, as those in C are.

import { files } from './files_job.ts'
import { load, unload, view } from './load_job.ts'
import { modules } from './modules_job.ts'

/** Throws at the first answer that is another than it should be; else how many calls there were. */
type Work = (words: readonly string[]) => Promise<number>

export const JOBS: Record<string, Work> = { files, load, modules, unload, view }

/** Says what the programs in C say: see test/programs/soak.h. */
export async function runJob(name: string, words: readonly string[]): Promise<void> {
  try {
    const calls = await JOBS[name]?.(words)
    console.log(`${calls} calls`)
  } catch (error) {
    console.log((error as Error).message)
    process.exitCode = 1
  }
}
