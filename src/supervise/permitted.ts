// Whether programs can be run on a machine here, before one is booted for them; and if not, what is
// missing, how to get it, and what works without it.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { EBUSY, EINVAL, ENOSYS } from '../include/uapi/errno.ts'

/** What there is without `modbox run`. */
const WITHOUT_IT =
  'without it, modbox boot mounts a machine, for modbox insmod, rmmod, dmesg and all programs that use its files'

/** What unshare(1) is to make for root, and for who wants to be root. */
export const MOUNTS_OF_ITS_OWN = ['--mount', '--propagation', 'private']
export const AS_ROOT = ['--user', '--map-root-user', ...MOUNTS_OF_ITS_OWN]

/** Switches of the host's that forbid user namespaces, and what they have to be. */
const SWITCHES = [
  { name: 'user.max_user_namespaces', forbids: '0', permits: '15000' },
  { name: 'kernel.unprivileged_userns_clone', forbids: '0', permits: '1' },
  { name: 'kernel.apparmor_restrict_unprivileged_userns', forbids: '1', permits: '0' },
]

/** One sentence that says why not; undefined if they can. */
export function whyNotPermitted(): string | undefined {
  const isRoot = process.geteuid?.() === 0
  const args = [...(isRoot ? MOUNTS_OF_ITS_OWN : AS_ROOT), '--', 'true']
  const { error, status, stderr } = spawnSync('unshare', args, { encoding: 'utf8' })
  if (error) return sentence('unshare(1) is not there', 'install util-linux')
  if (status === 0) return undefined
  const said = stderr.trim().replace(/^unshare: /, '')
  return isRoot ? whyNoMounts(said) : whyNoUserNamespace(said, sysctl)
}

export function whyNoKoffi(): string {
  return sentence('the koffi package is not there', 'npm install koffi')
}

function whyNoMounts(said: string): string {
  return sentence(
    `root may not mount here (${said})`,
    'give the container CAP_SYS_ADMIN: docker run --cap-add SYS_ADMIN',
  )
}

/** `said` is unshare(1)'s own reason; `read` gives the value of a switch. */
export function whyNoUserNamespace(
  said: string,
  read: (name: string) => string | undefined,
): string {
  const off = SWITCHES.find(({ name, forbids }) => read(name) === forbids)
  return off
    ? sentence(
        `user namespaces are turned off (${off.name} is ${off.forbids})`,
        `have root say: sysctl ${off.name}=${off.permits}`,
      )
    : sentence(
        `user namespaces are not permitted (${said})`,
        'be root, or let the container make them',
      )
}

/** `errno` is that of seccomp(2). */
export function whyNoFilter(errno: number): string {
  if (errno === EBUSY) {
    return sentence(
      'system calls are taken over already, by a container or another modbox',
      'run it outside of that',
    )
  }
  return errno === ENOSYS || errno === EINVAL
    ? sentence('this system has no seccomp user notification', 'Linux 5.9 has it')
    : sentence(
        `seccomp(2) is not permitted (error ${errno})`,
        'let the container make filters: docker run --security-opt seccomp=unconfined',
      )
}

function sentence(missing: string, remedy: string): string {
  return `Cannot run programs on a machine: ${missing}; ${remedy}; ${WITHOUT_IT}`
}

function sysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim()
  } catch {
    return undefined // this host has no such switch
  }
}
