// Programs under `modbox run` that make ioctls which a mount cannot carry, and that sleep in them.

import { type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted, type MountedMachine, start } from './mounted.ts'

const PROGRAM = join(packageRoot(), 'test/programs/run_ioctl.c')

/** A driver for test/programs/run_ioctl.c. */
const RUN_IOCTL_DRIVER = `// For tests: ioctls of all kinds.
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

/** A machine with the driver, and the program as ./ioctls beside the mount. */
export async function withIoctls(t: Test): Promise<MountedMachine> {
  const machine = bootMounted(t)
  machine.out(`modbox insmod ${await machine.build('runioctl', RUN_IOCTL_DRIVER)}`)
  machine.out(`gcc -Wall -Werror -pthread -o ioctls ${PROGRAM}`)
  return machine
}

/** run_ioctl in its sleep. */
export async function waiting(
  t: Test,
  machine: MountedMachine,
  how: string,
  callers = 1,
): Promise<ChildProcess> {
  const program = start(t, machine, `modbox run ./ioctls /dev/runioctl ${how}`)
  program.stdout.setEncoding('utf8')
  await once(program.stdout, 'data')
  await asleep(machine, callers)
  return program
}

export async function asleep(machine: MountedMachine, callers = 1): Promise<void> {
  machine.out(`until modbox status | grep -q "asleep  *${callers}"; do sleep 0.1; done`)
}

/** What it still prints. */
export async function rest(program: ChildProcess): Promise<string> {
  let text = ''
  program.stdout?.on('data', (chunk: string) => (text += chunk))
  await once(program, 'close')
  return text
}

/** The process that serves the machine's one program. */
export function supervisorOf(machine: MountedMachine): number {
  return supervisorsOf(machine)[0] ?? NaN
}

/** The processes that serve the machine's programs. */
export function supervisorsOf({ mnt, sh }: MountedMachine): number[] {
  const { out } = sh(`pgrep -f 'supervise/main.js ${mnt}$'`)
  return out.split('\n').filter(Boolean).map(Number)
}
