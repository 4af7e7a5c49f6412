// What programs and the driver agree on; test/programs/pages.c has the same.
import { _IO, _IOR } from '#linux/ioctl'

const MAGIC = 'P'

/** How many mappings there are. */
export const PAGES_IOCCOUNT = _IOR(MAGIC, 1, 'int')
/** How often fault() was asked for a page. */
export const PAGES_IOCFAULTS = _IOR(MAGIC, 2, 'int')
/** Turn the text in the first page to capitals, up to its NUL. */
export const PAGES_IOCUPPER = _IO(MAGIC, 3)
