// Messages about a device, which say of which. Implemented in base/dev_printk.ts.
// Linux: include/linux/dev_printk.h.
import type { DevPrintk } from '../../base/dev_printk.ts'
import type { Ratelimits } from '../../kernel/ratelimit.ts'
import { take_call_site } from './call_site.ts'
import type { device } from './device.ts'
import { is_enabled } from './dynamic_debug.ts'
import {
  KERN_ALERT,
  KERN_CRIT,
  KERN_EMERG,
  KERN_ERR,
  KERN_INFO,
  KERN_NOTICE,
  KERN_WARNING,
} from './printk.ts'
import { ratelimit_state } from './ratelimit.ts'

/** @internal The message, with its arguments in an array. */
export declare const _dev_printk: DevPrintk['_dev_printk']
/** @internal The message of a dev_dbg() that is on. */
export declare const __dynamic_dev_dbg: DevPrintk['__dynamic_dev_dbg']
declare const ___ratelimit: Ratelimits['___ratelimit']

type Message = (dev: device | null | undefined, fmt: string, ...args: unknown[]) => number

/** `dev_printk(KERN_INFO, dev, '%d bytes\n', n)` */
export function dev_printk(
  level: string,
  dev: device | null | undefined,
  fmt: string,
  ...args: unknown[]
): number {
  return _dev_printk(level, dev, fmt, args)
}

/** "class name: text": the device's class and name stand in front. */
function message(level: string): Message {
  return (dev, fmt, ...args) => _dev_printk(level, dev, fmt, args)
}

/** The same, the first time that this line is reached. */
function once(level: string): Message {
  return (dev, fmt, ...args) => {
    const site = take_call_site(args)
    if (site?.already_done) return 0
    if (site) site.already_done = true
    return _dev_printk(level, dev, fmt, args)
  }
}

/** The same, ten times in five seconds for each line of the driver. */
function ratelimited(level: string): Message {
  return (dev, fmt, ...args) => {
    const site = take_call_site(args)
    if (site) {
      site.state ??= new ratelimit_state()
      if (!___ratelimit(site.state as ratelimit_state, site.func)) return 0
    }
    return _dev_printk(level, dev, fmt, args)
  }
}

export const dev_emerg: Message = /* @__PURE__ */ message(KERN_EMERG)
export const dev_alert: Message = /* @__PURE__ */ message(KERN_ALERT)
export const dev_crit: Message = /* @__PURE__ */ message(KERN_CRIT)
export const dev_err: Message = /* @__PURE__ */ message(KERN_ERR)
export const dev_warn: Message = /* @__PURE__ */ message(KERN_WARNING)
export const dev_notice: Message = /* @__PURE__ */ message(KERN_NOTICE)
export const dev_info: Message = /* @__PURE__ */ message(KERN_INFO)

/** Silent until dynamic debug switches it on. */
export const dev_dbg: Message = (dev, fmt, ...args) => {
  const site = take_call_site(args)
  return site && is_enabled(site) ? __dynamic_dev_dbg(site, dev, fmt, args) : 0
}

export const dev_err_once: Message = /* @__PURE__ */ once(KERN_ERR)
export const dev_warn_once: Message = /* @__PURE__ */ once(KERN_WARNING)
export const dev_notice_once: Message = /* @__PURE__ */ once(KERN_NOTICE)
export const dev_info_once: Message = /* @__PURE__ */ once(KERN_INFO)
export const dev_err_ratelimited: Message = /* @__PURE__ */ ratelimited(KERN_ERR)
export const dev_warn_ratelimited: Message = /* @__PURE__ */ ratelimited(KERN_WARNING)
export const dev_notice_ratelimited: Message = /* @__PURE__ */ ratelimited(KERN_NOTICE)
export const dev_info_ratelimited: Message = /* @__PURE__ */ ratelimited(KERN_INFO)
