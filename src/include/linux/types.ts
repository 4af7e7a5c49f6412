// The types C code of the kernel uses everywhere. Linux: include/linux/types.h.

/** 0 for success, or a negative error number. */
export type errno_t = number
/** A device number: major and minor in one, see kdev_t.ts. */
export type dev_t = number
export type umode_t = number
export type loff_t = number
export type size_t = number
export type ssize_t = number
export type __poll_t = number

/** What a C function takes as a pointer to one value: `dev_t *dev`, `loff_t *ppos`. */
export interface ref<T> {
  value: T
}

/** A variable whose address can be taken: `const devno = ref(0)`. */
export function ref<T>(value: T): ref<T> {
  return { value }
}

/** What a call that may sleep gives back: at once if it did not have to. */
export type MaybePromise<T> = T | Promise<T>
