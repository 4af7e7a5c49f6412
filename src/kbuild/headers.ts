// Where modbox itself lies, and what its headers declare.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { KbuildError } from './errors.ts'

/** The folder of the package named "modbox" that this file belongs to, in src/ or in dist/. */
export function findModboxRoot(from: string = import.meta.dirname): string {
  for (let dir = from; ; dir = dirname(dir)) {
    if (packageName(dir) === 'modbox') return dir
    if (dir === dirname(dir)) {
      throw new KbuildError(
        `Cannot find modbox's headers: no package.json of modbox above "${from}"`,
      )
    }
  }
}

function packageName(dir: string): unknown {
  const file = join(dir, 'package.json')
  if (!existsSync(file)) return undefined

  const content = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown }
  return content.name
}

/** The headers `#linux/<name>` of one folder, by default modbox's own. */
export class Headers {
  /** What their files have in common: `.../src/include`. */
  readonly include: string

  constructor(include: string = join(findModboxRoot(), 'src', 'include')) {
    this.include = include
  }

  /** The file behind `#linux/<name>`; undefined if there is no such header. */
  resolve(name: string): string | undefined {
    if (!/^[\w-]+(\/[\w-]+)*$/.test(name)) return undefined
    const file = join(this.include, 'linux', `${name}.ts`)
    return existsSync(file) ? file : undefined
  }

  has(file: string): boolean {
    return file.startsWith(this.include + '/')
  }

  /** The headers that declare `symbol`, as a driver would import them. */
  declaring(symbol: string): string[] {
    const escaped = symbol.replaceAll('$', '\\$')
    const declaration = new RegExp(
      `^export (?:declare )?(?:const|let|function|class) ${escaped}(?![\\w$])`,
      'm',
    )
    const folder = join(this.include, 'linux')
    return readdirSync(folder)
      .filter(name => name.endsWith('.ts'))
      .filter(name => declaration.test(readFileSync(join(folder, name), 'utf8')))
      .map(name => `#linux/${name.slice(0, -3)}`)
  }
}
