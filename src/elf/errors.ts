// The error of everything that reads ELF.

/** What is wrong with an image; the message says the same in words. */
export type ElfErrorCode =
  | 'ELF_HEADER_LEN'
  | 'ELF_MAGIC'
  | 'ELF_TYPE'
  | 'ELF_MACHINE'
  | 'ELF_SECTION_SIZE'
  | 'ELF_SECTION_OVERFLOW'
  | 'ELF_NAMES'
  | 'ELF_SYMBOLS'
  | 'ELF_NO_SYMBOLS'
  | 'ELF_NOT_A_MODULE'
  | 'ELF_NO_SCRIPT'
  | 'ELF_BAD_MODULE'

/**
 * An image that cannot be read. Where Linux has a message for the mistake, `message` is that
 * message, ready for the kernel log.
 */
export class ElfError extends Error {
  override readonly name = 'ElfError'
  readonly code: ElfErrorCode

  constructor(code: ElfErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
