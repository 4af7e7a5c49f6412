// Builds the modules of a folder: plan, compile what is stale, modpost, link.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { basename, join, relative, resolve, sep } from 'node:path'
import { modinfoValue } from '../elf/modinfo.ts'
import { readModule } from '../elf/module_image.ts'
import type { ModuleImage } from '../elf/module_image.ts'
import { hostMachine } from '../elf/writer.ts'
import { BytesError } from '../lib/bytes.ts'
import { vermagic } from '../lib/vermagic.ts'
import { packageRoot } from '../package.ts'
import { checkTypes } from './check.ts'
import { compile } from './compile.ts'
import type { CompiledScript } from './compile.ts'
import { formatDiagnostic, KbuildError } from './errors.ts'
import { evaluate } from './evaluate.ts'
import { Headers } from './headers.ts'
import { exportsWithCrc, modinfo, modpost, symbolTable } from './modpost.ts'
import type { CompiledModule, Linkage, SymbolTable } from './modpost.ts'
import { moduleFile } from './module_file.ts'
import type { BuildResult, BuiltModule, KbuildOptions } from './options.ts'
import { writeIfChanged, writeWhole } from './output.ts'
import { plan } from './plan.ts'
import type { PlannedModule } from './plan.ts'
import { isFresh, toolsStamp, writeRecord } from './stale.ts'
import { formatSymvers, readSymvers } from './symvers.ts'
import type { SymversEntry } from './symvers.ts'

export { KbuildError } from './errors.ts'
export type { BuildResult, BuiltModule, KbuildOptions } from './options.ts'

/** Build all modules of `dir`. Throws KbuildError, whose message is ready to print. */
export function kbuild(dir: string, options: KbuildOptions = {}): Promise<BuildResult> {
  return new Build(resolve(options.cwd ?? '.', dir), options).run()
}

/** A module on its way; `script` only if it had to be compiled. */
interface ModuleInProgress extends CompiledModule {
  plan: PlannedModule
  file: string
  fresh?: ModuleImage
  script?: CompiledScript
}

class Build {
  readonly #dir: string
  readonly #options: KbuildOptions
  readonly #headers: Headers
  readonly #vermagic: string
  readonly #cwd: string
  readonly #output: string

  constructor(dir: string, options: KbuildOptions) {
    this.#dir = dir
    this.#options = options
    this.#headers = new Headers(options.include)
    this.#vermagic = vermagic(options.release ?? release())
    this.#cwd = resolve(options.cwd ?? '.')
    this.#output = options.output ? resolve(this.#cwd, options.output) : dir
  }

  async run(): Promise<BuildResult> {
    const planned = plan(this.#dir, {
      shown: path => this.#shown(path),
      defines: { KERNELRELEASE: release(), ...this.#options.defines },
    })
    const known = this.#knownSymbols()
    let modules = await Promise.all(planned.map(one => this.#prepare(one)))
    let table = symbolTable(known, modules)

    const outdated = modules.filter(one => one.fresh && !this.#linksTo(one, table))
    if (outdated.length > 0) {
      modules = await Promise.all(
        modules.map(one =>
          outdated.includes(one) ? this.#compile(one.plan) : Promise.resolve(one),
        ),
      )
      table = symbolTable(known, modules)
    }
    await this.#checkTypes(modules)
    return this.#finish(modules, table)
  }

  #finish(modules: readonly ModuleInProgress[], table: SymbolTable): BuildResult {
    const stale = modules.filter(one => !one.fresh)
    const symvers = join(this.#output, 'Module.symvers')
    if (stale.length > 0) this.#say('MODPOST', symvers)
    const linked = stale.map(one => ({ one, linkage: modpost(one, table) }))
    for (const { one, linkage } of linked) this.#link(one, linkage)

    const own = new Set(modules.map(one => one.path))
    writeIfChanged(
      symvers,
      formatSymvers([...table.values()].filter(entry => own.has(entry.module))),
    )
    const built = (one: ModuleInProgress): BuiltModule => ({
      name: one.name,
      file: one.file,
      rebuilt: !one.fresh,
    })
    return {
      modules: modules.filter(one => !one.plan.builtin).map(built),
      builtin: modules.filter(one => one.plan.builtin).map(built),
      symvers,
    }
  }

  #knownSymbols(): SymversEntry[] {
    const { symvers, extraSymbols = [] } = this.#options
    const kernel = symvers ?? join(packageRoot(), 'dist', 'Module.symvers')
    return [
      ...this.#readSymvers(
        kernel,
        "`npm run build` makes this list of the kernel's symbols",
      ),
      ...extraSymbols.flatMap(file => this.#readSymvers(file, 'no such file')),
    ]
  }

  #readSymvers(file: string, hint: string): SymversEntry[] {
    const path = resolve(this.#cwd, file)
    return readSymvers(path, this.#shown(path), hint)
  }

  /** Take a module that is up to date as it is; compile it otherwise. */
  async #prepare(planned: PlannedModule): Promise<ModuleInProgress> {
    const file = this.#target(planned)
    if (this.#options.force || !isFresh(file, this.#settings(planned))) {
      return this.#compile(planned)
    }
    const image = readModule(readFileSync(file))
    return {
      ...this.#identity(planned),
      fresh: image,
      undefined: image.undefined,
      exports: image.exports,
      facts: { modinfo: image.modinfo, params: [], exports: [] },
    }
  }

  async #compile(planned: PlannedModule): Promise<ModuleInProgress> {
    const identity = this.#identity(planned)
    this.#sayCompiled(planned)
    const script = await compile({
      sources: planned.sources,
      folder: planned.folder,
      headers: this.#headers,
      shown: path => this.#shown(path),
    })
    for (const warning of script.warnings) {
      this.#options.onLine?.(formatDiagnostic({ ...warning, severity: 'warning' }))
    }
    const facts = evaluate({
      name: planned.name,
      script: script.script,
      sourceMap: script.sourceMap,
      source: name => this.#ownSource(planned, name),
      file: this.#shown(planned.sources[0] ?? planned.folder),
    })
    const exports = exportsWithCrc(facts, script.signatures)
    return { ...identity, script, undefined: script.undefined, facts, exports }
  }

  /** Was an up-to-date module linked against the symbols as they are now? */
  #linksTo(one: ModuleInProgress, table: SymbolTable): boolean {
    const { versions, depends } = modpost(one, table)
    const image = one.fresh
    return (
      image !== undefined &&
      modinfoValue(image.modinfo, 'depends') === depends.join(',') &&
      image.versions.size === versions.size &&
      [...versions].every(([name, crc]) => image.versions.get(name) === crc)
    )
  }

  #link(one: ModuleInProgress, linkage: Linkage): void {
    const { script, plan } = one
    if (!script) return

    this.#say(plan.builtin ? 'LD' : 'LD [M]', one.file)
    writeWhole(one.file, this.#image(one, script, linkage))
    writeRecord(one.file, this.#settings(plan), script.inputs)
  }

  #image(one: ModuleInProgress, script: CompiledScript, linkage: Linkage): Uint8Array {
    try {
      return moduleFile({
        name: one.name,
        script: script.script,
        sourceMap: script.sourceMap,
        modinfo: modinfo(one, linkage.depends, {
          srcversion: srcversion(script),
          vermagic: this.#vermagic,
          intree: one.plan.builtin,
          arch: process.arch,
        }),
        versions: linkage.versions,
        undefined: one.undefined,
        exports: one.exports,
        facts: one.facts,
        machine: hostMachine(),
      })
    } catch (error) {
      if (!(error instanceof BytesError)) throw error
      throw new KbuildError(`${this.#shown(one.file)}: error: ${error.message}`)
    }
  }

  async #checkTypes(modules: readonly ModuleInProgress[]): Promise<void> {
    if (!this.#options.check) return
    await checkTypes({
      sources: modules.flatMap(one => one.plan.sources),
      headers: this.#headers,
      shown: path => this.#shown(path),
    })
  }

  #identity(
    planned: PlannedModule,
  ): Pick<ModuleInProgress, 'name' | 'path' | 'plan' | 'file'> {
    const file = this.#target(planned)
    return {
      name: planned.name,
      path: this.#shown(file).replace(/\.ko$/, ''),
      plan: planned,
      file,
    }
  }

  #target(planned: PlannedModule): string {
    return join(this.#output, relative(this.#dir, planned.folder), `${planned.target}.ko`)
  }

  /** All that decides what a build gives, but for the contents of files. */
  #settings({ name, sources, folder, builtin }: PlannedModule): string {
    return JSON.stringify([
      toolsStamp(),
      name,
      sources.map(source => relative(folder, source)),
      builtin,
      this.#vermagic,
      this.#headers.include,
    ])
  }

  /** A source as the source map names it: from the parent of the driver's folder on. */
  #ownSource(
    { folder }: PlannedModule,
    name: string,
  ): { file: string; lines: string[] } | undefined {
    const path = resolve(folder, '..', name)
    if (!path.startsWith(folder + sep)) return undefined
    return { file: this.#shown(path), lines: readFileSync(path, 'utf8').split('\n') }
  }

  #sayCompiled({ folder, sources, builtin }: PlannedModule): void {
    const output = join(this.#output, relative(this.#dir, folder))
    for (const source of sources) {
      this.#say(
        builtin ? 'CC' : 'CC [M]',
        join(output, basename(source).replace(/\.ts$/, '.o')),
      )
    }
  }

  /** A line as Linux's build prints it. */
  #say(what: string, file: string): void {
    this.#options.onLine?.(`  ${what.padEnd(7)} ${this.#shown(file)}`)
  }

  /** From the working folder on if it is below; whole otherwise. */
  #shown(path: string): string {
    const fromHere = relative(this.#cwd, path)
    return fromHere === '' || fromHere.startsWith('..') ? path : fromHere
  }
}

/** 23 hexadecimal digits that change with the sources. */
function srcversion({ script }: CompiledScript): string {
  return createHash('sha1').update(script).digest('hex').slice(0, 23).toUpperCase()
}
