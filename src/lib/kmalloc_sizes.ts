// The sizes in which kmalloc() hands memory out, in bytes, and what its caches are called. Linux:
// kmalloc_info[] in mm/slab_common.c.

export const KMALLOC_SIZES = [
  8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192,
]

export function kmalloc_name(size: number): string {
  return size < 1024 ? `kmalloc-${size}` : `kmalloc-${size / 1024}k`
}
