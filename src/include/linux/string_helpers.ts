// Which bytes of a text are escaped, and how. Linux: include/linux/string_helpers.h.

/** \f \n \r \t \v */
export const ESCAPE_SPACE = 0x01
/** \" \\ \a \e */
export const ESCAPE_SPECIAL = 0x02
/** \0 */
export const ESCAPE_NULL = 0x04
/** Three octal digits. */
export const ESCAPE_OCTAL = 0x08
export const ESCAPE_ANY = ESCAPE_SPACE | ESCAPE_OCTAL | ESCAPE_SPECIAL | ESCAPE_NULL
/** Only what is not printable. */
export const ESCAPE_NP = 0x10
export const ESCAPE_ANY_NP = ESCAPE_ANY | ESCAPE_NP
/** Two hex digits. */
export const ESCAPE_HEX = 0x20
/** Only what is not ASCII. */
export const ESCAPE_NA = 0x40
/** Only what is not printable ASCII. */
export const ESCAPE_NAP = 0x80
/** What is in `esc` is escaped besides what the other flags say. */
export const ESCAPE_APPEND = 0x100
