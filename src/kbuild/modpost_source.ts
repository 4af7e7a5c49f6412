// What modpost says of a module: its share of .modinfo, and the .mod.c, which people read.
import type { ModinfoEntry } from '../elf/modinfo.ts'
import { modinfoValue } from '../elf/modinfo.ts'
import type { CompiledModule, Linked } from './modpost.ts'
import { hex } from './records.ts'

export interface ModinfoOptions {
  /** Depends on the sources; only shown when there is a MODULE_VERSION. */
  srcversion: string
  vermagic: string
  /** Part of the kernel's own tree: does not taint. */
  intree: boolean
  /** process.arch of the machine the module is for. */
  arch: string
}

/**
 * What follows the sources' own entries, in the order gcc gives it: the reverse of the .mod.c's.
 * `retpoline` is what x86 kernels look for before they trust a module.
 */
export function modpostInfo(
  { module, linkage }: Pick<Linked<CompiledModule>, 'module' | 'linkage'>,
  options: ModinfoOptions,
): ModinfoEntry[] {
  const entries: ModinfoEntry[] = []
  if (modinfoValue(module.facts.modinfo, 'version') !== undefined) {
    entries.push(['srcversion', options.srcversion])
  }
  entries.push(
    ...module.facts.aliases.toReversed().map((alias): ModinfoEntry => ['alias', alias]),
    ['depends', linkage.depends.join(',')],
  )
  if (options.arch === 'x64') entries.push(['retpoline', 'Y'])
  if (options.intree) entries.push(['intree', 'Y'])
  entries.push(['name', module.name], ['vermagic', options.vermagic])
  return entries
}

/** The .mod.c. Nothing compiles it: the .mod.o is made of the same facts. */
export function modpostSource({
  module,
  linkage,
  modinfo,
}: Linked<CompiledModule> & { modinfo: readonly ModinfoEntry[] }): string {
  const info = ([tag, value]: ModinfoEntry): string =>
    `MODULE_INFO(${tag}, ${JSON.stringify(value)});`
  const exports = module.exports.map(
    ({ name, crc, gpl }) => `SYMBOL_CRC(${name}, ${hex(crc)}, "${gpl ? '_gpl' : ''}");`,
  )
  const versions = [...linkage.versions].map(
    ([name, crc]) => `\t{ ${hex(crc)}, ${JSON.stringify(name)} },`,
  )
  const members = [
    `\t.name = ${JSON.stringify(module.name)},`,
    ...(module.facts.init === undefined ? [] : ['\t.init = init_module,']),
    ...(module.facts.exit === undefined ? [] : ['\t.exit = cleanup_module,']),
  ]
  return [
    ...modinfo.toReversed().map(info),
    '',
    'struct module __this_module = {',
    ...members,
    '};',
    '',
    ...exports,
    ...(exports.length > 0 ? [''] : []),
    'static const struct modversion_info ____versions[] = {',
    ...versions,
    '};',
    '',
  ].join('\n')
}
