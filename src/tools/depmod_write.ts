// What depmod leaves: files that are complete or not there. And whether there is anything to do.

import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import { DEPMOD_FILES } from '../kmod/depmod.ts'
import type { DepmodLog } from '../kmod/depmod_log.ts'
import type { Results } from '../kmod/depmod_output.ts'
import { isModulePath } from '../kmod/module_path.ts'
import { Failed, wordsOf } from './depmod_log.ts'
import type { World } from './world.ts'

/** Write each file under a name of its own first, and then give it its name. */
export function writeIndexes(results: Results, dirname: string): void {
  const { log } = results
  try {
    mkdirSync(dirname, { recursive: true })
  } catch (error) {
    log('FATAL', `could not create directory ${dirname}: ${wordsOf(error)}`)
    throw new Failed()
  }
  const now = Date.now()
  const suffix = `${process.pid}.${(now % 1000) * 1000}.${Math.floor(now / 1000)}`
  for (const file of DEPMOD_FILES) {
    const data = 'text' in file ? file.text(results) : file.binary(results)
    replace(dirname, file.name, `${file.name}.${suffix}`, data, log)
  }
}

/** -n: what is text, one after the other. */
export function writeTexts(results: Results, world: World): void {
  for (const file of DEPMOD_FILES) if ('text' in file) world.out(file.text(results))
}

/** -A: modules.dep is there, and no module is newer by a second. */
export function isUpToDate(dirname: string, log: DepmodLog): boolean {
  try {
    statSync(dirname)
  } catch (error) {
    log('ERROR', `could not open directory ${dirname}: ${wordsOf(error)}`)
    return false
  }
  try {
    const written = seconds(statSync(`${dirname}/modules.dep`))
    return !holdsNewer(dirname, written, log)
  } catch (error) {
    log('ERROR', `could not fstatat(${dirname}, modules.dep): ${wordsOf(error)}`)
    return false
  }
}

function holdsNewer(folder: string, written: number, log: DepmodLog): boolean {
  return readdirSync(folder).some(name => {
    if (name === 'build' || name === 'source') return false
    const path = `${folder}/${name}`
    const stat = statSync(path, { throwIfNoEntry: false })
    if (!stat) {
      log('ERROR', `fstatat(${path}): No such file or directory`)
      return false
    }
    if (stat.isDirectory()) return holdsNewer(path, written, log)
    return stat.isFile() && isModulePath(name) && seconds(stat) > written
  })
}

function seconds({ mtimeMs }: Stats): number {
  return Math.floor(mtimeMs / 1000)
}

function replace(
  dirname: string,
  name: string,
  temporary: string,
  data: string | Uint8Array,
  log: DepmodLog,
): void {
  try {
    writeFileSync(`${dirname}/${temporary}`, data, { flag: 'wx', mode: 0o644 })
  } catch (error) {
    const flags = '301, 644' // O_CREAT | O_EXCL | O_WRONLY, and the mode
    log('ERROR', `openat(${dirname}, ${temporary}, ${flags}): ${wordsOf(error)}`)
    rmSync(`${dirname}/${temporary}`, { force: true })
    return
  }
  try {
    renameSync(`${dirname}/${temporary}`, `${dirname}/${name}`)
  } catch (error) {
    const names = `${dirname}, ${temporary}, ${dirname}, ${name}`
    log('FATAL', `renameat(${names}): ${wordsOf(error)}`)
    rmSync(`${dirname}/${temporary}`, { force: true })
    throw new Failed()
  }
}
