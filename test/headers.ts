// What the headers declare and what the kernel exports are the same, name by name.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { kernelSymbols } from '../scripts/symvers.ts'
import { MODULE_LAYOUT } from '../src/kbuild/modpost.ts'
import { parseSymvers } from '../src/kbuild/symvers.ts'
import type { KernelSymbol } from '../src/kernel/symbols.ts'
import { bootThisMachine } from '../src/this_machine.ts'

const root = resolve(import.meta.dirname, '..')
const folder = join(root, 'src/include/linux')
const headers = readdirSync(folder)
  .filter(name => name.endsWith('.ts'))
  .map(name => join(folder, name))

interface Declared {
  name: string
  header: string
  isFunction: boolean
}

const declared = declarations()
const exported = await exports()

t.test('what a header declares without a body, the kernel exports', async t => {
  for (const { name, header, isFunction } of declared) {
    const symbol = exported.get(name)
    t.ok(symbol, `${header}: ${name} is exported`)
    if (!symbol) continue
    t.equal(
      typeof symbol.get() === 'function',
      isFunction,
      `${name}: function or variable`,
    )
  }
})

t.test('what the kernel exports, one header declares', async t => {
  for (const name of exported.keys()) {
    const places = declared.filter(one => one.name === name).map(one => one.header)
    t.equal(places.length, 1, `${name} is declared in: ${places.join(', ') || 'none'}`)
  }
})

t.test('Module.symvers agrees with kernel and headers', async t => {
  const entries = kernelSymbols(root)
  for (const { name, gpl } of entries.filter(entry => entry.name !== MODULE_LAYOUT)) {
    t.equal(exported.get(name)?.gpl_only, gpl, `${name}: for GPL modules only`)
  }
  const file = join(root, 'dist/Module.symvers')
  if (!existsSync(file))
    return t.comment('not built: dist/Module.symvers is not compared')
  t.strictSame(parseSymvers(readFileSync(file, 'utf8')), entries, 'it is up to date')
})

t.test('a header says in which file its functions are, and is right', async t => {
  for (const header of headers) {
    const text = readFileSync(header, 'utf8')
    const [, named = ''] = /Implemented in (.*)/.exec(text) ?? []
    const places = named.match(/(?<=^|and )[a-z_]+\/(?:[\w/.]*[\w/])?/g) ?? []
    const needsOne = declared.some(one => one.header === basename(header))
    t.ok(!needsOne || places.length > 0, `${basename(header)} names a file`)
    for (const place of places) t.ok(existsSync(join(root, 'src', place)), place)
  }
})

/** Each `export declare` of a header, with the kind of thing it says it is. */
function declarations(): Declared[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), path =>
    ts.sys.readFile(path),
  )
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const program = ts.createProgram(headers, { ...options, noEmit: true })
  const checker = program.getTypeChecker()
  return headers.flatMap(header => {
    const source = program.getSourceFile(header)
    const module = source && checker.getSymbolAtLocation(source)
    if (!module) return []
    return checker.getExportsOfModule(module).flatMap(symbol => {
      const at = symbol.valueDeclaration
      if (at?.getSourceFile() !== source || !isDeclare(at)) return []
      const type = checker.getTypeOfSymbol(symbol)
      const isFunction = type.getCallSignatures().length > 0
      return { name: symbol.name, header: basename(header), isFunction }
    })
  })
}

function isDeclare(node: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Ambient) !== 0
}

/** The symbols of a kernel that has booted and loaded nothing. */
async function exports(): Promise<Map<string, KernelSymbol>> {
  const { symbols } = await bootThisMachine({})
  const own = symbols.all().filter(({ owner }) => owner === undefined)
  return new Map(own.map(symbol => [symbol.name, symbol]))
}
