// The functions for drivers that need no subsystem.

import * as cmdline from '../lib/cmdline.ts'
import * as fortify from '../lib/fortify.ts'
import * as hexdump from '../lib/hexdump.ts'
import * as iov_iter from '../lib/iov_iter.ts'
import * as kfifo from '../lib/kfifo.ts'
import * as kstrtox from '../lib/kstrtox.ts'
import * as random from '../lib/random.ts'
import * as user_string from '../lib/user_string.ts'
import * as user_struct from '../lib/user_struct.ts'
import * as user_value from '../lib/user_value.ts'
import * as usercopy from '../lib/usercopy.ts'
import * as vsscanf from '../lib/vsscanf.ts'
import type { Core } from './core.ts'

export function lib_init({ symbols }: Core): void {
  const texts = [cmdline, fortify, hexdump, vsscanf, kstrtox, random]
  const users = [iov_iter, kfifo, usercopy, user_value, user_string, user_struct]
  for (const file of [...texts, ...users]) symbols.exportFunctions(file.EXPORT_SYMBOL)
}
