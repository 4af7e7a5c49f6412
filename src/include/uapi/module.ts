// Flags of finit_module(2) and delete_module(2). Linux: include/uapi/linux/module.h.

export const MODULE_INIT_IGNORE_MODVERSIONS = 1
export const MODULE_INIT_IGNORE_VERMAGIC = 2
export const MODULE_INIT_COMPRESSED_FILE = 4

/** All that finit_module(2) takes. */
export const MODULE_INIT_FLAGS =
  MODULE_INIT_IGNORE_MODVERSIONS |
  MODULE_INIT_IGNORE_VERMAGIC |
  MODULE_INIT_COMPRESSED_FILE
