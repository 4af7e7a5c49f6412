// A folder of driver sources for tests of kbuild, with a kernel that exports a few symbols.
import { stop } from 'esbuild'
import { join } from 'node:path'
import type { Test } from 'tap'
import { kbuild } from '../../src/kbuild/kbuild.ts'
import type { BuildResult, KbuildOptions } from '../../src/kbuild/kbuild.ts'

/** The kernel of these tests: Module.symvers lines for what its headers declare. */
const SYMVERS = [
  '0x00000001\tmodule_layout\tvmlinux\tEXPORT_SYMBOL\t',
  '0x00000002\t_printk\tvmlinux\tEXPORT_SYMBOL\t',
  '0x00000003\tjiffies\tvmlinux\tEXPORT_SYMBOL\t',
  '0x00000004\tno_llseek\tvmlinux\tEXPORT_SYMBOL\t',
  '0x00000005\tclass_create\tvmlinux\tEXPORT_SYMBOL_GPL\t',
  '0x00000007\tvprintk\tvmlinux\tEXPORT_SYMBOL\t',
  '0x00000006\tsecret\tvmlinux\tEXPORT_SYMBOL\tHIDDEN',
  '',
]

export interface DriverTree {
  dir: string
  /** What kbuild said while building. */
  lines: string[]
  build: (options?: KbuildOptions) => Promise<BuildResult>
}

/** Files by path; each is a file's content, paths in messages begin at the folder. */
export function driverTree(t: Test, files: Record<string, string>): DriverTree {
  const dir = t.testdir({ symvers: SYMVERS.join('\n'), src: nested(files) })
  const src = join(dir, 'src')
  const lines: string[] = []
  t.teardown(stop) // esbuild's service
  const build = (options: KbuildOptions = {}): Promise<BuildResult> =>
    kbuild(src, {
      cwd: src,
      symvers: join(dir, 'symvers'),
      release: '6.1.0-test',
      onLine: line => lines.push(line),
      ...options,
    })
  return { dir: src, lines, build }
}

type Nested = { [name: string]: string | Nested }

function nested(files: Record<string, string>): Nested {
  const tree: Nested = {}
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/')
    const name = parts.pop() ?? ''
    let folder = tree
    for (const part of parts) folder = (folder[part] ??= {}) as Nested
    folder[name] = content
  }
  return tree
}
