// The parts of the fuzzer, by name.

import { ElfFuzzer, goodImages } from './elf_fuzzer.ts'
import { FuseFuzzer } from './fuse_fuzzer.ts'
import { SyscallFuzzer } from './syscall_fuzzer.ts'
import { TextFuzzer } from './text_fuzzer.ts'
import type { Part } from './watched.ts'

export const PARTS: Record<string, Part> = {
  elf: async seed => new ElfFuzzer(seed, await goodImages()),
  fuse: seed => new FuseFuzzer(seed),
  syscalls: seed => new SyscallFuzzer(seed),
  text: seed => new TextFuzzer(seed),
}
