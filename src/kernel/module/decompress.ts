// Module files that the kernel is to decompress itself. Linux: kernel/module/decompress.c, with
// CONFIG_MODULE_COMPRESS_XZ.

import { EINVAL } from '../../include/linux/errno.ts'
import type { errno_t } from '../../include/linux/types.ts'
import { wait_queue_head } from '../../include/linux/wait.ts'
import { compressionOf } from '../../lib/decompress.ts'
import type { Printk } from '../printk.ts'
import type { WaitQueues } from '../wait.ts'

/** Statuses of the decoder. Linux: enum xz_ret in include/linux/xz.h. */
const XZ_OPTIONS_ERROR = 6
const XZ_DATA_ERROR = 7

/** Where a file says how it can be checked, and the strongest check that the kernel's decoder knows. */
const CHECK_AT = 7
const XZ_CHECK_CRC32 = 1

interface Needs {
  wait: WaitQueues
  log: Printk
}

/** The image in `file`, or -EINVAL. */
export async function module_decompress(
  { wait, log }: Needs,
  file: Uint8Array,
): Promise<Uint8Array | errno_t> {
  const compression = compressionOf(file)
  if (compression?.name !== 'xz') {
    log.printk('\x013not an xz compressed module\n')
    return -EINVAL
  }
  const knowsCheck = (file[CHECK_AT] ?? 0) <= XZ_CHECK_CRC32
  const unpacked = knowsCheck
    ? await sleepUntil(wait, compression.unpack(file))
    : XZ_OPTIONS_ERROR
  if (typeof unpacked !== 'number') return unpacked
  log.printk('\x013decompression failed with status %d\n', unpacked)
  return -EINVAL
}

/** Other tasks run meanwhile. */
async function sleepUntil(
  wait: WaitQueues,
  unpacking: Promise<Uint8Array>,
): Promise<Uint8Array | number> {
  const queue = new wait_queue_head()
  let unpacked: Uint8Array | number | undefined
  const settle = (result: Uint8Array | number) => {
    unpacked = result
    wait.wake_up_all(queue)
  }
  void unpacking.then(settle, () => settle(XZ_DATA_ERROR))
  await wait.wait_event(queue, () => unpacked !== undefined)
  return unpacked ?? XZ_DATA_ERROR
}
