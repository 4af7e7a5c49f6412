// What tests of `modbox run` share.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Ran, shell } from './mounted.ts'
import { requireThat, requireTool } from './require.ts'
import { hasFuse } from './tiny_mount.ts'

/** A driver for test/programs/run_ioctl.c. */
export const RUN_IOCTL_DRIVER = `// For tests: ioctls of all kinds.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { EFAULT, ENOTTY } from '#linux/errno'
import type { file_operations } from '#linux/fs'
import { _IOR, _IOW, _IOWR } from '#linux/ioctl'
import { type miscdevice, misc_deregister, misc_register } from '#linux/miscdevice'
import { struct } from '#linux/struct'
import { u64_to_user_ptr } from '#linux/kernel'
import { copy_from_user, copy_to_user } from '#linux/uaccess'
import { wait_event_interruptible, wait_queue_head, wake_up_interruptible } from '#linux/wait'

const text = struct({ length: 'unsigned long', address: 'char *' })
const waiting = new wait_queue_head()
let woken = false

const fops: file_operations = {
  async unlocked_ioctl(_filp, cmd, arg) {
    switch (cmd) {
      case _IOW('k', 1, 'unsigned long'):
      case _IOWR('k', 2, 'int'):
        return arg.int
      case 1:
        return 11
      case 0x541b:
        return 12
      case _IOR('k', 3, 'char *'):
        return copy_to_user(arg, bytesOf('x'.repeat(99)), 100) ? -EFAULT : 0
      case _IOWR('k', 4, text): {
        const inside = new text()
        if (copy_from_user(inside, arg, text.sizeof)) return -EFAULT
        const answer = bytesOf('after')
        if (copy_to_user(u64_to_user_ptr(inside.address), answer, answer.length)) return -EFAULT
        return 0
      }
      case _IOW('k', 5, 'int'): {
        woken = false
        const err = await wait_event_interruptible(waiting, () => woken)
        return err ? err : 1
      }
      case _IOW('k', 6, 'int'):
        woken = true
        wake_up_interruptible(waiting)
        return 0
      default:
        return -ENOTTY
    }
  },
}

function bytesOf(string: string): Uint8Array {
  const bytes = new Uint8Array(string.length + 1)
  for (let i = 0; i < string.length; i++) bytes[i] = string.charCodeAt(i)
  return bytes
}

const device: miscdevice = { name: 'runioctl', minor: 255, mode: 0o666, fops }
module_init(() => misc_register(device))
module_exit(() => misc_deregister(device))
MODULE_LICENSE('GPL')
`

/** What every test of `modbox run` needs of the host. */
export function requireRun(t: Test, ...tools: string[]): boolean {
  if (!requireThat(t, hasFuse(), '/dev/fuse is not there')) return false
  return ['unshare', ...tools].every(tool => requireTool(t, tool))
}

/** Where every user finds the host's own insmod & co. */
export const WITH_ADMINISTRATORS_TOOLS = 'PATH=$PATH:/usr/sbin:/sbin'

/** A bash script under `modbox run`, in a folder made by machineFolder(). */
export function runScript(dir: string, script: string, options = ''): Ran {
  writeFileSync(join(dir, 'script.sh'), `${WITH_ADMINISTRATORS_TOOLS}\n${script}\n`)
  return shell(dir, `modbox run ${options} bash script.sh`)
}
