// Physical addresses of memory. Linux: include/linux/io.h, arch/x86/include/asm/io.h.
import { __pa, __va } from './page.ts'
import type { void_ptr } from './void_ptr.ts'

/** The physical address of memory, in bytes. */
export const virt_to_phys = (kaddr: void_ptr): number => __pa(kaddr)
/** The memory at a physical address. */
export const phys_to_virt = (phys: number): Uint8Array => __va(phys)
