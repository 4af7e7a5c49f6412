// Files of the kernel's own with a line for each of some objects, for which it is enough to make as many
// lines as a read(2) has room for. Linux: those of its own that are seq_files.

import type { seq_operations } from '../../include/linux/seq_file.ts'
import { seq_puts } from '../seq_text.ts'

/** An open one. */
export interface Records<T> {
  /** Those that this read(2) goes through. */
  all: readonly T[]
  readonly line: (record: T) => string
}

/** Each read(2) goes on where the last one ended, in what there is then. */
export function record_operations<T>(
  all: () => readonly T[],
): seq_operations<T, Records<T>> {
  return {
    start(m, pos) {
      m.private.all = all()
      return m.private.all[pos.value]
    },
    next: (m, _record, pos) => m.private.all[++pos.value],
    stop() {},
    show(m, record) {
      seq_puts(m, m.private.line(record))
      return 0
    },
  }
}
