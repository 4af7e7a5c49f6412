// Messages that a sane host does not send leave nothing behind.
import t, { type Test } from 'tap'
import { EINVAL, ENOTDIR } from '../../src/include/uapi/errno.ts'
import { O_PATH, O_RDWR } from '../../src/include/uapi/fcntl.ts'
import {
  FUSE_LOOKUP,
  FUSE_MKNOD,
  FUSE_OPEN,
  FUSE_READ,
  FUSE_RELEASE,
  FUSE_RELEASEDIR,
  FUSE_RENAME,
  FUSE_SYMLINK,
  FUSE_WRITE,
  FUSE_WRITE_CACHE,
} from '../../src/include/uapi/fuse.ts'
import { FuseSession } from '../fuzz/fuse_session.ts'
import { encode, type Fields } from '../fuzz/fuse_messages.ts'
import { FuzzedMachine } from '../fuzz/fuzzed_machine.ts'

/** A session in which a file is open. */
async function withOpenFile(t: Test, path = '/proc/version') {
  const machine = await FuzzedMachine.boot()
  t.teardown(() => machine.halt())
  const session = new FuseSession(machine)
  let unique = 0
  const send = (opcode: number, nodeid: number, fields: Fields) => {
    const body = encode(fields)
    const header = [40 + body.length, opcode, BigInt((unique += 2)), BigInt(nodeid)]
    const bytes = Buffer.concat([encode([...header, 0, 0, 0, 0]), body])
    return session.send({ bytes, opcode, unique })
  }
  for (const name of path.split('/').slice(1)) {
    await send(FUSE_LOOKUP, session.nodeids.at(-1) ?? 0, [Buffer.from(`${name}\0`)])
  }
  await send(FUSE_OPEN, session.nodeids.at(-1) ?? 0, [O_RDWR, 0])
  t.equal(machine.kernel.files.count, 1)
  const fh = BigInt(session.handles[0] ?? 0)
  return { machine, session, send, fh }
}

t.test('a file that is closed as a folder stays open, until the end', async t => {
  const { machine, session, send, fh } = await withOpenFile(t)
  await send(FUSE_RELEASEDIR, 0, [fh, 0, 0, 0n])
  t.equal(machine.kernel.files.count, 1)
  t.equal(await session.end(), undefined)
  t.equal(machine.kernel.files.count, 0)
})

t.test('flags of a read are only those that can change', async t => {
  const { machine, send, fh } = await withOpenFile(t)
  const { answer } = await send(FUSE_READ, 0, [fh, 0n, 10, 2, 0n, O_PATH, 0])
  t.equal(answer, 'READ 0')
  await send(FUSE_RELEASE, 0, [fh, 0, 0, 0n])
  t.equal(machine.kernel.files.count, 0)
})

t.test('only folders have names in them', async t => {
  const { machine, session, send } = await withOpenFile(t)
  session.explore(machine.kernel.root)
  const [lib] =
    machine.kernel.root.child('lib')?.child('modules')?.children?.values() ?? []
  const file = lib?.child('modules.dep')
  const size = file?.i_size
  const name = Buffer.from('inside\0')
  for (const nodeid of session.nodeids.slice()) {
    await send(FUSE_MKNOD, nodeid, [0o100644, 0, 0, 0, name])
    await send(FUSE_SYMLINK, nodeid, [name, name])
  }
  t.equal(file?.i_size, size)
  const { answer } = await send(FUSE_RENAME, 1, [
    BigInt(session.nodeids.at(-1) ?? 0),
    Buffer.from('dev\0'),
    name,
  ])
  t.equal(answer, `RENAME ${-ENOTDIR}`)
})

t.test('what programs have mapped is asked for, and comes back, in pages', async t => {
  const { machine, send, fh } = await withOpenFile(t, '/dev/pages0')
  for (const offset of [1n, 0xfffn, 0x1001n]) {
    const read = await send(FUSE_READ, 0, [fh, offset, 0x1000, 0, 0n, O_RDWR, 0])
    t.same(read, { answer: `READ ${-EINVAL}`, problem: undefined })
    const page = Buffer.alloc(0x1000)
    const fields = [fh, offset, page.length, FUSE_WRITE_CACHE, 0n, O_RDWR, 0, page]
    const write = await send(FUSE_WRITE, 0, fields)
    t.same(write, { answer: `WRITE ${-EINVAL}`, problem: undefined })
  }
  let turns = 0
  await machine.settle(() => ++turns > 20)
  t.equal(machine.complaints(), undefined)
})
