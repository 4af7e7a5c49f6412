// A machine like the host: its name, its release, its processor; with the drivers of this package.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { hostname, release, version } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { hostMachine } from './elf/writer.ts'
import { type BootOptions, type Kernel, start_kernel } from './boot.ts'
import { directory, type Inode, symlink } from './fs/inode.ts'
import { ramfs_file, ramfs_inode_operations } from './fs/ramfs.ts'
import { packageRoot, packageVersion } from './package.ts'
import { parseSymvers } from './kbuild/symvers.ts'

/** Drivers that are part of the kernel, as .ko files below drivers/. */
const BUILTIN = ['char/mem.ko']

type Options = Pick<BootOptions, 'cmdline' | 'console' | 'startHelper' | 'onPanic'>

/** Boot. Throws if the drivers that belong to the kernel have not been built. */
export async function bootThisMachine(options: Options): Promise<Kernel> {
  const drivers = join(packageRoot(), 'drivers')
  const kernel = await start_kernel({
    ...options,
    uts: {
      sysname: 'Linux',
      nodename: hostname(),
      release: release(),
      version: version(),
      builtBy: `(modbox@${hostname()}) (modbox ${packageVersion()}, Node.js ${process.versions.node})`,
    },
    machine: hostMachine(),
    symvers: kernelSymvers(),
    builtin: BUILTIN.map(name => builtImage(join(drivers, name))),
  })
  fillLibModules(kernel.lib_modules, drivers)
  return kernel
}

function builtImage(file: string): Uint8Array {
  if (existsSync(file)) return readFileSync(file)
  throw new Error(`Cannot boot: "${file}" is not built (build it with: npm run build)`)
}

/** The CRCs that the headers had when this package was built. */
function kernelSymvers(): Map<string, number> {
  const file = join(packageRoot(), 'dist', 'Module.symvers')
  if (!existsSync(file)) return new Map()
  return new Map(
    parseSymvers(readFileSync(file, 'utf8')).map(({ name, crc }) => [name, crc]),
  )
}

/** /lib/modules/<release>: the modules that belong to the kernel, as its package would put them. */
function fillLibModules(root: Inode, drivers: string): void {
  const files = readdirSync(drivers, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ko'))
    .toSorted()
  const isBuiltin = (name: string) => BUILTIN.includes(name)
  const inKernel = (name: string) => join('kernel', 'drivers', name)
  for (const name of files.filter(file => !isBuiltin(file))) {
    put(root, inKernel(name), readFileSync(join(drivers, name)))
  }
  // Where `make -C /lib/modules/$(uname -r)/build` leads.
  for (const name of ['build', 'source']) {
    const tree = join(packageRoot(), 'linux-headers')
    root.add(name, symlink(tree, ramfs_inode_operations))
  }
  const list = (names: string[]) =>
    Buffer.from(names.map(name => `${inKernel(name)}\n`).join(''))
  put(root, 'modules.order', list(files.filter(name => !isBuiltin(name))))
  put(root, 'modules.builtin', list(files.filter(isBuiltin)))
}

function put(root: Inode, path: string, data: Uint8Array): void {
  const dir = dirname(relative('/', join('/', path)))
    .split('/')
    .filter(name => name !== '.')
    .reduce(
      (parent, name) =>
        parent.child(name) ?? parent.add(name, directory(0o755, ramfs_inode_operations)),
      root,
    )
  dir.add(basename(path), ramfs_file(data, 0o644))
}
