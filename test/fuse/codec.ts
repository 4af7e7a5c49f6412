import t from 'tap'
import { Reply, Request } from '../../src/fuse/codec.ts'
import type { Attributes } from '../../src/fuse/filesystem.ts'
import { bytesOf, hexOf } from '../harness/hex.ts'

const DEVICE: Attributes = {
  ino: 7,
  size: 0,
  mode: 0o20666,
  nlink: 1,
  uid: 1000,
  gid: 5,
  rdev: 0x0103,
  blksize: 4096,
  atime: 1000,
  mtime: 2500,
  ctime: 1_700_000_000_123,
}

/** A request with `body` after a header of zeros. */
function requestOf(...body: string[]): Request {
  const bytes = bytesOf(...body)
  const request = new Request(new Uint8Array(256))
  request.bytes.set(bytes, 40)
  request.length = 40 + bytes.length
  return request
}

t.test('fields are fetched by their place in the body', async t => {
  const request = requestOf(
    '78563412 00000000', // a 32-bit field, padding
    '00000000 01000000', // 64 bits, low word first
    'ffffffff ffffffff', // all ones
  )
  t.equal(request.u32(0), 0x12345678)
  t.equal(request.u64(8), 2 ** 32)
  t.equal(request.exact64(16), 0xffff_ffff_ffff_ffffn)
  t.equal(request.size, 24)
})

t.test('strings end with a zero inside the request', async t => {
  const request = requestOf('6f6c6400', '6e657700', '78797a')
  t.equal(request.string(0), 'old')
  t.same(request.strings(0), ['old', 'new'])
  t.equal(request.string(8), undefined, 'the last one has no end')
  t.equal(request.strings(4), undefined)
})

t.test('a string does not go on into what an earlier request left', async t => {
  const request = requestOf('61626364', '65660000')
  request.length = 40 + 4
  t.equal(request.string(0), undefined)
})

t.test('header() makes the 16 bytes before every body', async t => {
  const reply = Reply.of(0)
  reply.header(16, -2, 6, 1)
  t.equal(
    hexOf(reply.bytes),
    hexOf(
      bytesOf(
        '10000000', // len
        'feffffff', // error: -ENOENT
        '06000000 01000000', // unique
      ),
    ),
  )
})

t.test('entry() lays out a node and its attributes', async t => {
  const reply = Reply.of(128)
  reply.bytes.fill(0xee)
  reply.header(144, 0, 4, 0)
  reply.entry(0, { nodeid: 9, attributes: DEVICE })
  t.equal(
    hexOf(reply.bytes),
    hexOf(
      bytesOf(
        '90000000 00000000 04000000 00000000', // header
        '09000000 00000000', // nodeid
        '00000000 00000000', // generation
        '00000000 00000000', // entry_valid
        '00000000 00000000', // attr_valid
        '00000000 00000000', // their nanoseconds
        '07000000 00000000', // ino
        '00000000 00000000', // size
        '00000000 00000000', // blocks
        '01000000 00000000', // atime
        '02000000 00000000', // mtime
        '00f15365 00000000', // ctime
        '00000000 0065cd1d c0d45407', // nanoseconds: 0, 500 ms, 123 ms
        'b6210000', // mode: S_IFCHR | 0666
        '01000000', // nlink
        'e8030000 05000000', // uid, gid
        '03010000', // rdev: 1:3
        '00100000', // blksize
        '00000000', // flags
      ),
    ),
  )
})

t.test('opened() lays out a file handle and its flags', async t => {
  const reply = Reply.of(16)
  reply.opened(0, { fh: 2 ** 33 + 5, flags: 0x11 })
  t.equal(
    hexOf(reply.bytes.subarray(16)),
    hexOf(
      bytesOf(
        '05000000 02000000', // fh
        '11000000', // open_flags: DIRECT_IO | STREAM
        '00000000', // backing_id
      ),
    ),
  )
})

t.test('statfs() says that nothing is free', async t => {
  const reply = Reply.of(80)
  reply.statfs(0, { blocks: 1, files: 2, namelen: 255, blksize: 4096 })
  t.equal(
    hexOf(reply.bytes.subarray(16)),
    hexOf(
      bytesOf(
        '01000000 00000000', // blocks
        '00000000 00000000', // bfree
        '00000000 00000000', // bavail
        '02000000 00000000', // files
        '00000000 00000000', // ffree
        '00100000 ff000000 00100000 00000000', // bsize, namelen, frsize, padding
        '00000000 00000000 00000000 00000000 00000000 00000000', // spare
      ),
    ),
  )
})
