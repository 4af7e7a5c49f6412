// oops: each mode of its read() makes another mistake.
import { BUG, BUG_ON, WARN, WARN_ON, WARN_ON_ONCE, panic } from '#linux/bug'
import { completion, wait_for_completion } from '#linux/completion'
import { msleep } from '#linux/delay'
import type { file_operations } from '#linux/fs'
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import type { miscdevice } from '#linux/miscdevice'
import {
  KBUILD_MODNAME,
  MODULE_LICENSE,
  THIS_MODULE,
  module_exit,
  module_init,
} from '#linux/module'
import { module_param } from '#linux/moduleparam'
import { mutex, mutex_lock, mutex_unlock } from '#linux/mutex'
import { dump_stack, pr_info } from '#linux/printk'
import { spin_lock, spin_unlock, spinlock } from '#linux/spinlock'
import { struct } from '#linux/struct'
import type { user_ptr } from '#linux/uaccess'

MODULE_LICENSE('GPL')

const mode = module_param('mode', 'int', 0, 0o644)
const initmode = module_param('initmode', 'int', 0, 0)
const exitmode = module_param('exitmode', 'int', 0, 0o644)

const m = new mutex()
const sl = new spinlock()
const never = new completion()
const foo = struct({ pad: 'char[16]', x: 'int' })
const int = struct({ value: 'int' })
const nullp = foo.at(0)
const zero = 0n

function deref(): number {
  return nullp.x
}

function store(): void {
  nullp.x = 5
}

const o_read: file_operations['read'] = async function o_read(_filp, u, n) {
  switch (mode.value) {
    case 1:
      return deref()
    case 2:
      store()
      break
    case 3:
      return BUG()
    case 4:
      WARN_ON(true)
      break
    case 5:
      WARN(true, 'oops: WARN with text %d\n', 42)
      break
    case 6:
      return Number(10n / zero)
    case 7:
      await mutex_lock(m)
      deref()
      break
    case 8:
      await mutex_lock(m)
      mutex_unlock(m)
      break
    case 9:
      return int.at(0xdeadbeef000n).value
    case 10:
      WARN_ON_ONCE(true)
      break
    case 11:
      BUG_ON(n > 0)
      break
    case 12:
      dump_stack()
      break
    case 13:
      await wait_for_completion(never)
      break
    case 14:
      spin_lock(sl)
      await msleep(10)
      spin_unlock(sl)
      break
    case 15:
      int.at(0xffffffff81000000n).value = 1
      break
    case 16:
      nowhere!()
      break
    case 17:
      return panic('oops: panic called')
    case 19:
      first_byte(u)
      break
  }
  return 0
}

const nowhere = undefined as (() => void) | undefined

/** As C's `*(volatile char *)u`: there is nothing there that can be read, and nothing happens. */
function first_byte(u: user_ptr): unknown {
  return (u as unknown as Record<number, unknown>)[0]
}

const fops: file_operations = {
  owner: THIS_MODULE,
  open: () => (mode.value === 20 ? deref() : 0),
  release: function o_rel() {
    pr_info('oops: release\n')
    if (mode.value === 21) store()
    return 0
  },
  read: o_read,
}

const md: miscdevice = { minor: MISC_DYNAMIC_MINOR, name: KBUILD_MODNAME, fops }

module_init(function o_init() {
  if (initmode.value === 1) return deref()
  const r = misc_register(md)
  if (initmode.value === 2) deref()
  if (initmode.value === 3) WARN_ON(true)
  return r
})

module_exit(function o_exit() {
  misc_deregister(md)
  if (exitmode.value === 1) deref()
  pr_info('oops: exit\n')
})
