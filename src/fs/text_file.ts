// Files whose text is made when they are read. Linux: fs/seq_file.c, fs/kernfs/file.c.
//
// The text is made once an open file, by a read at position 0, and kept: whoever reads on from there,
// one byte at a time or in any other way, reads the same text.

import { EFAULT, EIO } from '../include/linux/errno.ts'
import type { file_operations, file } from '../include/linux/fs.ts'
import type { errno_t, MaybePromise, ref } from '../include/linux/types.ts'
import { decodeText, encodeText } from '../lib/kmsg.ts'
import { copy_from_user } from '../lib/usercopy.ts'
import type { OpenFile } from './file.ts'
import { default_llseek, simple_read_from_buffer } from './libfs.ts'

/** Longer writes are cut to this, as to one page. */
const PAGE_SIZE = 4096

export interface TextFile {
  /** The whole text, or an error. */
  show?: (filp: OpenFile) => MaybePromise<string | errno_t>
  /** All that one write(2) carried; 0, or how much was used, or an error. */
  store?: (text: string, filp: OpenFile) => MaybePromise<number>
}

/** What an open text file keeps: the text, once made. */
interface Rendered {
  text: Uint8Array | undefined
}

export function text_file_operations({
  show,
  store,
}: TextFile): file_operations<Rendered> {
  return {
    open(_inode, filp) {
      filp.private_data = { text: undefined }
      return 0
    },
    read(filp, buf, count, pos) {
      if (!show) return -EIO
      const rendered = filp.private_data
      const give = (text: Uint8Array) =>
        simple_read_from_buffer(buf, count, pos, text, text.length)
      if (rendered.text && pos.value !== 0) return give(rendered.text)
      return afterRendering(filp, show(filp as unknown as OpenFile), give)
    },
    write(filp, buf, count, pos) {
      if (!store) return -EIO
      if (count === 0) return 0
      const bytes = new Uint8Array(Math.min(count, PAGE_SIZE))
      if (copy_from_user(bytes, buf, bytes.length)) return -EFAULT
      const stored = store(decodeText(bytes), filp as unknown as OpenFile)
      const done = (n: number) => advance(pos, n || bytes.length)
      return typeof stored === 'number' ? done(stored) : stored.then(done)
    },
    llseek: default_llseek,
  }
}

function advance(pos: ref<number>, n: number): number {
  if (n > 0) pos.value += n
  return n
}

function afterRendering(
  filp: file<Rendered>,
  shown: MaybePromise<string | errno_t>,
  give: (text: Uint8Array) => number,
): MaybePromise<number> {
  const keep = (text: string | errno_t) => {
    if (typeof text === 'number') return text
    filp.private_data.text = encodeText(text)
    return give(filp.private_data.text)
  }
  return typeof shown === 'object' ? shown.then(keep) : keep(shown)
}
