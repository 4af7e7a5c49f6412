// Messages that a sane host does not send leave nothing behind.
import t, { type Test } from 'tap'
import { O_PATH } from '../../src/include/uapi/fcntl.ts'
import {
  FUSE_LOOKUP,
  FUSE_OPEN,
  FUSE_READ,
  FUSE_RELEASE,
  FUSE_RELEASEDIR,
} from '../../src/include/uapi/fuse.ts'
import { FuseSession } from '../fuzz/fuse_session.ts'
import { encode, type Fields } from '../fuzz/fuse_messages.ts'
import { FuzzedMachine } from '../fuzz/fuzzed_machine.ts'

/** A session in which /proc/version is open. */
async function withOpenFile(t: Test) {
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
  for (const name of ['proc', 'version']) {
    await send(FUSE_LOOKUP, session.nodeids.at(-1) ?? 0, [Buffer.from(`${name}\0`)])
  }
  await send(FUSE_OPEN, session.nodeids.at(-1) ?? 0, [0, 0])
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
