// ELF64 constants. Linux: include/uapi/linux/elf.h, include/uapi/linux/elf-em.h.

export const ELFMAG = '\x7fELF'
export const ELFCLASS64 = 2
export const ELFDATA2LSB = 1
export const EV_CURRENT = 1

/** e_type: a relocatable file, such as a .o or a .ko. */
export const ET_REL = 1
export const ET_EXEC = 2

export const EM_X86_64 = 62
export const EM_AARCH64 = 183

/** Sizes of the structures, in bytes. */
export const EHDR_SIZE = 64
export const SHDR_SIZE = 64
export const SYM_SIZE = 24
export const RELA_SIZE = 24

export const SHT_NULL = 0
export const SHT_PROGBITS = 1
export const SHT_SYMTAB = 2
export const SHT_STRTAB = 3
export const SHT_RELA = 4
export const SHT_NOTE = 7
export const SHT_NOBITS = 8

export const SHF_WRITE = 0x1
export const SHF_ALLOC = 0x2
export const SHF_EXECINSTR = 0x4
/** A linker may store equal entries once; they are strings. */
export const SHF_MERGE = 0x10
export const SHF_STRINGS = 0x20
/** sh_info is the index of a section. */
export const SHF_INFO_LINK = 0x40

/** Section indices with a meaning of their own. */
export const SHN_UNDEF = 0
export const SHN_LORESERVE = 0xff00
export const SHN_ABS = 0xfff1

export const STB_LOCAL = 0
export const STB_GLOBAL = 1

export const STT_NOTYPE = 0
export const STT_OBJECT = 1
export const STT_FUNC = 2
export const STT_FILE = 4

/** n_type of a .note.gnu.build-id. */
export const NT_GNU_BUILD_ID = 3
/** n_type of what is in .note.Linux. */
export const LINUX_ELFNOTE_BUILD_SALT = 0x100
export const LINUX_ELFNOTE_LTO_INFO = 0x101

/** Relocations: nothing to do, the address in 64 bits, the distance in 32. */
export const R_X86_64_NONE = 0
export const R_X86_64_64 = 1
export const R_X86_64_PC32 = 2
export const R_AARCH64_NONE = 0
export const R_AARCH64_ABS64 = 257
export const R_AARCH64_PREL32 = 261
