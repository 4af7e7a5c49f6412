// What a device holds and gives back by itself, in reverse order, when its driver lets go of it or
// the device ends. Implemented in base/devres.ts. Linux: include/linux/device.h.
import type { Devres } from '../../base/devres.ts'
import type { device } from './device.ts'
import { __GFP_ZERO } from './slab.ts'
import type { errno_t, MaybePromise } from './types.ts'

/** `size` bytes for as long as the device has them, or null. */
export declare const devm_kmalloc: Devres['devm_kmalloc']
/** The same, zeroed. */
export const devm_kzalloc = (dev: device, size: number, gfp: number): Uint8Array | null =>
  devm_kmalloc(dev, size, gfp | __GFP_ZERO)
/** `n` times `size` bytes, or null. */
export const devm_kmalloc_array = (
  dev: device,
  n: number,
  size: number,
  gfp: number,
): Uint8Array | null => devm_kmalloc(dev, n * size, gfp)
/** The same, zeroed. */
export const devm_kcalloc = (
  dev: device,
  n: number,
  size: number,
  gfp: number,
): Uint8Array | null => devm_kmalloc_array(dev, n, size, gfp | __GFP_ZERO)
/** A copy of the bytes. */
export declare const devm_kmemdup: Devres['devm_kmemdup']
/** A copy of the text; null of null. */
export declare const devm_kstrdup: Devres['devm_kstrdup']
/** The text that a printf format with its arguments makes. */
export declare const devm_kasprintf: Devres['devm_kasprintf']
/** Give memory back before its time; a warning if the device does not have it. */
export declare const devm_kfree: Devres['devm_kfree']

/** Call `action(data)` when the device lets go: 0 or an error. */
export declare const devm_add_action: Devres['devm_add_action']
/** Forget it; a warning if there is none. */
export declare const devm_remove_action: Devres['devm_remove_action']
/** Call it now, and forget it. */
export declare const devm_release_action: Devres['devm_release_action']
/** As devm_add_action(); if that fails `action` is called at once. */
export function devm_add_action_or_reset<T>(
  dev: device,
  action: (data: T) => MaybePromise<void>,
  data: T,
): MaybePromise<errno_t> {
  const err = devm_add_action(dev, action, data)
  if (!err) return 0
  const done = action(data)
  return typeof done === 'object' ? done.then(() => err) : err
}

/** Groups of files that go with it: 0 or an error. */
export declare const devm_device_add_groups: Devres['devm_device_add_groups']
export declare const devm_device_add_group: Devres['devm_device_add_group']
