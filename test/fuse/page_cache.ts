import t, { type Test } from 'tap'
import { MappedPages } from '../../src/fuse/mapped_pages.ts'
import { PageCache } from '../../src/fuse/page_cache.ts'
import { bytesOf, hexOf } from '../harness/hex.ts'

const PAGE = 4096

t.test('what the host is told of its pages, in bytes', async t => {
  const told: string[] = []
  const notify = (message: Uint8Array) => told.push(hexOf(message))
  const cache = new PageCache({
    notify,
    notifyInBackground: async message => notify(message),
  })
  const rows = (...words: string[]) => hexOf(bytesOf(...words))

  cache.makeMappable(7)
  cache.keepSize(7)
  await cache.store(7, 4097, Uint8Array.of(1, 2, 3))
  const taken: Uint8Array[] = []
  const take = (bytes: Uint8Array) => void taken.push(bytes)
  const answer = cache.retrieve(7, 4096, 8192, take)
  t.same(told, [
    rows(
      '29000000 04000000 00000000 00000000', // NOTIFY_STORE
      '07000000 00000000', // nodeid
      'ffffffff ffff0f00', // offset: the last of 2**52 bytes
      '01000000 00000000', // size
      '00',
    ),
    rows(
      '28000000 02000000 00000000 00000000', // NOTIFY_INVAL_INODE
      '07000000 00000000',
      'ffffffff ffffffff', // off: attributes only
      '00000000 00000000',
    ),
    rows(
      '2b000000 04000000 00000000 00000000', // NOTIFY_STORE
      '07000000 00000000',
      '01100000 00000000',
      '03000000 00000000',
      '010203',
    ),
    rows(
      '30000000 05000000 00000000 00000000', // NOTIFY_RETRIEVE
      '01000000 00000000', // notify_unique
      '07000000 00000000',
      '00100000 00000000', // offset
      '00200000 00000000', // size
    ),
  ])
  const goOn = cache.retrieved(1, Uint8Array.of(9))
  t.same(taken, [Uint8Array.of(9)], 'at once')
  goOn?.()
  await answer
  t.equal(cache.retrieved(1, Uint8Array.of(8)), undefined, 'unasked')

  const never = cache.retrieve(7, 0, 1, take)
  cache.destroy()
  await never
  t.same(taken, [Uint8Array.of(9), new Uint8Array()], 'the connection has ended')
})

/** A host with pages of its own. `answered` is called when one has been given them, before who asked goes on. */
function host(t: Test, answered = () => {}) {
  const pages = new Map<number, Uint8Array>()
  const stored: [number, string][] = []
  const cache = {
    async retrieve(
      _nodeid: number,
      offset: number,
      size: number,
      take: (bytes: Uint8Array) => void,
    ) {
      const found: Uint8Array[] = []
      for (let at = offset / PAGE; at < (offset + size) / PAGE; at++) {
        const page = pages.get(at)
        if (!page) break
        found.push(page)
      }
      take(Uint8Array.from(Buffer.concat(found)))
      answered()
    },
    async store(_nodeid: number, offset: number, bytes: Uint8Array) {
      stored.push([offset, Buffer.from(bytes).toString()])
      pages.get(Math.floor(offset / PAGE))?.set(bytes, offset % PAGE)
    },
  } as unknown as PageCache
  const mapped = new MappedPages(cache)
  t.teardown(() => mapped.dropAll(7))
  /** The host reads page `index` of node 7. */
  const read = (index: number, page: { bytes: Uint8Array }, writable = true) => {
    ask(index, page, writable).length = 0
  }
  /** As far as the answer, which is sent when its length is 0. */
  const ask = (index: number, page: { bytes: Uint8Array }, writable = true) => {
    const answer = { length: 4096 }
    pages.set(index, Uint8Array.from(mapped.add(7, index, page, writable, answer)))
    return answer
  }
  /** A program writes to it. */
  const program = (index: number, at: number, text: string) =>
    pages.get(index)?.set(Buffer.from(text), at)
  const shows = (index: number, at: number, n: number) =>
    Buffer.from(pages.get(index)?.subarray(at, at + n) ?? []).toString()
  return { pages, stored, mapped, ask, read, program, shows }
}

const driverPage = (text = '') => {
  const bytes = new Uint8Array(PAGE)
  bytes.set(Buffer.from(text))
  return {
    bytes,
    text: (at: number, n: number) => Buffer.from(bytes.subarray(at, at + n)).toString(),
  }
}

t.test('both sides get what the other has written, byte by byte', async t => {
  const { mapped, read, program, shows, stored } = host(t)
  const page = driverPage('driver')
  read(0, page)
  program(0, 100, 'program')
  page.bytes.set(Buffer.from('DR'), 0)
  page.bytes.set(Buffer.from('x'), 5)
  await mapped.push()
  t.same(stored, [
    [0, 'DR'],
    [5, 'x'],
  ])
  t.equal(shows(0, 0, 6), 'DRivex')
  t.equal(shows(0, 100, 7), 'program', 'is not overwritten')
  await mapped.pull()
  t.equal(page.text(100, 7), 'program')
  await mapped.push()
  t.equal(stored.length, 2, 'equal is equal')
})

t.test('what the host has before the answer is there is not the page', async t => {
  const { mapped, ask, program, stored } = host(t)
  const page = driverPage('driver')
  const answer = ask(0, page)
  program(0, 0, 'rubble')
  page.bytes.set(Buffer.from('DR'), 0)
  await mapped.pull()
  await mapped.push()
  t.equal(page.text(0, 6), 'DRiver')
  t.same(stored, [])
  answer.length = 0
  await mapped.pull()
  t.equal(page.text(0, 6), 'rubble')
})

t.test('a page that is handed back is newer than what was asked for before', async t => {
  const page = driverPage('old')
  const handBack = () => {
    const bytes = new Uint8Array(PAGE)
    bytes.set(Buffer.from('new'))
    mapped.written(7, 0, bytes)
  }
  const { mapped, read } = host(t, handBack)
  read(0, page)
  await mapped.pull()
  t.equal(page.text(0, 3), 'new')
})

t.test('pages that the host has dropped are left alone', async t => {
  const { mapped, read, pages, stored } = host(t)
  const all = ['a', 'b', 'c'].map(driverPage)
  for (const [i, page] of all.entries()) read(i, page)
  pages.delete(1)
  for (const { bytes } of all) bytes[0] = 0x78
  await mapped.push()
  t.same(stored, [
    [0, 'x'],
    [2 * PAGE, 'x'],
  ])
  pages.set(
    1,
    Uint8Array.from(Buffer.concat([Buffer.from('b'), new Uint8Array(PAGE - 1)])),
  )
  await mapped.push()
  t.same(stored.slice(2), [[PAGE, 'x']], 'it only was busy')
  pages.delete(1)
  for (let i = 0; i <= 500; i++) await mapped.pull()
  t.equal(mapped.written(7, 1, new Uint8Array(PAGE)), false, 'it is gone')
})

t.test('a page that was read anew meanwhile is not taken for an answer', async t => {
  const { mapped, read, program } = host(t)
  const page = driverPage('old')
  read(0, page)
  program(0, 0, 'lost')
  const pulled = mapped.pull()
  page.bytes.set(Buffer.from('new!'))
  read(0, page)
  await pulled
  t.equal(page.text(0, 4), 'new!')
})

t.test('memory that ends within a page', async t => {
  const { mapped, read, program, shows } = host(t)
  const bytes = new Uint8Array(10)
  read(0, { bytes })
  program(0, 8, 'abcd')
  await mapped.pull()
  t.same(bytes, Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0x61, 0x62]))
  t.equal(shows(0, 8, 4), 'abcd')
})

t.test('it rests when nothing is mapped', async t => {
  const { mapped, read } = host(t)
  t.equal(mapped.active, false)
  read(0, driverPage())
  t.equal(mapped.active, true)
  mapped.dropAll(7)
  t.equal(mapped.active, false)
})
