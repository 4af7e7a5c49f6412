// Writes Module.symvers: the symbols of the kernel itself, for kbuild, the loader and depmod -E.
//
// Each name that a header of src/include/linux declares without a body is one. Its CRC is
// made of its type as the compiler sees it, so it changes when the signature changes.
// Part of `npm run build`.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import ts from 'typescript'
import { MODULE_LAYOUT } from '../src/kbuild/modpost.ts'
import { formatSymvers } from '../src/kbuild/symvers.ts'
import type { SymversEntry } from '../src/kbuild/symvers.ts'
import { packageRoot } from '../src/package.ts'

/** What modules and kernel share beyond functions: a change makes old modules unfit. */
const LAYOUT = new Set(['this_module', 'module', 'file', 'inode', 'file_operations'])

const FULL = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias

/** The kernel's exports by the headers below `root`, in the order of their names. */
export function kernelSymbols(root: string): SymversEntry[] {
  const program = createProgram(root)
  const checker = program.getTypeChecker()
  const gplOnly = new Set(program.getSourceFiles().flatMap(gplSymbols))
  const symbols = new Map<string, SymversEntry>()
  const layout: string[] = []
  for (const file of program.getSourceFiles()) {
    if (dirname(file.fileName) !== join(root, 'src/include/linux')) continue

    for (const name of externs(file)) {
      const signature = checker.typeToString(
        checker.getTypeAtLocation(name),
        undefined,
        FULL,
      )
      symbols.set(name.text, entry(name.text, signature, gplOnly.has(name.text)))
    }
    layout.push(...layoutOf(file, checker))
  }
  symbols.set(MODULE_LAYOUT, entry(MODULE_LAYOUT, layout.toSorted().join('; '), false))
  return [...symbols.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function entry(name: string, signature: string, gpl: boolean): SymversEntry {
  const crc = crc32(`${name}: ${signature}`)
  return { name, crc, module: 'vmlinux', gpl, namespace: '' }
}

function createProgram(root: string): ts.Program {
  const folder = join(root, 'src/include/linux')
  const headers = readdirSync(folder).filter(name => name.endsWith('.ts'))
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), name =>
    ts.sys.readFile(name),
  )
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  return ts.createProgram(
    headers.map(name => join(folder, name)),
    { ...options, noEmit: true },
  )
}

/** Names of top-level `export declare const` and `export declare function`. */
function externs(file: ts.SourceFile): ts.Identifier[] {
  return file.statements.filter(isExtern).flatMap(statement => {
    if (ts.isFunctionDeclaration(statement)) return statement.name ?? []
    if (!ts.isVariableStatement(statement)) return []
    return statement.declarationList.declarations
      .map(declaration => declaration.name)
      .filter(name => ts.isIdentifier(name))
  })
}

function isExtern(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false
  const kinds = ts.getModifiers(statement)?.map(modifier => modifier.kind) ?? []
  return (
    kinds.includes(ts.SyntaxKind.ExportKeyword) &&
    kinds.includes(ts.SyntaxKind.DeclareKeyword)
  )
}

/** Each member of the shared structures, with its type. */
function layoutOf(file: ts.SourceFile, checker: ts.TypeChecker): string[] {
  return file.statements
    .filter(statement => ts.isInterfaceDeclaration(statement))
    .filter(statement => LAYOUT.has(statement.name.text))
    .flatMap(statement => {
      const type = checker.getTypeAtLocation(statement)
      return checker.getPropertiesOfType(type).map(property => {
        const of = checker.getTypeOfSymbolAtLocation(property, statement)
        const text = checker.typeToString(of, undefined, FULL)
        return `${statement.name.text}.${property.name}: ${text}`
      })
    })
}

/** The strings in `static readonly EXPORT_SYMBOL_GPL = […]` and `const EXPORT_SYMBOL_GPL = […]`. */
function gplSymbols(file: ts.SourceFile): string[] {
  if (file.isDeclarationFile) return []
  const names: string[] = []
  const visit = (node: ts.Node): void => {
    const isList = ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)
    if (isList && node.name.getText(file) === 'EXPORT_SYMBOL_GPL' && node.initializer) {
      names.push(...stringsIn(node.initializer))
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return names
}

function stringsIn(node: ts.Node): string[] {
  if (ts.isStringLiteral(node)) return [node.text]
  const strings: string[] = []
  ts.forEachChild(node, child => {
    strings.push(...stringsIn(child))
  })
  return strings
}

/** Write `dist/Module.symvers` below `root`, and the same into the build tree for modules. */
export function writeKernelSymvers(root: string = packageRoot()): void {
  mkdirSync(join(root, 'dist'), { recursive: true })
  const text = formatSymvers(kernelSymbols(root))
  for (const folder of ['dist', 'linux-headers']) {
    writeFileSync(join(root, folder, 'Module.symvers'), text)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeKernelSymvers()
