import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import t from 'tap'
import { EAGAIN, EBADF, ENOENT, EFAULT } from '../../src/include/uapi/errno.ts'
import { requireHost } from '../harness/tiny_mount.ts'

t.test('read() and write() answer counts, or negative error numbers', async t => {
  const { descriptors } = await requireHost()
  const fd = openSync('/dev/zero', 'r+')
  const bytes = new Uint8Array(16).fill(7)
  t.equal(descriptors.read(fd, bytes.subarray(4), 8), 8)
  t.same([...bytes.subarray(3, 13)], [7, 0, 0, 0, 0, 0, 0, 0, 0, 7])
  t.equal(descriptors.write(fd, bytes, 5), 5)
  closeSync(fd)
  t.equal(descriptors.read(fd, bytes, 1), -EBADF)
  t.equal(descriptors.write(-1, bytes, 1), -EBADF)
})

t.test('pair() gives sockets that setNonblocking() keeps from waiting', async t => {
  const { descriptors, sockets } = await requireHost()
  const [ours, theirs] = sockets.pair() as [number, number]
  t.equal(descriptors.setNonblocking(ours), 0)
  t.equal(descriptors.read(ours, new Uint8Array(1), 1), -EAGAIN)
  t.equal(descriptors.setNonblocking(-1), -EBADF)

  writeSync(theirs, 'x')
  t.equal(readSync(ours, new Uint8Array(4)), 1)
  t.equal(sockets.receiveDescriptor(ours), -EAGAIN, 'nothing has come')
  closeSync(ours)
  closeSync(theirs)
})

t.test(
  'readable() calls while there is something to read, until it is closed',
  async t => {
    const { readiness, sockets } = await requireHost()
    const [ours, theirs] = sockets.pair() as [number, number]
    let calls = 0
    const done = new Promise<void>(resolve => {
      const watch = readiness.readable(ours, () => {
        calls++
        readSync(ours, new Uint8Array(1))
        if (calls < 2) return
        watch.close()
        setImmediate(resolve)
      })
    })
    writeSync(theirs, 'ab')
    await done
    t.equal(calls, 2)
    closeSync(ours)
    closeSync(theirs)
  },
)

t.test('mount() and umount2() answer negative error numbers', async t => {
  const { mounts } = await requireHost()
  const none = '/no/such/folder'
  const error = process.geteuid?.() === 0 ? -ENOENT : mounts.umount2(none, 0)
  t.equal(mounts.umount2(none, 0), error)
  t.ok(mounts.mount('none', none, 'tmpfs', 0, '') < 0)
  t.equal(await mounts.umount2InBackground(none, 0), false)
})

t.test('alignedAt() puts the payload where a page begins', async t => {
  const { koffi, pages } = await requireHost()
  for (const payload of [0, 16, 80, 4095]) {
    const memory = pages.alignedAt(10_000, payload)
    t.equal(memory.length, 10_000)
    t.equal((koffi.address(memory) + BigInt(payload)) % 4096n, 0n)
  }
})

t.test('process_vm calls reach this process too', async t => {
  const { koffi, processVm } = await requireHost()
  const there = new Uint8Array(64).fill(5)
  const here = new Uint8Array(8)
  t.equal(processVm.read(process.pid, koffi.address(there), here), 8)
  t.same([...here], Array(8).fill(5))
  t.equal(processVm.write(process.pid, koffi.address(there), new Uint8Array(8)), 8)
  t.equal(there[7], 0)
  t.equal(processVm.read(process.pid, 16n, here), -EFAULT)
})
