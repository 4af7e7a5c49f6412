// Files that are read record by record. Implemented in fs/seq_file.ts, fs/seq_text.ts and fs/seq_list.ts.
// Linux: include/linux/seq_file.h.
import type { SeqFiles } from '../../fs/seq_file.ts'
import type * as seq_list from '../../fs/seq_list.ts'
import type * as seq_text from '../../fs/seq_text.ts'
import type { file, file_operations } from './fs.ts'
import type { proc_ops } from './proc_fs.ts'
import type { errno_t, loff_t, MaybePromise, ref } from './types.ts'
import { ESCAPE_OCTAL } from './string_helpers.ts'

/** An open file of records: what seq_open() leaves in `filp.private_data`. */
export interface seq_file<P = file['private_data']> {
  readonly file: file
  /** The driver's own: what single_open() and seq_open_private() were given. */
  private: P
  /** Where records are written to; null until the first read. */
  buf: Uint8Array | null
  /** Bytes in `buf`; a record that does not fit makes it twice as long and is shown again. */
  size: number
  /** Bytes written; `size` if they did not fit. */
  count: number
  /** Up to where seq_pad() fills up. */
  pad_until: number
}

/**
 * What goes through the records: start, then show and next in turn, then stop. All may be async.
 * start and next return the record at position `pos`, null at the end, or an error. next moves
 * `pos`. `v` of stop is where it went no further. show returns 0, SEQ_SKIP, or an error.
 */
export interface seq_operations<T = file['private_data'], P = file['private_data']> {
  start(m: seq_file<P>, pos: ref<loff_t>): MaybePromise<T | errno_t | null | undefined>
  next(
    m: seq_file<P>,
    v: T,
    pos: ref<loff_t>,
  ): MaybePromise<T | errno_t | null | undefined>
  stop(m: seq_file<P>, v: T | errno_t | null | undefined): MaybePromise<void>
  show(m: seq_file<P>, v: T): MaybePromise<errno_t>
}

/** show: drop what this record has written. */
export const SEQ_SKIP = 1
/** What start returns for a heading above the records. */
export const SEQ_START_TOKEN: unique symbol = Symbol.for('SEQ_START_TOKEN')

/** In open(): `filp` is read through `op`; 0. */
export declare const seq_open: SeqFiles['seq_open']
/** As seq_open(); `make()` makes what is the `private` of this open file. */
export declare const seq_open_private: SeqFiles['seq_open_private']
/** As seq_open_private(), but returns what was made. */
export declare const __seq_open_private: SeqFiles['__seq_open_private']
export declare const seq_read: SeqFiles['seq_read']
/** Any position by going through the records again; -EINVAL for SEEK_END. */
export declare const seq_lseek: SeqFiles['seq_lseek']
export declare const seq_release: SeqFiles['seq_release']
export declare const seq_release_private: SeqFiles['seq_release_private']
/** In open(): a file of one record, with `data` as its `private`; 0. */
export declare const single_open: SeqFiles['single_open']
/** As single_open(), with a buffer of `size` bytes to begin with. */
export declare const single_open_size: SeqFiles['single_open_size']
export declare const single_release: SeqFiles['single_release']

/** Write text in printk's formats. */
export declare const seq_printf: SeqFiles['seq_printf']
/** As seq_printf(), with the arguments in an array. */
export declare const seq_vprintf: SeqFiles['seq_vprintf']
/** Rows of bytes in hex, as print_hex_dump() shows them. */
export declare const seq_hex_dump: SeqFiles['seq_hex_dump']
/** Write a text. */
export declare const seq_puts: typeof seq_text.seq_puts
/** Write one character, or the byte with that number. */
export declare const seq_putc: typeof seq_text.seq_putc
/** Write the first `len` bytes of `data`; 0, or -1 if they do not fit. */
export declare const seq_write: typeof seq_text.seq_write
/** Spaces up to where seq_setwidth() said, then `c`, unless that is empty or 0. */
export declare const seq_pad: typeof seq_text.seq_pad
/** `delimiter` and a number that is not negative. */
export declare const seq_put_decimal_ull: typeof seq_text.seq_put_decimal_ull
/** `delimiter` and a number. */
export declare const seq_put_decimal_ll: typeof seq_text.seq_put_decimal_ll
/** Write bytes, escaped as ESCAPE_* say; if `esc` is not empty, only those in it. */
export declare const seq_escape_mem: typeof seq_text.seq_escape_mem

/** The element at `pos` of an array, or the link there of a list_head; or null: for start. */
export declare const seq_list_start: typeof seq_list.seq_list_start
/** The same with the array itself, for a heading, before its elements. */
export declare const seq_list_start_head: typeof seq_list.seq_list_start_head
/** The element after `v`, or null; moves `pos`: for next. */
export declare const seq_list_next: typeof seq_list.seq_list_next

/** Has more been written than fits? The record will be shown again. */
export const seq_has_overflowed = (m: seq_file): boolean => m.count === m.size

/** What is written from here on has a column of `size` bytes, which seq_pad() fills up. */
export function seq_setwidth(m: seq_file, size: number): void {
  m.pad_until = m.count + size
}

/** Write `s` with all characters that are in `esc` as octal numbers. */
export function seq_escape(m: seq_file, s: string, esc: string): void {
  seq_escape_mem(m, s, Infinity, ESCAPE_OCTAL, esc)
}

type Show<P> = (m: seq_file<P>, v: unknown) => MaybePromise<errno_t>

/** Operations of a file of one record; its `private` is the inode's `i_private`. */
export function DEFINE_SHOW_ATTRIBUTE<P>(show: Show<P>): file_operations {
  return {
    owner: __this_module,
    open: (inode, filp) => single_open(filp, show, inode.i_private as P),
    read: seq_read,
    llseek: seq_lseek,
    release: single_release,
  }
}

/** Operations of a file of records; its `private` is the inode's `i_private`. */
export function DEFINE_SEQ_ATTRIBUTE<T, P>(sops: seq_operations<T, P>): file_operations {
  return {
    owner: __this_module,
    open(inode, filp) {
      const err = seq_open(filp, sops)
      if (!err) filp.private_data.private = inode.i_private
      return err
    },
    read: seq_read,
    llseek: seq_lseek,
    release: seq_release,
  }
}

/** As DEFINE_SHOW_ATTRIBUTE(), for proc_create(); `private` is what pde_data() gives. */
export function DEFINE_PROC_SHOW_ATTRIBUTE<P>(show: Show<P>): proc_ops {
  return {
    proc_open: (inode, filp) => single_open(filp, show, inode.i_private as P),
    proc_read: seq_read,
    proc_lseek: seq_lseek,
    proc_release: single_release,
  }
}
