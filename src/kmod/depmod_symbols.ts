// The symbols that depmod knows: those of the kernel, from Module.symvers or System.map, and of
// all modules. Through them it learns which module needs which.

import type { DepmodLog } from './depmod_log.ts'
import type { DepmodModule } from './depmod_module.ts'
import { hashOrder } from './hash_order.ts'

export interface KnownSymbol {
  readonly name: string
  readonly crc: bigint
  /** Undefined for the kernel's own. */
  readonly owner: DepmodModule | undefined
}

export interface LinkOptions {
  /** Compare CRCs; there must be CRCs of the kernel's symbols. */
  readonly checkSymvers: boolean
  /** Report what is missing, and with `checkSymvers` what differs. */
  readonly printUnknown: boolean
}

/** kmod's table has as many buckets; the order of modules.symbols comes from it. */
const BUCKETS = 2048

/** The loader makes them, or a linker, so that no module has to export them. */
const MADE_BY_LOADER = ['__this_module', '_GLOBAL_OFFSET_TABLE_', 'TOC.']

export class SymbolTable {
  readonly #symbols = new Map<string, KnownSymbol>()
  readonly #prefix: string

  /** `prefix` is a letter that an architecture puts before each symbol, or nothing. */
  constructor(prefix = '') {
    this.#prefix = prefix
  }

  /** The last one of a name counts. */
  add(name: string, crc: bigint, owner?: DepmodModule): void {
    this.#put(this.#withoutPrefix(name), crc, owner)
  }

  find(name: string): KnownSymbol | undefined {
    const plain = name.startsWith('.') ? name.slice(1) : name
    return this.#symbols.get(this.#withoutPrefix(plain))
  }

  /** Those of modules. */
  exported(): (KnownSymbol & { owner: DepmodModule })[] {
    return hashOrder(this.#symbols.keys(), BUCKETS).flatMap(name => {
      const symbol = this.#symbols.get(name)
      return symbol?.owner ? [{ ...symbol, owner: symbol.owner }] : []
    })
  }

  /** Module.symvers; only the lines of vmlinux count. `file` is its name in messages. */
  addSymvers(text: string, file: string, log: DepmodLog): void {
    for (const [at, line] of text.split(/(?<=\n)/).entries()) {
      const [crc, name, where] = line.split(/[ \t]+/).filter(word => word !== '')
      if (crc === undefined || name === undefined || where !== 'vmlinux') continue
      if (/^(?:0x)?[0-9a-f]+$/i.test(crc)) {
        this.add(name, BigInt(`0x${crc.replace(/^0x/i, '')}`))
      } else {
        // kmod adds an error number that is left over from something else, mostly this one.
        const left = 'No such file or directory'
        log('ERROR', `${file}:${at + 1} Invalid symbol version ${crc}: ${left}`)
      }
    }
    this.#addMadeByLoader()
  }

  /** System.map: what __ksymtab_… is there for is exported; there are no CRCs. */
  addSystemMap(text: string, file: string, log: DepmodLog): void {
    for (const [at, line] of text.split(/(?<=\n)/).entries()) {
      const [, rest] = /^[^ ]* [^ ]* (.*)$/s.exec(line) ?? []
      if (rest === undefined) {
        if (line !== '') log('ERROR', `${file}:${at + 1}: invalid line: ${line}`)
        continue
      }
      const [, name] = /^__ksymtab_([^\n]*)/.exec(this.#withoutPrefix(rest)) ?? []
      if (name !== undefined) this.#put(name, 0n, undefined)
    }
    this.#addMadeByLoader()
  }

  #addMadeByLoader(): void {
    for (const name of MADE_BY_LOADER) this.#put(name, 0n, undefined)
  }

  #put(name: string, crc: bigint, owner: DepmodModule | undefined): void {
    this.#symbols.set(name, { name, crc, owner })
  }

  #withoutPrefix(name: string): string {
    return this.#prefix !== '' && name.startsWith(this.#prefix) ? name.slice(1) : name
  }
}

/** Find out whom `module` needs; what cannot be found is reported, if that is wanted. */
export function linkModule(
  module: DepmodModule,
  symbols: SymbolTable,
  { checkSymvers, printUnknown }: LinkOptions,
  log: DepmodLog,
): void {
  for (const { name, crc, weak } of module.facts.needs) {
    const symbol = symbols.find(name)
    if (!symbol) {
      if (printUnknown && !weak) {
        log('WARNING', `${module.path} needs unknown symbol ${name}`)
      }
      continue
    }
    if (checkSymvers && printUnknown && symbol.crc !== crc && !weak) {
      log('WARNING', `${module.path} disagrees about version of symbol ${name}`)
    }
    addDependency(module, symbol, log)
  }
}

function addDependency(
  module: DepmodModule,
  { name, owner }: KnownSymbol,
  log: DepmodLog,
): void {
  if (!owner || module.deps.includes(owner)) return
  module.deps.push(owner)
  owner.users++
  log('show', `${module.path} needs "${name}": ${owner.path}`)
}
