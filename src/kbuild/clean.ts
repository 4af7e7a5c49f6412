// Removes what a build leaves: in the folder and all below it, as Linux's `make clean` does.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { KbuildOptions } from './options.ts'
import { Site } from './site.ts'

/** Linux also removes what only its other compilers leave. */
const GENERATED =
  /^(.*\.([aios]|ko|mod|mod\.c|ko\..*|symtypes|lst|su)|\..*\.(cmd|d|tmp)|modules\.order|\.tmp_.*\.o\..*)$/
const AT_TOP = ['Module.symvers', 'modules.nsdeps', 'compile_commands.json']

/** Remove everything that was built in `dir`. */
export function clean(dir: string, options: KbuildOptions = {}): void {
  const site = new Site(dir, options)
  const lists = AT_TOP.map(name => join(site.output, name)).filter(file =>
    existsSync(file),
  )
  if (lists.length > 0) {
    site.line(`  CLEAN   ${lists.map(file => site.shown(file)).join(' ')}`)
  }
  const generated = filesBelow(site.output).filter(file => GENERATED.test(basename(file)))
  for (const file of [...lists, ...generated]) rmSync(file, { force: true })
}

/** Folders that hold no sources of drivers; Linux knows those of version control. */
const NOT_OURS = new Set(['.git', '.svn', '.hg', '.bzr', 'CVS', 'SCCS', 'node_modules'])

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesBelow(path)
    return entry.isFile() ? [path] : []
  })
}
