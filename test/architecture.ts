// Who may import whom, and other rules about the sources that a program can check.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '..')

/**
 * What a folder or file may import at run time, besides its own folder; the longest match
 * counts. Types cross freely, because the parts of a machine are handed to each other in
 * src/boot and never imported.
 */
const MAY_IMPORT: Record<string, string[]> = {
  'src/include/uapi': [],
  'src/include/linux': ['src/include/uapi'],
  'src/lib': ['src/include'],
  'src/elf': ['src/include/uapi', 'src/lib'],
  'src/kernel': ['src/include', 'src/lib', 'src/elf'],
  'src/fs': ['src/include', 'src/lib'],
  'src/base': ['src/include', 'src/lib'],
  'src/mm': ['src/include', 'src/lib', 'src/fs/driver_call.ts', 'src/kernel'],
  'src/host': ['src/include/uapi'],
  'src/fuse': ['src/include/uapi', 'src/lib', 'src/host'],
  // Those that know files, names and tasks: one bridge, in layers.
  'src/fuse/kernel_entry.ts': ['src/lib', 'src/fs/driver_call.ts', 'src/kernel/sched.ts'],
  'src/fuse/vfs_names.ts': ['src/include', 'src/fs'],
  'src/fuse/host_entries.ts': ['src/fs/inode.ts'],
  'src/fuse/path_nodes.ts': ['src/syscall/door.ts'],
  'src/fuse/vfs_positions.ts': [
    'src/include',
    'src/lib',
    'src/fs',
    'src/kernel/sched.ts',
  ],
  // What programs have mapped is an address space of the machine's.
  'src/fuse/mapped_file.ts': ['src/include', 'src/mm/mmap_check.ts'],
  'src/fuse/mapped_memory.ts': ['src/mm/access.ts'],
  'src/fuse/vfs_mappings.ts': ['src/include', 'src/fs/libfs.ts', 'src/mm/mmap_check.ts'],
  'src/fuse/vfs_bridge.ts': [
    'src/include',
    'src/lib',
    'src/fs',
    'src/kernel/sched.ts',
    'src/syscall/forward.ts',
  ],
  'src/syscall': ['src/include/uapi'],
  'src/syscall/registry.ts': ['src/host/user_namespace.ts'],
  // The machine's end of /dev/modbox is a driver, with the kernel's own means.
  'src/syscall/server.ts': [
    'src/include',
    'src/lib',
    'src/fs/libfs.ts',
    'src/fs/select.ts',
  ],
  // What supervisors forward is called as programs call it.
  'src/syscall/connections.ts': ['src/include', 'src/lib'],
  'src/syscall/user_calls.ts': ['src/include', 'src/lib'],
  'src/syscall/forwarded.ts': [
    'src/include',
    'src/lib',
    'src/fs/ioctl.ts',
    'src/kernel/sched.ts',
  ],
  // Processes of their own, which know the machine by its files only.
  'src/supervise': [
    'src/include/uapi',
    'src/fuse/run_view.ts',
    'src/host',
    'src/syscall/forward.ts',
  ],
  'src/kbuild': ['src/include/uapi', 'src/lib', 'src/elf', 'src/package.ts'],
  // The files below /lib/modules and modprobe.d: what libkmod knows of them.
  'src/kmod': ['src/include/uapi', 'src/lib', 'src/elf'],
  'src/tools': [
    'src/include/uapi',
    'src/lib',
    'src/elf',
    'src/kmod',
    'src/host/koffi.ts',
    'src/kbuild',
    'src/supervise/launch.ts',
    'src/syscall',
    'src/bundle.ts',
    'src/package.ts',
  ],
  'src/package.ts': [],
  'src/boot.ts': ['src/boot'],
  'src/boot': ['src/kernel', 'src/fs', 'src/base', 'src/lib', 'src/mm'],
  // A program in the machine's own process.
  'src/user': ['src/include', 'src/lib', 'src/fs', 'src/mm'],
  'src/user_process.ts': ['src/include', 'src/lib', 'src/kernel', 'src/fs', 'src/user'],
  'src/bundle.ts': ['src/package.ts'],
  'src/this_machine.ts': [
    'src/bundle.ts',
    'src/boot.ts',
    'src/elf/writer.ts',
    'src/lib_modules.ts',
    'src/kbuild/symvers.ts',
    'src/package.ts',
  ],
  'src/lib_modules.ts': ['src/fs', 'src/kmod', 'src/package.ts'],
  'src/last_words.ts': ['src/lib'],
  'src/kerneld.ts': [
    'src/this_machine.ts',
    'src/last_words.ts',
    'src/fuse',
    'src/host',
    'src/syscall',
    'src/package.ts',
  ],
  'src/index.ts': ['src/boot.ts', 'src/kbuild', 'src/user_process.ts'],
  drivers: [],
}

/** Packages from outside, and the folder that alone knows each. */
const PACKAGES: Record<string, string> = {
  koffi: 'src/host',
  debug: 'src/fuse',
  esbuild: 'src/kbuild',
  typescript: 'src/kbuild',
  commander: 'src/tools',
  fzstd: 'src/lib/decompress.ts',
  'xz-decompress': 'src/lib/decompress.ts',
}

/** A file whose contract needs `any`: a driver's private_data has a type of its own. */
const ANY_IS_ALLOWED = ['src/include/linux/fs.ts']

const files = [...sources('src'), ...sources('drivers')].map(parse)
const ours = files.filter(({ path }) => path.startsWith('src/'))

interface Source {
  path: string
  file: ts.SourceFile
}

t.test('run-time imports go in one direction', async t => {
  for (const source of files) {
    const rule = ruleFor(source.path)
    const allowed = [...(MAY_IMPORT[rule] ?? []), ownFolder(source.path), '#linux']
    t.ok(rule, `${source.path} has a row in the table`)
    t.strictSame(
      imports(source).filter(
        target => !isPackage(target) && !allowed.some(one => inside(target, one)),
      ),
      [],
      `${source.path} imports what it may`,
    )
  }
})

t.test('drivers see kernel headers and their own folder, nothing else', async t => {
  for (const source of files.filter(({ path }) => path.startsWith('drivers/'))) {
    const allowed = ['#linux', dirname(source.path)]
    t.strictSame(
      imports(source).filter(target => !allowed.some(one => inside(target, one))),
      [],
      source.path,
    )
  }
})

t.test('each package from outside is known to one folder', async t => {
  for (const source of ours) {
    for (const target of imports(source).filter(isPackage)) {
      if (target.startsWith('node:')) continue
      const home = PACKAGES[target]
      t.ok(home && inside(source.path, home), `${source.path} may import ${target}`)
    }
  }
})

t.test('no file keeps state of its own', async t => {
  for (const { path, file } of ours) {
    t.strictSame(file.statements.filter(isState).map(lineText(file)), [], path)
  }
})

t.test('nothing in src/ is of type any', async t => {
  for (const { path, file } of ours) {
    if (ANY_IS_ALLOWED.includes(path)) continue
    const found = nodes(file).filter(node => node.kind === ts.SyntaxKind.AnyKeyword)
    t.strictSame(found.map(lineText(file)), [], path)
  }
})

t.test('the first line of a file says what it is', async t => {
  const silent = files.filter(({ file }) => !/^\/\/ \S/.test(file.text))
  t.strictSame(
    silent.map(({ path }) => path),
    [],
  )
})

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name))
    .toSorted()
}

function parse(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  return { path, file: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true) }
}

/** What a file imports at run time: a path from the root, '#linux/name', or a package. */
function imports({ path, file }: Source): string[] {
  return nodes(file).flatMap(node => {
    const specifier = runtimeSpecifier(node)
    if (specifier === undefined) return []
    return specifier.startsWith('.')
      ? relative(root, resolve(root, dirname(path), specifier))
      : specifier
  })
}

/** Not a file of ours: a package from outside, or a part of Node. */
function isPackage(target: string): boolean {
  return target.startsWith('node:') || target in PACKAGES || !/[/#]/.test(target)
}

function runtimeSpecifier(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node)) {
    return isTypeOnly(node.importClause) ? undefined : textOf(node.moduleSpecifier)
  }
  if (ts.isExportDeclaration(node)) {
    return node.isTypeOnly ? undefined : textOf(node.moduleSpecifier)
  }
  const isImportCall =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
  return isImportCall ? textOf(node.arguments[0]) : undefined
}

/** `import type …`, or braces in which every name is marked as a type. */
function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const names = clause.namedBindings
  if (clause.name || !names || !ts.isNamedImports(names)) return false
  return names.elements.length > 0 && names.elements.every(one => one.isTypeOnly)
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteral(node) ? node.text : undefined
}

function nodes(top: ts.Node): ts.Node[] {
  const found: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    found.push(node)
    ts.forEachChild(node, visit)
  }
  visit(top)
  return found
}

/** A variable at file scope, or a container that is empty there and so is there to be filled. */
function isState(statement: ts.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return false
  const isDeclared = statement.modifiers?.some(
    one => one.kind === ts.SyntaxKind.DeclareKeyword,
  )
  if (isDeclared) return false
  const { flags, declarations } = statement.declarationList
  return !(flags & ts.NodeFlags.Const) || declarations.some(isEmptyContainer)
}

function isEmptyContainer({ initializer }: ts.VariableDeclaration): boolean {
  if (!initializer) return false
  if (ts.isArrayLiteralExpression(initializer)) return initializer.elements.length === 0
  if (!ts.isNewExpression(initializer)) return false
  const made = initializer.expression.getText()
  return (
    ['Map', 'Set', 'WeakMap', 'WeakSet'].includes(made) && !initializer.arguments?.[0]
  )
}

function lineText(file: ts.SourceFile): (node: ts.Node) => string {
  return node => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
    return `${line + 1}: ${file.text.split('\n')[line]}`
  }
}

/** The row of MAY_IMPORT that is nearest to `path`. */
function ruleFor(path: string): string {
  const rows = Object.keys(MAY_IMPORT).filter(row => inside(path, row))
  return rows.toSorted((a, b) => b.length - a.length)[0] ?? ''
}

/** The part of src/ that a file belongs to: src/kernel for src/kernel/module/main.ts. */
function ownFolder(path: string): string {
  const [top = '', part = '', header = ''] = path.split('/')
  if (top === 'drivers') return dirname(path)
  return part === 'include' ? join(top, part, header) : join(top, part)
}

function inside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
