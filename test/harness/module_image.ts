// Modules made for tests of the tools: an ELF file with just what depmod and modinfo look at.

import { encodeModinfo } from '../../src/elf/modinfo.ts'
import type { ModinfoEntry } from '../../src/elf/modinfo.ts'
import { encodeVersions } from '../../src/elf/module_layout.ts'
import { writeElf } from '../../src/elf/writer.ts'

export interface ModuleSpec {
  modinfo?: ModinfoEntry[]
  /** Exported symbols and their CRCs. */
  exports?: Record<string, number>
  /** Undefined symbols, and the CRCs they are wanted with. */
  needs?: Record<string, number>
}

export function moduleImage({
  modinfo = [],
  exports = {},
  needs = {},
}: ModuleSpec): Uint8Array {
  return writeElf({
    sections: [
      { name: '.modinfo', data: encodeModinfo(modinfo) },
      { name: '__versions', data: encodeVersions(new Map(Object.entries(needs))) },
    ],
    symbols: [
      ...Object.entries(exports).map(([name, crc]) => ({
        name: `__crc_${name}`,
        section: 'absolute' as const,
        value: crc,
      })),
      ...Object.keys(needs).map(name => ({ name, section: 'undefined' as const })),
    ],
  })
}
