// The kernel's messages. Implemented in kernel/printk.ts. Linux: include/linux/printk.h.
import type { Printk } from '../../kernel/printk.ts'
import type { Traps } from '../../kernel/panic.ts'

/** SOH, which begins a level. */
const KERN_SOH = '\x01'

export const KERN_EMERG = `${KERN_SOH}0`
export const KERN_ALERT = `${KERN_SOH}1`
export const KERN_CRIT = `${KERN_SOH}2`
export const KERN_ERR = `${KERN_SOH}3`
export const KERN_WARNING = `${KERN_SOH}4`
export const KERN_NOTICE = `${KERN_SOH}5`
export const KERN_INFO = `${KERN_SOH}6`
export const KERN_DEBUG = `${KERN_SOH}7`
export const KERN_DEFAULT = ''
/** Goes on with the line that the last message left open. */
export const KERN_CONT = `${KERN_SOH}c`

/** Log a message: `printk(KERN_INFO + 'x=%d\n', x)`. Formats are C's. Returns its length. */
export declare const printk: Printk['printk']
/** @internal The file operations of /dev/kmsg. */
export declare const kmsg_fops: Printk['kmsg_fops']
/** Log who is running and how it got here. */
export declare const dump_stack: Traps['dump_stack']

export const pr_emerg = (fmt: string, ...args: unknown[]): number =>
  printk(KERN_EMERG + fmt, ...args)
export const pr_alert = (fmt: string, ...args: unknown[]): number =>
  printk(KERN_ALERT + fmt, ...args)
export const pr_crit = (fmt: string, ...args: unknown[]): number =>
  printk(KERN_CRIT + fmt, ...args)
export const pr_err = (fmt: string, ...args: unknown[]): number =>
  printk(KERN_ERR + fmt, ...args)
export const pr_warn = (fmt: string, ...args: unknown[]): number =>
  printk(KERN_WARNING + fmt, ...args)
export const pr_notice = (fmt: string, ...args: unknown[]): number =>
  printk(KERN_NOTICE + fmt, ...args)
export const pr_info = (fmt: string, ...args: unknown[]): number =>
  printk(KERN_INFO + fmt, ...args)
export const pr_cont = (fmt: string, ...args: unknown[]): number =>
  printk(KERN_CONT + fmt, ...args)
/** Silent, as in a kernel built without DEBUG. */
export const pr_debug = (_fmt: string, ..._args: unknown[]): number => 0
