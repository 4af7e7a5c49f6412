// A folder like a machine's root, with modules that need each other, for modprobe and its kin.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Test } from 'tap'
import { buildAll } from './machine.ts'
import { findTool } from './require.ts'
import { runTool, type ToolRun, type ToolWorld } from './tool.ts'

/** The release that these modules are for. */
export const RELEASE = '6.1.0-test'

const MODULES = `lib/modules/${RELEASE}`

/** `uses` are functions of other modules, `exports` those that it offers. */
function source(
  uses: string[],
  exports: string[],
  macros: Record<string, string>[] = [],
): string {
  const names = [...new Set(macros.flatMap(Object.keys))]
    .map(name => `, ${name}`)
    .join('')
  return `
  import { EXPORT_SYMBOL, MODULE_LICENSE, module_exit, module_init${names} } from '#linux/module'
  import { pr_info } from '#linux/printk'
  ${uses.map(name => `declare function ${name}(): number`).join('\n')}
  ${exports.map(name => `export function ${name}(): number { return 1 }\nEXPORT_SYMBOL(${name})`).join('\n')}
  MODULE_LICENSE('GPL')
  ${macros
    .flatMap(Object.entries)
    .map(([name, value]) => `${name}('${value}')`)
    .join('\n')}
  module_init(() => { pr_info('%d\\n', ${['0', ...uses.map(name => `${name}()`)].join(' + ')}); return 0 })
  module_exit(() => {})
  void EXPORT_SYMBOL
`
}

/** Built once a test: name and image. symc wants symb softly; usep needs symp2, which needs syma. */
export function buildModules(t: Test): Promise<Record<string, Uint8Array>> {
  return buildAll(t, {
    syma: source([], ['foo', 'bar'], [{ MODULE_ALIAS: 'sym-provider' }]),
    symb: source(
      ['foo'],
      [],
      [{ MODULE_ALIAS: 'char-major-243-*' }, { MODULE_ALIAS: 'oracle-b' }],
    ),
    symc: source(
      ['foo', 'bar'],
      [],
      [{ MODULE_SOFTDEP: 'pre: symb post: hi' }, { MODULE_ALIAS: 'oracle-b' }],
    ),
    symp2: source(['foo'], ['pexp']),
    usep: source(['pexp'], []),
    opt: source([], [], [{ MODULE_ALIAS: 'oracle-opt' }]),
  })
}

export interface ModuleTree {
  root: string
  /** What the real modprobe says and does, in place of whose kernel is our folder. */
  real: (words: readonly string[]) => ToolRun
  /** What ours does. */
  ours: (words: readonly string[], world?: ToolWorld) => Promise<ToolRun>
}

/** What the folder holds besides modules. */
export interface TreeOptions {
  /** Files below etc/modprobe.d and lib/modprobe.d. */
  config?: Record<string, string>
  distribution?: Record<string, string>
  cmdline?: string
  /** Names and reference counts of the loaded modules. */
  loaded?: Record<string, number>
  builtin?: string
}

/** A root folder with `images` in it, indexed by the real depmod. */
export function moduleTree(
  t: Test,
  images: Record<string, Uint8Array>,
  options: TreeOptions = {},
): ModuleTree {
  const { config = {}, distribution = {}, cmdline = '', loaded = {} } = options
  const files = Object.entries(images).map(
    ([name, image]) => [`${name}.ko`, Buffer.from(image)] as const,
  )
  const root = t.testdir({
    etc: { 'modprobe.d': config },
    lib: {
      'modprobe.d': distribution,
      modules: {
        [RELEASE]: {
          extra: Object.fromEntries(files),
          'modules.builtin': options.builtin ?? '',
          'modules.order': '',
        },
      },
    },
    proc: {
      cmdline: `${cmdline}\n`,
      modules: procModules(loaded),
      sys: { kernel: { osrelease: `${RELEASE}\n` } },
    },
    sys: { module: sysModule(loaded) },
  })
  spawnSync(findTool('depmod') ?? '', ['-b', root, RELEASE])
  return {
    root,
    real: words => realModprobe(root, words),
    ours: (words, world = {}) => runTool(['modprobe', ...words], { root, ...world }),
  }
}

export function modulesFolder(root: string): string {
  return join(root, MODULES)
}

function procModules(loaded: Record<string, number>): string {
  return Object.entries(loaded)
    .map(([name, refs]) => `${name} 16384 ${refs} - Live 0x0000000000000000\n`)
    .join('')
}

function sysModule(loaded: Record<string, number>) {
  return Object.fromEntries(
    Object.entries(loaded).map(([name, refs]) => [
      name,
      { initstate: 'live\n', refcnt: `${refs}\n`, holders: {} },
    ]),
  )
}

// Paths of the real kernel that are ours within a mount namespace; -d gives the modules. A host
// without loadable modules has no /proc/modules, and not each has folders for configuration.
const SCRIPT = `
root=$1; shift
for name in proc/cmdline sys/module etc/modprobe.d lib/modprobe.d; do
  test -e "/$name" || continue
  mount --bind "$root/$name" "/$name" || exit 99
done
exec "$@"`

function realModprobe(root: string, words: readonly string[]): ToolRun {
  const modprobe = ['modprobe', '-d', root, '-S', RELEASE, ...words]
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', SCRIPT, 'sh', root, ...modprobe],
    { encoding: 'utf8', env: { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` } },
  )
  return { status: status ?? -1, out: stdout, err: stderr }
}
