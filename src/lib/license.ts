// Which licences may use GPL-only symbols. Linux: include/linux/license.h.

const GPL_COMPATIBLE = new Set([
  'GPL',
  'GPL v2',
  'GPL and additional rights',
  'Dual BSD/GPL',
  'Dual MIT/GPL',
  'Dual MPL/GPL',
])

export function license_is_gpl_compatible(license: string): boolean {
  return GPL_COMPATIBLE.has(license)
}
