// An open attribute: when show() is called, what one write(2) carries, what poll(2) says. Linux:
// fs/kernfs/file.c.
//
// A read at position 0 calls show(), and so does one elsewhere than where the last one ended; reading
// on from there takes from what is kept. So what is left of a text can be read after its file is gone.

import { EACCES, EFAULT, EFBIG, EIO, ENODEV } from '../../include/linux/errno.ts'
import {
  FMODE_READ,
  FMODE_WRITE,
  type file,
  type file_operations,
} from '../../include/linux/fs.ts'
import { S_IRUGO, S_IWUGO } from '../../include/linux/stat.ts'
import type { errno_t, MaybePromise, ref } from '../../include/linux/types.ts'
import type { user_ptr } from '../../include/linux/uaccess.ts'
import { wait_queue_head } from '../../include/linux/wait.ts'
import { poll_wait } from '../../include/linux/poll.ts'
import {
  EPOLLERR,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDNORM,
  EPOLLWRNORM,
} from '../../include/uapi/poll.ts'
import { PAGE_SIZE } from '../../lib/page_text.ts'
import { copy_from_user, copy_to_user } from '../../lib/usercopy.ts'
import type { ActiveCalls } from '../active.ts'
import type { Inode } from '../inode.ts'
import { default_llseek, simple_read_from_buffer } from '../libfs.ts'

const DEFAULT_POLLMASK = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM

/** How often an attribute has been notified, and who waits for that. */
export class NotifyNode {
  event = 1
  readonly poll = new wait_queue_head()
}

/** What an attribute of text does. */
export interface TextOps {
  show?: () => MaybePromise<Uint8Array | errno_t>
  /** All that one write(2) carried, a page at most: how much was used, or an error. */
  store?: (bytes: Uint8Array) => MaybePromise<number>
}

/** What an attribute of bytes does; `buf` is what it is about. The position is within the file. */
export interface BinaryOps {
  /** 0: any position is within. */
  size: number
  read?: (filp: file, buf: Uint8Array, pos: number) => MaybePromise<number>
  write?: (filp: file, buf: Uint8Array, pos: number) => MaybePromise<number>
}

/** What an open attribute keeps. */
interface OpenAttribute {
  text: Uint8Array | undefined
  /** Where the last read ended. */
  readPos: number
  /** The event that this reader knows of. */
  event: number
}

type Operations = file_operations<OpenAttribute>
type Read = NonNullable<Operations['read']>
type Write = NonNullable<Operations['write']>

export function text_attribute(
  active: ActiveCalls,
  node: NotifyNode,
  { show, store }: TextOps,
): Operations {
  const read: Read = (filp, buf, count, pos) => {
    const of = filp.private_data
    const goesOn = of.text !== undefined && pos.value !== 0 && pos.value === of.readPos
    const give = (text: Uint8Array) => giveText(of, text, buf, count, pos)
    if (goesOn && of.text && of.readPos < of.text.length) return give(of.text)
    return active.enter(inodeOf(filp), -ENODEV, () => {
      if (goesOn) return 0
      of.event = node.event
      if (!show) return -EIO
      const shown = show()
      return isReady(shown) ? giveShown(shown, give) : shown.then(t => giveShown(t, give))
    })
  }
  const write: Write = (filp, buf, count, pos) => {
    const bytes = fetchPage(buf, count)
    if (typeof bytes === 'number') return bytes
    return active.enter(inodeOf(filp), -ENODEV, () => {
      if (count === 0) return 0
      return store ? advancing(pos, store(bytes)) : -EIO
    })
  }
  return { ...common(active, node), read, write }
}

export function binary_attribute(
  active: ActiveCalls,
  node: NotifyNode,
  ops: BinaryOps,
): Operations {
  const { size } = ops
  const room = (pos: number) => (size ? Math.max(0, size - pos) : Infinity)
  const read: Read = (filp, buf, count, pos) => {
    const bytes = new Uint8Array(Math.min(count, PAGE_SIZE, room(pos.value)))
    return active.enter(inodeOf(filp), -ENODEV, () => {
      filp.private_data.event = node.event
      if (bytes.length === 0) return 0
      if (!ops.read) return -EIO
      const n = ops.read(filp, bytes, pos.value)
      const give = (m: number) => giveBytes(buf, bytes, m, pos)
      return isReady(n) ? give(n) : n.then(give)
    })
  }
  const write: Write = (filp, buf, count, pos) => {
    const page = fetchPage(buf, count)
    if (typeof page === 'number') return page
    return active.enter(inodeOf(filp), -ENODEV, () => {
      if (room(pos.value) === 0) return -EFBIG
      const bytes = page.subarray(0, room(pos.value))
      if (bytes.length === 0) return 0
      return ops.write ? advancing(pos, ops.write(filp, bytes, pos.value)) : -EIO
    })
  }
  return { ...common(active, node), read, write }
}

/** What holds for both kinds: even root is held to the mode bits, and poll(2) waits for news. */
function common(active: ActiveCalls, node: NotifyNode): Operations {
  return {
    open(inode, filp) {
      if (filp.f_mode & FMODE_WRITE && !(inode.i_mode & S_IWUGO)) return -EACCES
      if (filp.f_mode & FMODE_READ && !(inode.i_mode & S_IRUGO)) return -EACCES
      filp.private_data = { text: undefined, readPos: 0, event: 0 }
      return 0
    },
    poll(filp, table) {
      poll_wait(filp, node.poll, table)
      const isNews =
        !active.isThere(inodeOf(filp)) || filp.private_data.event !== node.event
      return isNews ? DEFAULT_POLLMASK | EPOLLERR | EPOLLPRI : DEFAULT_POLLMASK
    },
    llseek: default_llseek,
  }
}

const inodeOf = (filp: file): Inode => filp.f_inode as Inode

function isReady<T>(answer: MaybePromise<T>): answer is T {
  return typeof answer !== 'object' || answer instanceof Uint8Array
}

function giveShown(
  shown: Uint8Array | errno_t,
  give: (text: Uint8Array) => number,
): number {
  return typeof shown === 'number' ? shown : give(shown)
}

function giveText(
  of: OpenAttribute,
  text: Uint8Array,
  buf: user_ptr,
  count: number,
  pos: ref<number>,
): number {
  const n = simple_read_from_buffer(buf, count, pos, text, text.length)
  of.text = text
  of.readPos = pos.value
  return n
}

function giveBytes(
  buf: user_ptr,
  bytes: Uint8Array,
  n: number,
  pos: ref<number>,
): number {
  if (n <= 0) return n
  if (copy_to_user(buf, bytes, Math.min(n, bytes.length))) return -EFAULT
  pos.value += n
  return n
}

/** All of a write(2), or as much as there is room for in a page. */
function fetchPage(buf: user_ptr, count: number): Uint8Array | errno_t {
  const bytes = new Uint8Array(Math.min(count, PAGE_SIZE))
  return copy_from_user(bytes, buf, bytes.length) ? -EFAULT : bytes
}

function advancing(pos: ref<number>, answer: MaybePromise<number>): MaybePromise<number> {
  const advance = (n: number) => {
    if (n > 0) pos.value += n
    return n
  }
  return typeof answer === 'object' ? answer.then(advance) : advance(answer)
}
