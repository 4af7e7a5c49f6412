// What carries calls between the host's kernel and a file system: the seam between a mount and
// what it shows. devfuse.ts speaks the protocol itself.

import type { MaybePromise } from '../include/linux/types.ts'
import type { NamedFilesystem } from './path_nodes.ts'

/** What a transport needs of its owner. */
export interface TransportHooks {
  /** Let promises that have settled run their continuations, now. */
  drain(): void
  /** The calls that were there have been made. */
  afterBatch(): void
  /** A file system threw, or a promise of it failed: a bug in this program. */
  onPanic(error: unknown): void
  /** A file system gave an answer that no program can get; it was replaced. */
  onBadReply(text: string): void
  /** The mount is gone; `error` is -ENODEV after an orderly unmount. */
  ended?(error: number): void
}

export interface Transport {
  readonly name: string
  /** Absolute, without symbolic links. */
  readonly mountpoint: string
  /** Who has mounted it: "mount(2)". */
  readonly way: string
  /**
   * The file system's number as /proc/<pid>/maps shows it: "00:2d". undefined if what programs map
   * cannot be told from what they read: then nothing can be mapped.
   */
  readonly device: string | undefined
  /** From now on programs reach `fs`. Throws MountError. */
  start(fs: NamedFilesystem, hooks: TransportHooks): MaybePromise<void>
  /** Ask the host to poll the file with this handle again. */
  notifyPoll(kh: bigint): void
  /** Tell the host something unasked: bytes written, or -errno. */
  notify(message: Uint8Array): number
  /** As notify(), on another thread: the host may have to wait for a reply of ours before it takes it. */
  notifyInBackground(message: Uint8Array): Promise<number>
}
