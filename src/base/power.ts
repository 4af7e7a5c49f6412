// The folder "power" of each device. Nothing here is ever suspended, so it says what Linux says of a
// device whose driver knows nothing of power management. Linux: drivers/base/power/sysfs.c.

import { EINVAL, EIO } from '../include/linux/errno.ts'
import type { Inode } from '../fs/inode.ts'
import type { SysFs } from '../fs/sysfs/sysfs.ts'

/** What never changes. */
const FIXED = {
  runtime_active_kids: '0',
  runtime_active_time: '0',
  runtime_enabled: 'disabled',
  runtime_status: 'unsupported',
  runtime_suspended_time: '0',
}

/** `dir`: the device's. */
export function dpm_sysfs_add(sysfs: SysFs, dir: Inode): void {
  const power = sysfs.mkdir(dir, 'power')
  for (const [name, value] of Object.entries(FIXED)) {
    sysfs.attribute(power, name, { mode: 0o444, show: () => `${value}\n` })
  }
  const control = choice(sysfs, power, 'control', ['auto', 'on'])
  choice(sysfs, power, 'async', ['disabled', 'enabled'])
  sysfs.attribute(power, 'runtime_usage', {
    mode: 0o444,
    show: () => (control() === 'on' ? '1\n' : '0\n'),
  })
  sysfs.attribute(power, 'autosuspend_delay_ms', {
    mode: 0o644,
    show: () => -EIO,
    store: () => -EIO,
  })
}

/** A file that takes one of these words, the first at first: the one it has. */
function choice(
  sysfs: SysFs,
  dir: Inode,
  name: string,
  words: readonly [string, string],
): () => string {
  let [word] = words
  sysfs.attribute(dir, name, {
    mode: 0o644,
    show: () => `${word}\n`,
    store(text) {
      const wanted = words.find(one => one === text.replace(/\n$/, ''))
      if (wanted === undefined) return -EINVAL
      word = wanted
      return 0
    },
  })
  return () => word
}
