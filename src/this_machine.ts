// A machine like the host: its name, its release, its processor; with the drivers of this package.

import { existsSync, readFileSync } from 'node:fs'
import { hostname, release, version } from 'node:os'
import { join } from 'node:path'
import { hostMachine } from './elf/writer.ts'
import { type BootOptions, type Kernel, start_kernel } from './boot.ts'
import { locateInBundle } from './bundle.ts'
import { fillLibModules } from './lib_modules.ts'
import { packageRoot, packageVersion } from './package.ts'
import { parseSymvers } from './kbuild/symvers.ts'

/** Drivers that are part of the kernel, as .ko files below drivers/. */
const BUILTIN = ['char/mem.ko']

type Options = Pick<
  BootOptions,
  'cmdline' | 'console' | 'startHelper' | 'onPanic' | 'detectLockups'
>

/** Boot. Throws if the drivers that belong to the kernel have not been built. */
export async function bootThisMachine(options: Options): Promise<Kernel> {
  const drivers = join(packageRoot(), 'drivers')
  const kernel = await start_kernel({
    ...options,
    locate: locateInBundle(),
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
  fillLibModules(kernel.lib_modules, drivers, BUILTIN)
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
