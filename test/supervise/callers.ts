// What a supervisor reads of its callers. Here the caller is this process itself.
import t, { type Test } from 'tap'
import { openHost } from '../../src/host/host.ts'
import { EFAULT } from '../../src/include/uapi/errno.ts'
import { Callers } from '../../src/supervise/callers.ts'
import { AT_FDCWD } from '../../src/supervise/listener.ts'
import { requireThat } from '../harness/require.ts'

const PAGE = 4096

/** Callers, and a text of ours that begins `before` bytes before the end of a page. */
async function withText(t: Test, text: string, before: number) {
  const host = await openHost()
  if (!requireThat(t, host !== undefined, 'koffi is not there') || !host) return undefined
  const memory = new Uint8Array(4 * PAGE).fill(0x78)
  const start = host.koffi.address(memory)
  const address = (start / BigInt(PAGE) + 2n) * BigInt(PAGE) - BigInt(before)
  memory.set(Buffer.from(`${text}\0`), Number(address - start))
  return { callers: new Callers(host, t.testdir()), memory, address }
}

t.test('a text is read to its NUL, over the end of a page, too', async t => {
  for (const before of [1, 4, 5, 6, 100]) {
    const here = await withText(t, 'hello', before)
    if (!here) return
    t.equal(here.callers.string(process.pid, here.address), 'hello', `${before} before`)
  }
})

t.test('a path is as its process sees it', async t => {
  const absolute = await withText(t, '/dev/x', 3)
  const relative = await withText(t, 'x', 3)
  if (!absolute || !relative) return
  const { pid } = process
  t.equal(absolute.callers.path(pid, 5, absolute.address), `/proc/${pid}/root//dev/x`)
  t.equal(relative.callers.path(pid, AT_FDCWD, relative.address), `/proc/${pid}/cwd/x`)
  t.equal(relative.callers.path(pid, 5, relative.address), `/proc/${pid}/fd/5/x`)
  t.equal(relative.callers.path(pid, 5, 0n), -EFAULT)
})
