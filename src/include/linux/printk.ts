// The kernel's messages. Implemented in kernel/printk.ts and lib/hexdump.ts.
// Linux: include/linux/printk.h.
//
// Below, `args` may end in a call site, which kbuild adds: see call_site.ts.
import type { HexDump } from '../../kernel/hexdump.ts'
import type { Printk } from '../../kernel/printk.ts'
import type { StackDumps } from '../../kernel/dumpstack.ts'
import type * as hexdump from '../../lib/hexdump.ts'
import { take_call_site } from './call_site.ts'
import type { DynamicDebug } from '../../kernel/dynamic_debug.ts'
import type { Ratelimits } from '../../kernel/ratelimit.ts'
import { is_enabled } from './dynamic_debug.ts'
import { ratelimit_state } from './ratelimit.ts'

export { printk_ratelimit } from './ratelimit.ts'

/** SOH, which begins a level. */
export const KERN_SOH = '\x01'

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

/** @internal What the calls below come to: the symbol that every module that prints needs. */
export declare const _printk: Printk['_printk']
/** As printk(), with the arguments in an array. */
export declare const vprintk: Printk['vprintk']
/** @internal The file operations of /dev/kmsg. */
export declare const kmsg_fops: Printk['kmsg_fops']
/** Log who is running and how it got here. */
export declare const dump_stack: StackDumps['dump_stack']

// Declared for drivers elsewhere. The kernel itself imports the levels above, so no name may be
// imported here that only a driver can link to.
declare const ___ratelimit: Ratelimits['___ratelimit']
declare const __dynamic_pr_debug: DynamicDebug['__dynamic_pr_debug']

type Message = (fmt: string, ...args: unknown[]) => number

/**
 * Log a message: `printk(KERN_INFO + 'x=%d\n', x)`. Formats are C's. How many bytes it
 * gave, without level and newline.
 */
export const printk: Message = (fmt, ...args) => _printk(fmt, ...args)

/**
 * A message of one level. A file's own `pr_fmt` changes the format:
 * `const pr_fmt = (fmt: string) => KBUILD_MODNAME + ': ' + fmt`.
 */
function message(level: string): Message {
  return (fmt, ...args) => {
    const site = take_call_site(args)
    return _printk(level + (site?.pr_fmt?.(fmt) ?? fmt), ...args)
  }
}

/** The same, the first time that this line is reached. */
function once(level: string): Message {
  return (fmt, ...args) => {
    const site = take_call_site(args)
    if (site?.already_done) return 0
    if (site) site.already_done = true
    return _printk(level + (site?.pr_fmt?.(fmt) ?? fmt), ...args)
  }
}

/** The same, ten times in five seconds for each line of the driver. */
function ratelimited(level: string): Message {
  return (fmt, ...args) => {
    const site = take_call_site(args)
    if (site) {
      site.state ??= new ratelimit_state()
      if (!___ratelimit(site.state as ratelimit_state, site.func)) return 0
    }
    return _printk(level + (site?.pr_fmt?.(fmt) ?? fmt), ...args)
  }
}

export const pr_emerg: Message = /* @__PURE__ */ message(KERN_EMERG)
export const pr_alert: Message = /* @__PURE__ */ message(KERN_ALERT)
export const pr_crit: Message = /* @__PURE__ */ message(KERN_CRIT)
export const pr_err: Message = /* @__PURE__ */ message(KERN_ERR)
export const pr_warn: Message = /* @__PURE__ */ message(KERN_WARNING)
export const pr_notice: Message = /* @__PURE__ */ message(KERN_NOTICE)
export const pr_info: Message = /* @__PURE__ */ message(KERN_INFO)
/** Goes on with the line that the last message left open; no pr_fmt here. */
export const pr_cont: Message = (fmt, ...args) => _printk(KERN_CONT + fmt, ...args)
/** Silent, unless the driver is compiled with -DDEBUG. */
export const pr_devel: Message = (fmt, ...args) => {
  const site = take_call_site(args)
  if (!site || !is_enabled(site)) return 0
  return _printk(KERN_DEBUG + (site.pr_fmt?.(fmt) ?? fmt), ...args)
}

/** Silent until /proc/dynamic_debug/control, or the parameter `dyndbg`, switches it on. */
export const pr_debug: Message = (fmt, ...args) => {
  const site = take_call_site(args)
  if (!site || !is_enabled(site)) return 0
  return __dynamic_pr_debug(site, site.pr_fmt?.(fmt) ?? fmt, args)
}

export const printk_once: Message = /* @__PURE__ */ once('')
export const pr_emerg_once: Message = /* @__PURE__ */ once(KERN_EMERG)
export const pr_alert_once: Message = /* @__PURE__ */ once(KERN_ALERT)
export const pr_crit_once: Message = /* @__PURE__ */ once(KERN_CRIT)
export const pr_err_once: Message = /* @__PURE__ */ once(KERN_ERR)
export const pr_warn_once: Message = /* @__PURE__ */ once(KERN_WARNING)
export const pr_notice_once: Message = /* @__PURE__ */ once(KERN_NOTICE)
export const pr_info_once: Message = /* @__PURE__ */ once(KERN_INFO)

export const printk_ratelimited: Message = /* @__PURE__ */ ratelimited('')
export const pr_emerg_ratelimited: Message = /* @__PURE__ */ ratelimited(KERN_EMERG)
export const pr_alert_ratelimited: Message = /* @__PURE__ */ ratelimited(KERN_ALERT)
export const pr_crit_ratelimited: Message = /* @__PURE__ */ ratelimited(KERN_CRIT)
export const pr_err_ratelimited: Message = /* @__PURE__ */ ratelimited(KERN_ERR)
export const pr_warn_ratelimited: Message = /* @__PURE__ */ ratelimited(KERN_WARNING)
export const pr_notice_ratelimited: Message = /* @__PURE__ */ ratelimited(KERN_NOTICE)
export const pr_info_ratelimited: Message = /* @__PURE__ */ ratelimited(KERN_INFO)

/** Silent unless switched on; then with a limit. */
export const pr_debug_ratelimited: Message = (fmt, ...args) => {
  const site = take_call_site(args)
  if (!site || !is_enabled(site)) return 0
  site.state ??= new ratelimit_state()
  if (!___ratelimit(site.state as ratelimit_state, site.func)) return 0
  return __dynamic_pr_debug(site, site.pr_fmt?.(fmt) ?? fmt, args)
}

/** What stands in front of each line of a dump. */
export const DUMP_PREFIX_NONE = 0
export const DUMP_PREFIX_ADDRESS = 1
export const DUMP_PREFIX_OFFSET = 2

/** One line of a dump into `linebuf`: at most `rowsize` bytes of `buf`; the line's length. */
export declare const hex_dump_to_buffer: typeof hexdump.hex_dump_to_buffer
/** Log `len` bytes of `buf` in hex, `rowsize` (16 or 32) a line, in groups of 1, 2, 4 or 8. */
export declare const print_hex_dump: HexDump['print_hex_dump']

/** print_hex_dump() at KERN_DEBUG, which dynamic debug switches on. */
export function print_hex_dump_debug(
  prefix_str: string,
  prefix_type: number,
  rowsize: number,
  groupsize: number,
  buf: string | Uint8Array,
  len: number,
  ascii: boolean,
  ...rest: unknown[]
): void {
  const site = take_call_site(rest)
  if (!site || !is_enabled(site)) return
  print_hex_dump(KERN_DEBUG, prefix_str, prefix_type, rowsize, groupsize, buf, len, ascii)
}

/** The same, of bytes with their characters, 16 a line. */
export function print_hex_dump_bytes(
  prefix_str: string,
  prefix_type: number,
  buf: string | Uint8Array,
  len: number,
  ...rest: unknown[]
): void {
  print_hex_dump_debug(prefix_str, prefix_type, 16, 1, buf, len, true, ...rest)
}
