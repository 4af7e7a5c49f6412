// What a module must have been built for to be loaded. Linux: include/linux/vermagic.h.

/**
 * For the kernel of that release on a machine of `arch`, a name as process.arch has it. On x86 it
 * ends in a blank; arm64 says its name there.
 */
export function vermagic(release: string, arch: string = process.arch): string {
  const machine = arch === 'arm64' ? 'aarch64' : ''
  return `${release} SMP preempt mod_unload modversions ${machine}`
}
