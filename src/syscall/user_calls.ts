// System calls with pointers into the caller's memory, as programs make them: what comes before and
// after the kernel's own functions. Linux: SYSCALL_DEFINE in kernel/module/main.c, kernel/printk/printk.c.

import { CAP_SYS_MODULE } from '../include/linux/capability.ts'
import type { errno_t } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { EFAULT, EFBIG, EINVAL, ENOEXEC, EPERM } from '../include/uapi/errno.ts'
import { MODULE_INIT_FLAGS } from '../include/uapi/module.ts'
import {
  SYSLOG_ACTION_READ,
  SYSLOG_ACTION_READ_ALL,
  SYSLOG_ACTION_READ_CLEAR,
} from '../include/uapi/syslog.ts'
import type { Capabilities } from '../kernel/capability.ts'
import type { Modules } from '../kernel/module/main.ts'
import type { Printk } from '../kernel/printk.ts'
import { copy_from_user, copy_to_user } from '../lib/usercopy.ts'
import { strncpy_from_user, strnlen_user } from '../lib/user_string.ts'
import { IMAGE_MAX } from './forward.ts'

/** Parameters are not longer, in bytes. */
const PARAMS_MAX = 1 << 20
/** Linux: MODULE_NAME_LEN. */
const MODULE_NAME_LEN = 56
/** An ELF header, in bytes. */
const EHDR_SIZE = 64

const READING: number[] = [
  SYSLOG_ACTION_READ,
  SYSLOG_ACTION_READ_ALL,
  SYSLOG_ACTION_READ_CLEAR,
]

export interface UserCallNeeds {
  readonly modules: Modules
  readonly log: Printk
  readonly capabilities: Capabilities
}

export class UserCalls {
  readonly #needs: UserCallNeeds

  constructor(needs: UserCallNeeds) {
    this.#needs = needs
  }

  async init_module(umod: user_ptr, len: number, uargs: user_ptr): Promise<errno_t> {
    const { modules } = this.#needs
    if (!this.#mayLoad()) return -EPERM
    if (len < EHDR_SIZE) return -ENOEXEC
    const image = copyOf(umod, len)
    if (typeof image === 'number') return image
    const params = stringAt(uargs)
    return typeof params === 'number' ? params : modules.init_module(image, params)
  }

  /** `image` is what the file holds; if it has none, `len` is the error. `flags`: MODULE_INIT_*. */
  async finit_module(
    image: user_ptr,
    len: number,
    uargs: user_ptr,
    flags: number,
  ): Promise<errno_t> {
    const { modules } = this.#needs
    if (!this.#mayLoad()) return -EPERM
    if (flags & ~MODULE_INIT_FLAGS) return -EINVAL
    const bytes = len < 0 ? len : copyOf(image, len)
    if (typeof bytes === 'number') return bytes
    const params = stringAt(uargs)
    return typeof params === 'number'
      ? params
      : modules.finit_module(bytes, params, flags)
  }

  async delete_module(name_user: user_ptr, flags: number): Promise<errno_t> {
    const { modules } = this.#needs
    if (!this.#mayLoad()) return -EPERM
    const name = new Uint8Array(MODULE_NAME_LEN)
    const n = strncpy_from_user(name, name_user, MODULE_NAME_LEN - 1)
    if (n < 0) return n
    return modules.delete_module(Buffer.from(name).toString('latin1', 0, n), flags)
  }

  async syslog(type: number, buf: user_ptr, len: number): Promise<number> {
    const { syslog } = this.#needs.log
    if (!syslog.check_syslog_permissions(type)) return -EPERM
    if (READING.includes(type) && (buf.value === 0n || len < 0)) return -EINVAL
    const { ret, text } = await syslog.do_syslog(type, len)
    if (!text || text.length === 0) return ret
    return copy_to_user(buf, text, text.length) ? -EFAULT : ret
  }

  #mayLoad(): boolean {
    const { capabilities, modules } = this.#needs
    return capabilities.capable(CAP_SYS_MODULE) && !modules.modules_disabled
  }
}

function copyOf(from: user_ptr, len: number): Uint8Array | errno_t {
  if (len > IMAGE_MAX) return -EFBIG
  const bytes = new Uint8Array(len)
  return copy_from_user(bytes, from, len) ? -EFAULT : bytes
}

function stringAt(from: user_ptr): string | errno_t {
  const length = strnlen_user(from, PARAMS_MAX)
  if (length === 0) return -EFAULT
  if (length > PARAMS_MAX) return -EINVAL
  const bytes = copyOf(from, length - 1)
  return typeof bytes === 'number' ? bytes : Buffer.from(bytes).toString('utf8')
}
