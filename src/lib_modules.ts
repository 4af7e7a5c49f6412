// /lib/modules/<release> as a kernel's package leaves it: the modules, the lists of them, and what
// depmod makes of both.

import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { ModinfoEntry } from './elf/modinfo.ts'
import { directory, type Inode, symlink } from './fs/inode.ts'
import { ramfs_file, ramfs_inode_operations } from './fs/ramfs.ts'
import { encodeBuiltinModinfo } from './kmod/builtin_modinfo.ts'
import { DEPMOD_FILES, depmod } from './kmod/depmod.ts'
import { type FoundModule, factsOf } from './kmod/depmod_module.ts'
import { SymbolTable } from './kmod/depmod_symbols.ts'
import { modinfoOf, readModuleElf } from './kmod/module_file.ts'
import { pathToModname } from './kmod/module_path.ts'
import { packageRoot } from './package.ts'

/** Tags that only a module in a file has. */
const NOT_BUILTIN = ['name', 'vermagic', 'depends', 'intree', 'retpoline', 'srcversion']

/** A module of this package, by where its file is below drivers/. */
interface Driver {
  name: string
  /** Below /lib/modules/<release>. */
  relpath: string
  image: Uint8Array
}

/** Fill `root` with the modules in `drivers`; those in `builtin` are only listed. */
export function fillLibModules(
  root: Inode,
  drivers: string,
  builtin: readonly string[],
): void {
  const files = readdirSync(drivers, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ko'))
    .toSorted()
  const load = (name: string): Driver => ({
    name: pathToModname(name),
    relpath: join('kernel', 'drivers', name),
    image: readFileSync(join(drivers, name)),
  })
  const modules = files.filter(name => !builtin.includes(name)).map(load)
  const parts = files.filter(name => builtin.includes(name)).map(load)

  for (const { relpath, image } of modules) put(root, relpath, image)
  // Where `make -C /lib/modules/$(uname -r)/build` leads.
  for (const name of ['build', 'source']) {
    const tree = join(packageRoot(), 'linux-headers')
    root.add(name, symlink(tree, ramfs_inode_operations))
  }
  const lists = new Map<string, Uint8Array>([
    ['modules.order', listOf(modules)],
    ['modules.builtin', listOf(parts)],
    ['modules.builtin.modinfo', builtinModinfo(parts)],
  ])
  for (const [name, data] of lists) put(root, name, data)
  putIndexes(root, modules, lists)
}

/** As the package's script does with depmod when it is installed. */
function putIndexes(
  root: Inode,
  modules: readonly Driver[],
  lists: ReadonlyMap<string, Uint8Array>,
): void {
  const found: FoundModule[] = modules.map(({ name, relpath, image }) => ({
    name,
    path: relpath,
    relpath,
    facts: factsOf(readModuleElf(image)),
  }))
  const results = depmod(found, {
    dirname: '',
    symbols: new SymbolTable(),
    link: { checkSymvers: false, printUnknown: false },
    warnDuplicates: false,
    log: () => {},
    file: name => lists.get(name),
    words: ({ message }) => message,
  })
  if (!results) return
  for (const file of DEPMOD_FILES) {
    const data = 'text' in file ? Buffer.from(file.text(results)) : file.binary(results)
    put(root, file.name, data)
  }
}

function listOf(drivers: readonly Driver[]): Uint8Array {
  return Buffer.from(drivers.map(({ relpath }) => `${relpath}\n`).join(''))
}

function builtinModinfo(drivers: readonly Driver[]): Uint8Array {
  return encodeBuiltinModinfo(
    new Map(drivers.map(driver => [driver.name, builtinEntries(driver)])),
  )
}

function builtinEntries({ relpath, image }: Driver): ModinfoEntry[] {
  const entries = modinfoOf(readModuleElf(image))
  const file = relpath.replace(/^kernel\/(.*)\.ko$/, '$1')
  return [...entries.filter(([tag]) => !NOT_BUILTIN.includes(tag)), ['file', file]]
}

function put(root: Inode, path: string, data: Uint8Array): void {
  const dir = dirname(path)
    .split('/')
    .filter(name => name !== '.')
    .reduce(
      (parent, name) =>
        parent.child(name) ?? parent.add(name, directory(0o755, ramfs_inode_operations)),
      root,
    )
  dir.add(basename(path), ramfs_file(data, 0o644))
}
