// Where a build happens and how it speaks: what its stages share.
import { release } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { hostMachine } from '../elf/writer.ts'
import { vermagic } from '../lib/vermagic.ts'
import { packageRoot } from '../package.ts'
import { Headers } from './headers.ts'
import type { KbuildOptions } from './options.ts'
import { readSymvers } from './symvers.ts'
import type { SymversEntry } from './symvers.ts'

export class Site {
  /** Of the sources, absolute. */
  readonly dir: string
  /** Of what is made, absolute. */
  readonly output: string
  readonly options: KbuildOptions
  readonly headers: Headers
  /** The kernel's. */
  readonly release: string
  readonly vermagic: string
  /** EM_* */
  readonly machine: number
  /** Module.symvers files of other modules. */
  readonly extraSymbols: string[]
  readonly #cwd: string

  constructor(dir: string, options: KbuildOptions) {
    this.options = options
    this.#cwd = resolve(options.cwd ?? '.')
    this.dir = resolve(this.#cwd, dir)
    this.output = options.output ? resolve(this.#cwd, options.output) : this.dir
    this.headers = new Headers(options.include)
    this.release = options.release ?? release()
    this.vermagic = vermagic(this.release)
    this.machine = hostMachine()
    this.extraSymbols = [...(options.extraSymbols ?? [])]
  }

  /** Where what is made of a source, or of a folder of sources, goes. */
  made(source: string): string {
    return join(this.output, relative(this.dir, source))
  }

  /** A path for people: from the working folder on if it is below, whole otherwise. */
  shown(path: string): string {
    const fromHere = relative(this.#cwd, path)
    return fromHere === '' || fromHere.startsWith('..') ? path : fromHere
  }

  /** A line as Linux's build prints it: `  CC [M]  hello.o`. */
  say(what: string, file: string): void {
    this.line(`  ${what.padEnd(7)} ${this.shown(file)}`)
  }

  line(text: string): void {
    this.options.onLine?.(text)
  }

  warn(text: string): void {
    if (this.options.onWarning) this.options.onWarning(text)
    else this.line(text)
  }

  /** The kernel's symbols and those of KBUILD_EXTRA_SYMBOLS. Throws KbuildError. */
  knownSymbols(): SymversEntry[] {
    const { symvers } = this.options
    const kernel = symvers ?? join(packageRoot(), 'dist', 'Module.symvers')
    const hint = "`npm run build` makes this list of the kernel's symbols"
    return [
      ...this.#symvers(kernel, hint),
      ...this.extraSymbols.flatMap(file => this.#symvers(file, 'no such file')),
    ]
  }

  #symvers(file: string, hint: string): SymversEntry[] {
    const path = resolve(this.#cwd, file)
    return readSymvers(path, this.shown(path), hint)
  }
}
