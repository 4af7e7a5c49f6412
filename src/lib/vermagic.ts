// What a module must have been built for to be loaded. Linux: include/linux/vermagic.h.

/** For the kernel of that release; it ends in a blank, as Linux's does. */
export function vermagic(release: string): string {
  return `${release} SMP preempt mod_unload modversions `
}
