// The caller's terminal. Implemented in kernel/tty.ts. Linux: include/linux/tty.h.
import type { Ttys } from '../../kernel/tty.ts'
import type { dev_t } from './types.ts'

/** A terminal of the host. */
export interface tty_struct {
  /** @internal */
  readonly device: dev_t
}

/** The controlling terminal of the calling process; null if it has none. */
export declare const get_current_tty: Ttys['get_current_tty']
/** The device number of a terminal. */
export declare const tty_devnum: Ttys['tty_devnum']
/** Give back what get_current_tty() gave; null is all right. */
export declare const tty_kref_put: Ttys['tty_kref_put']
