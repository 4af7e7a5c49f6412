// The parts of the fuzzer, by name.

import { ElfFuzzer, goodImages } from './elf_fuzzer.ts'
import type { Fuzzer } from './fuzzer.ts'
import { FuseFuzzer } from './fuse_fuzzer.ts'
import { SyscallFuzzer } from './syscall_fuzzer.ts'
import { TextFuzzer } from './text_fuzzer.ts'

export const PARTS: Record<string, (seed: number) => Fuzzer | Promise<Fuzzer>> = {
  elf: async seed => new ElfFuzzer(seed, await goodImages()),
  fuse: seed => new FuseFuzzer(seed),
  syscalls: seed => new SyscallFuzzer(seed),
  text: seed => new TextFuzzer(seed),
}
