// A driver made of small scenes for a test: reading its device plays the one that its parameter names.

import type { Test } from 'tap'
import { boot, build, type TestMachine } from './machine.ts'

export interface Stage extends TestMachine {
  /** Play a scene: what it returns, and what the kernel says meanwhile. */
  play: (scene: string) => Promise<{ answer: number; said: string[] }>
}

/**
 * `scenes` is an object of TypeScript whose members are functions that return a number, from 0 up or
 * an errno; `imports` and all else that they need stand before it.
 */
export async function stage(t: Test, before: string, scenes: string): Promise<Stage> {
  const image = await build(t, 'stage', driver(before, scenes))
  const machine = await boot(t)
  await machine.insmod(image)
  machine.dmesg()
  const play = async (scene: string) => {
    const { user } = machine
    await user.writeFile('/sys/module/stage/parameters/scene', scene)
    const fd = await user.open('/dev/stage')
    const read = await user.read(fd, 1000)
    await user.close(fd)
    return {
      answer: typeof read === 'number' ? read : read.length,
      said: machine.dmesg(),
    }
  }
  return { ...machine, play }
}

const driver = (before: string, scenes: string) => `
import { MISC_DYNAMIC_MINOR, misc_deregister, misc_register } from '#linux/miscdevice'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { module_param } from '#linux/moduleparam'
import { clear_user } from '#linux/uaccess'
${before}
MODULE_LICENSE('GPL')
const scene = module_param('scene', 'charp', '', 0o644)
const scenes: Record<string, () => number | Promise<number>> = {
${scenes}
}
const dev = {
  minor: MISC_DYNAMIC_MINOR,
  name: 'stage',
  fops: {
    owner: THIS_MODULE,
    async read(_filp: unknown, buf: Parameters<typeof clear_user>[0]) {
      const answer = await scenes[scene.value ?? '']!()
      if (answer > 0) clear_user(buf, answer)
      return answer
    },
  },
}
module_init(() => misc_register(dev))
module_exit(() => misc_deregister(dev))
`
