// The headers that drivers import, and what they declare.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package.ts'

/** The headers `#linux/<name>` of one folder, by default modbox's own. */
export class Headers {
  /** What their files have in common: `.../src/include`. */
  readonly include: string

  constructor(include: string = join(packageRoot(), 'src', 'include')) {
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
