// One read or write as read_iter() and write_iter() see it. Linux: a part of include/linux/fs.h.
import type { file } from './fs.ts'
import type { loff_t } from './types.ts'

export interface kiocb<T = unknown> {
  readonly ki_filp: file<T>
  /** The position: the driver moves it. */
  ki_pos: loff_t
  /** IOCB_*: the file's flags, as far as they matter here. */
  readonly ki_flags: number
  /** Whom to tell when it is done later: nobody, for all calls are waited for. */
  readonly ki_complete: null
  /** For the driver's own use. */
  private: unknown
}

export const IOCB_DSYNC = 0x2
export const IOCB_SYNC = 0x4
export const IOCB_APPEND = 0x10
export const IOCB_DIRECT = 0x20000

/** Does the caller wait for the end of it? */
export const is_sync_kiocb = (kiocb: kiocb): boolean => kiocb.ki_complete === null
