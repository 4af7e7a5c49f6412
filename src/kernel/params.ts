// "name=value name=value": the parameters of a module. Linux: kernel/params.c.

import { EINVAL, ENOENT, ENOSPC, ERANGE } from '../include/linux/errno.ts'
import type { param_definition, param_type } from '../include/linux/moduleparam.ts'
import { KERN_ERR } from '../include/linux/printk.ts'
import type { errno_t, ref } from '../include/linux/types.ts'
import type { Printk } from './printk.ts'

/** Bytes. */
const CHARP_MAX = 1024

/** How one type of parameter is read and shown. `text` is undefined for a bare "name". */
interface ParamOps {
  set: (text: string | undefined, arg: ref<never>, name: string, log: Printk) => errno_t
  get: (arg: ref<unknown>) => string
}

const PARAM_OPS: Record<param_type, ParamOps> = {
  int: {
    set: (text, arg: ref<number>) => setInteger(text, arg, -(2n ** 31n), 2n ** 31n - 1n),
    get: arg => String(arg.value),
  },
  bool: {
    set(text, arg: ref<boolean>) {
      const value = text === undefined ? true : parseBool(text)
      if (value === undefined) return -EINVAL
      arg.value = value
      return 0
    },
    get: arg => (arg.value ? 'Y' : 'N'),
  },
  charp: {
    set(text, arg: ref<string | null>, name, log) {
      if (text === undefined) return -EINVAL
      if (Buffer.byteLength(text) > CHARP_MAX) {
        log.printk(`${KERN_ERR}%s: string parameter too long\n`, name)
        return -ENOSPC
      }
      arg.value = text
      return 0
    },
    get: arg => (typeof arg.value === 'string' ? arg.value : '(null)'),
  },
}

export function param_get(param: param_definition): string {
  return PARAM_OPS[param.type].get(param.arg)
}

export function param_set(
  log: Printk,
  param: param_definition,
  text: string | undefined,
): errno_t {
  return PARAM_OPS[param.type].set(text, param.arg as ref<never>, param.name, log)
}

/**
 * Set all that `args` names. A bad value does not stop the ones after it; the answer is the last
 * error. `unknown` is told of names that no parameter has.
 */
export function parse_args(
  log: Printk,
  doing: string,
  args: string,
  params: readonly param_definition[],
  unknown: (name: string) => void,
): errno_t {
  let result: errno_t = 0
  for (const { name, value } of split(args)) {
    if (name === '--' && value === undefined) continue
    const param = params.find(candidate => sameName(candidate.name, name))
    if (!param) {
      unknown(name)
      continue
    }
    const err = param_set(log, param, value)
    if (err) {
      result = err
      report(log, doing, name, value ?? '', err)
    }
  }
  return result
}

function report(
  log: Printk,
  doing: string,
  name: string,
  value: string,
  err: errno_t,
): void {
  const what = err === -ENOSPC ? 'too large' : 'invalid'
  if (err === -ENOENT) log.printk(`${KERN_ERR}%s: Unknown parameter \`%s'\n`, doing, name)
  else
    log.printk(`${KERN_ERR}%s: \`%s' ${what} for parameter \`%s'\n`, doing, value, name)
}

/** Blanks separate, but not within double quotes, which are then taken off. */
function split(args: string): { name: string; value: string | undefined }[] {
  const words = args.trim().match(/(?:"[^"]*"?|[^\s"])+/g) ?? []
  return words.map(raw => {
    const word = raw.startsWith('"') ? raw.slice(1).replace(/"$/, '') : raw
    const equals = word.indexOf('=')
    if (equals < 0) return { name: word, value: undefined }
    const value = word.slice(equals + 1)
    return { name: word.slice(0, equals), value: unquote(value) }
  })
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1).replace(/"$/, '') : value
}

function sameName(a: string, b: string): boolean {
  return a.replaceAll('-', '_') === b.replaceAll('-', '_')
}

function setInteger(
  text: string | undefined,
  arg: ref<number>,
  min: bigint,
  max: bigint,
): errno_t {
  const value = text === undefined ? undefined : parseInteger(text)
  if (value === undefined) return -EINVAL
  if (value < min || value > max) return -ERANGE
  arg.value = Number(value)
  return 0
}

/** As kstrtoll() with base 0: a sign, 0x, 0 for octal, one newline at the end. */
function parseInteger(text: string): bigint | undefined {
  const [, sign, hex, octal, decimal] =
    /^([-+]?)(?:0x([\da-f]+)|0([0-7]+)|([1-9]\d*|0))\n?$/i.exec(text) ?? []
  const digits = hex ? `0x${hex}` : octal ? `0o${octal}` : decimal
  if (digits === undefined) return undefined
  return sign === '-' ? -BigInt(digits) : BigInt(digits)
}

/** As kstrtobool(): only the first letters count. */
function parseBool(text: string): boolean | undefined {
  if (/^(?:[yYtT1]|[oO][nN])/.test(text)) return true
  if (/^(?:[nNfF0]|[oO][fF])/.test(text)) return false
  return undefined
}
