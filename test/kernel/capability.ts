// capable() and its relatives, of programs in process; the host's are in test/e2e/capabilities.ts.
import t from 'tap'
import type { file } from '../../src/include/linux/fs.ts'
import { init_user_ns } from '../../src/include/linux/uidgid.ts'
import {
  CAP_LAST_CAP,
  CAP_SYS_ADMIN,
  CAP_SYS_MODULE,
} from '../../src/include/uapi/capability.ts'
import { Bug } from '../../src/lib/bug.ts'
import { boot } from '../harness/machine.ts'
import { UserProcess } from '../../src/user_process.ts'

t.test('root may do all, others nothing', async t => {
  const { kernel, user } = await boot(t)
  const { capabilities } = kernel
  const nobody = new UserProcess(kernel, { uid: 65534, pid: 2 })
  for (const cap of [0, CAP_SYS_ADMIN, CAP_LAST_CAP]) {
    t.equal(await user.syscall(() => capabilities.capable(cap)), true)
    t.equal(await nobody.syscall(() => capabilities.capable(cap)), false)
  }
})

t.test('what a program has is what counts, and its children have it, too', async t => {
  const { kernel } = await boot(t)
  const { capabilities: check } = kernel
  const loader = new UserProcess(kernel, {
    uid: 1000,
    pid: 2,
    capabilities: [CAP_SYS_MODULE],
  })
  for (const program of [loader, await loader.fork()]) {
    const may = (cap: number) =>
      program.syscall(() => check.ns_capable(init_user_ns, cap))
    t.equal(await may(CAP_SYS_MODULE), true)
    t.equal(await may(CAP_SYS_ADMIN), false)
  }
  const weak = new UserProcess(kernel, { uid: 0, pid: 4, capabilities: [] })
  t.equal(await weak.syscall(() => check.capable(CAP_SYS_MODULE)), false)
})

t.test('of an open file its opener counts, not the caller', async t => {
  const { kernel } = await boot(t)
  const { capabilities } = kernel
  const openedBy = (uid: number) => ({ f_cred: { uid, gid: uid } }) as file
  const may = (uid: number, cap = CAP_SYS_ADMIN) =>
    capabilities.file_ns_capable(openedBy(uid), init_user_ns, cap)
  t.equal(may(0), true)
  t.equal(may(1000), false)
  t.equal(may(0, CAP_LAST_CAP + 1), false)
})

t.test('a number that is no capability is a bug', async t => {
  const { kernel, user } = await boot(t)
  const { capabilities } = kernel
  for (const cap of [-1, CAP_LAST_CAP + 1]) {
    const asked = user.syscall(() => capabilities.capable(cap))
    await t.rejects(
      asked,
      new Bug(undefined, `capable() called with invalid cap=${cap >>> 0}`),
    )
  }
})
