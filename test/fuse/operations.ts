import t from 'tap'
import { Dispatcher } from '../../src/fuse/dispatcher.ts'
import type { FuseFilesystem } from '../../src/fuse/filesystem.ts'
import { copy_to_user, window_ptr } from '../../src/lib/usercopy.ts'
import { bytesOf, hexOf } from '../harness/hex.ts'
import { TinyFs, note, zero } from '../harness/tiny_fs.ts'
import type { TinyFile } from '../harness/tiny_fs.ts'

/** Asks a TinyFs in bytes; complaints are what the hooks heard. */
class Wire {
  readonly fs: TinyFs
  readonly replies: string[] = []
  readonly complaints: string[] = []
  readonly dispatcher: Dispatcher

  constructor(files: Record<string, TinyFile>, more: Partial<FuseFilesystem> = {}) {
    this.fs = Object.assign(new TinyFs(files), more)
    const hooks = {
      drain: () => {},
      onPanic: (error: unknown) => this.complaints.push(`panic: ${String(error)}`),
      onBadReply: (text: string) => this.complaints.push(text),
    }
    const send = (bytes: Uint8Array, length: number): void => {
      this.replies.push(hexOf(bytes.subarray(0, length)))
    }
    this.dispatcher = new Dispatcher(this.fs, hooks, { send, later: () => send })
  }

  /** Ask, and take what was answered meanwhile. */
  ask(...rows: string[]): string[] {
    const bytes = bytesOf(...rows)
    this.dispatcher.request.bytes.fill(0xee)
    this.dispatcher.request.bytes.set(bytes)
    this.dispatcher.handle(bytes.length)
    return this.replies.splice(0)
  }
}

/** A request's header but for its first word, the length: opcode, unique, node, caller. */
function from(opcode: string, unique: string, nodeid: string): string {
  return `${opcode}000000 ${unique}000000 00000000 ${nodeid}000000 00000000 e8030000 e8030000 39050000 00000000`
}

const reply = (...rows: string[]): string[] => [hexOf(bytesOf(...rows))]

t.test('INIT settles on our version and sizes', async t => {
  const wire = new Wire({})
  const answer = wire.ask(
    '68000000', // len
    from('1a', '02', '00'),
    '07000000 2d000000', // 7.45
    '00000200', // max_readahead
    'ffffffff', // flags: everything
    'ffffffff'.repeat(12), // flags2 and what is to come
  )
  t.same(
    answer,
    reply(
      '50000000 00000000 02000000 00000000',
      '07000000 2d000000', // 7.45
      '00000000', // max_readahead
      '28604440', // ATOMIC_O_TRUNC BIG_WRITES READDIRPLUS(_AUTO) PARALLEL_DIROPS MAX_PAGES INIT_EXT
      'ffff ffff', // max_background, congestion_threshold
      '00001000', // max_write: 1 MiB
      '01000000', // time_gran
      '0001 0000', // max_pages: 256, map_alignment
      '10000000', // flags2: DIRECT_IO_ALLOW_MMAP
      '00000000'.repeat(7),
    ),
  )
})

t.test('INIT takes only flags that are offered', async t => {
  const wire = new Wire({})
  const [answer = ''] = wire.ask(
    '38000000',
    from('1a', '02', '00'),
    '07000000 1f000000 00000000',
    '20000000', // BIG_WRITES alone
  )
  t.equal(answer.slice(40, 48), '1f000000', 'the older minor version')
  t.equal(answer.slice(56, 64), '20000000')
})

t.test('INIT refuses a host older than Linux 5.4', async t => {
  const wire = new Wire({})
  const asked = [
    '38000000',
    from('1a', '02', '00'),
    '07000000 1a000000 00000000 00000000',
  ]
  t.same(wire.ask(...asked), reply('10000000 b9ffffff 02000000 00000000'), 'EPROTO')
})

t.test('LOOKUP gives a node, or ENOENT', async t => {
  const wire = new Wire({ zero })
  const [found = ''] = wire.ask('2d000000', from('01', '04', '01'), '7a65726f00')
  t.equal(found.length, 2 * 144)
  t.equal(found.slice(0, 48), '9000000000000000040000000000000002000000' + '00000000')
  t.same(
    wire.ask('2c000000', from('01', '06', '01'), '6f6e6500'),
    reply('10000000 feffffff 06000000 00000000'),
  )
})

t.test('READ answers with the bytes the driver copied', async t => {
  const text = Object.assign(note(), { text: 'hello' })
  const wire = new Wire({ text })
  t.same(
    wire.ask(
      '50000000',
      from('0f', '08', '02'),
      '02000000 00000000', // fh
      '01000000 00000000', // offset
      '00100000 02000000', // size, read_flags
      '00000000 00000000', // lock_owner
      '02800000 00000000', // flags, padding
    ),
    reply(
      '14000000 00000000 08000000 00000000',
      '656c6c6f', // "ello"
    ),
  )
})

const READ_16 = [
  '50000000',
  from('0f', '08', '02'),
  '02000000 00000000 00000000 00000000 10000000 02000000',
  '00000000 00000000 00000000 00000000',
]

t.test('READ that claims more than was asked for is cut, and reported', async t => {
  const wire = new Wire({ liar: { read: () => 17 } })
  t.same(
    wire.ask(...READ_16),
    reply('20000000 00000000 08000000 00000000', '00'.repeat(16)),
    'zeros stand for what was never written',
  )
  t.same(wire.complaints, ['READ returned 17, but was asked for 16 bytes'])
})

t.test('READ shows nothing of earlier replies', async t => {
  const wire = new Wire({
    gap: {
      read(_offset, window) {
        copy_to_user(new window_ptr(window, 4), Uint8Array.of(0xaa), 1)
        return 8
      },
    },
  })
  wire.fs.files.push(['note', Object.assign(note(), { text: 'x'.repeat(16) })])
  wire.ask(
    '50000000',
    from('0f', '08', '03'),
    '03000000 00000000 00000000 00000000 10000000 02000000',
    '00000000 00000000 00000000 00000000',
  )
  t.same(
    wire.ask(...READ_16),
    reply('18000000 00000000 08000000 00000000', '00000000 aa000000'),
  )
})

t.test(
  'READ that sleeps gets a buffer of its own, with what was written before',
  async t => {
    let wake = (): void => {}
    const slept = new Promise<void>(resolve => (wake = resolve))
    const wire = new Wire({
      slow: {
        async read(_offset, window) {
          copy_to_user(new window_ptr(window), Uint8Array.of(1, 2), 2)
          await slept
          return 4 - copy_to_user(new window_ptr(window, 2), Uint8Array.of(3, 4), 2)
        },
      },
      other: Object.assign(note(), { text: 'other' }),
    })
    t.same(wire.ask(...READ_16), [])
    t.equal(wire.dispatcher.waiting, 1)
    const other = ['50000000', from('0f', '0a', '03'), '03000000 00000000']
    wire.ask(...other, '00000000 00000000 10000000 02000000', '00'.repeat(16))

    wake()
    await slept
    await Promise.resolve()
    await Promise.resolve()
    t.same(wire.replies, reply('14000000 00000000 08000000 00000000', '01020304'))
    t.equal(wire.dispatcher.waiting, 0)
  },
)

t.test('READs that have slept answer in turn, however much it is', async t => {
  const sizes = [4096, 3, 4097, 0, 5000, 1]
  let wake = (): void => {}
  const slept = new Promise<void>(resolve => (wake = resolve))
  const wire = new Wire({
    slow: {
      async read(_offset, window, unique) {
        await slept
        const bytes = new Uint8Array(sizes[unique - 1] ?? 0).fill(unique)
        return bytes.length - copy_to_user(new window_ptr(window), bytes, bytes.length)
      },
    },
  })
  const fields = '02000000 00000000 00000000 00000000 00200000 02000000'
  const byte = (value: number): string => hexOf(Uint8Array.of(value))
  for (const call of sizes.keys())
    wire.ask('50000000', from('0f', byte(call + 1), '02'), fields, '00'.repeat(16))
  t.equal(wire.dispatcher.waiting, sizes.length)

  wake()
  await new Promise(setImmediate)
  const expected = sizes.flatMap((size, call) => {
    const length = byte((16 + size) & 0xff) + byte((16 + size) >>> 8)
    const unique = byte(call + 1)
    return reply(`${length}0000 00000000 ${unique}000000 00000000`, unique.repeat(size))
  })
  t.same(wire.replies, expected)
})

t.test('WRITE hands over the payload and answers its size', async t => {
  const text = note()
  const wire = new Wire({ text })
  t.same(
    wire.ask(
      '53000000',
      from('10', '0a', '02'),
      '02000000 00000000', // fh
      '00000000 00000000', // offset
      '03000000 00000000', // size, write_flags
      '00000000 00000000', // lock_owner
      '01800000 00000000', // flags, padding
      '616263', // payload
    ),
    reply('18000000 00000000 0a000000 00000000', '03000000 00000000'),
  )
  t.equal(text.text, 'abc')
})

t.test('WRITE that sleeps takes its payload along', async t => {
  let wake = (): void => {}
  const slept = new Promise<void>(resolve => (wake = resolve))
  const got: number[] = []
  const wire = new Wire({
    slow: {
      async write(_offset, window) {
        await slept
        const bytes = new Uint8Array(window.length)
        window.read(0, bytes)
        got.push(...bytes)
        return bytes.length
      },
    },
  })
  const body = '02000000 00000000 00000000 00000000 03000000 00000000'
  const asked = ['53000000', from('10', '0a', '02'), body, '00'.repeat(16), '616263']
  t.same(wire.ask(...asked), [])
  wire.ask('2c000000', from('01', '06', '01'), '6f6e6500')
  wake()
  await slept
  await Promise.resolve()
  t.same(got, [0x61, 0x62, 0x63])
})

t.test(
  'pages that the host fills or hands back are no read(2) and no write(2)',
  async t => {
    const asked: string[] = []
    const remember = (what: string) => {
      asked.push(what)
      return 0
    }
    const wire = new Wire(
      {},
      {
        read: () => remember('read'),
        write: () => remember('write'),
        fault: (fh, offset) => remember(`fault ${fh} ${offset}`),
        writeBack: (fh, offset) => remember(`writeBack ${fh} ${offset}`),
        retrieved: (unique, bytes) => asked.push(`${unique}: ${hexOf(bytes)}`),
      },
    )
    const transfer = (flags: string) => [
      '02000000 00000000', // fh
      '00100000 00000000', // offset
      '00000000', // size
      flags,
      '00000000 00000000', // lock_owner
      '00000000 00000000',
    ]
    wire.ask('50000000', from('0f', '02', '02'), ...transfer('02000000')) // READ_LOCKOWNER
    wire.ask('50000000', from('0f', '04', '02'), ...transfer('00000000'))
    wire.ask('50000000', from('10', '06', '02'), ...transfer('00000000'))
    wire.ask('50000000', from('10', '08', '02'), ...transfer('01000000')) // WRITE_CACHE
    const answers = wire.ask(
      '54000000',
      from('29', '03', '02'), // NOTIFY_REPLY
      '00000000 00000000', // dummy1
      '00100000 00000000', // offset
      '03000000', // size
      '00000000'.repeat(5),
      '61626300',
    )
    t.same(asked, ['read', 'fault 2 4096', 'write', 'writeBack 2 4096', '3: 616263'])
    t.same(answers, [], 'an answer gets none')
  },
)

t.test('WRITE whose payload is cut off is EINVAL', async t => {
  const wire = new Wire({ text: note() })
  const body = '02000000 00000000 00000000 00000000 04000000 00000000'
  const asked = ['53000000', from('10', '0a', '02'), body, '00'.repeat(16), '616263']
  t.same(wire.ask(...asked), reply('10000000 eaffffff 0a000000 00000000'))
})

t.test('a pointer that outlives its READ leads nowhere', async t => {
  let kept: window_ptr | undefined
  const wire = new Wire({
    keeper: {
      read(_offset, window) {
        kept = new window_ptr(window)
        return 0
      },
    },
  })
  wire.ask(...READ_16)
  t.equal(kept && copy_to_user(kept, Uint8Array.of(1), 1), 1, 'the byte was not copied')
})

t.test('READDIR lays out what fits', async t => {
  const wire = new Wire({ zero, note: note() })
  t.same(
    wire.ask(
      '50000000',
      from('1c', '0c', '01'),
      '01000000 00000000 00000000 00000000', // fh, offset
      '30000000 00000000', // size: one entry and a half
      '00'.repeat(16),
    ),
    reply(
      '30000000 00000000 0c000000 00000000',
      '02000000 00000000', // ino
      '01000000 00000000', // off: where the next one is
      '04000000 08000000', // namelen, type: DT_REG
      '7a65726f 00000000', // "zero", padded
    ),
  )
})

t.test('READDIRPLUS puts the node before each entry', async t => {
  const wire = new Wire({ zero })
  const [answer = ''] = wire.ask(
    '50000000',
    from('2c', '0c', '01'),
    '01000000 00000000 00000000 00000000 00100000 00000000',
    '00'.repeat(16),
  )
  t.equal(answer.length, 2 * (16 + 128 + 32))
  t.equal(answer.slice(32, 48), '0200000000000000', 'nodeid')
  t.equal(answer.slice(2 * (16 + 128), 2 * (16 + 128) + 16), '0200000000000000', 'ino')
})

t.test('FORGET and BATCH_FORGET are counted, not answered', async t => {
  const wire = new Wire({})
  t.same(wire.ask('30000000', from('02', '0e', '05'), '03000000 00000000'), [])
  t.same(
    wire.ask(
      '50000000',
      from('2a', '10', '00'),
      '02000000 00000000', // count
      '06000000 00000000 01000000 00000000', // node 6, once
      '07000000 00000000 02000000 00000000', // node 7, twice
    ),
    [],
  )
  t.same(wire.fs.events, ['forget 5 3', 'forget 6 1', 'forget 7 2'])
})

t.test('IOCTL answers the result without data', async t => {
  const wire = new Wire({ dev: { ioctl: (cmd, arg) => Number(BigInt(cmd) + arg) } })
  t.same(
    wire.ask(
      '48000000',
      from('27', '12', '02'),
      '02000000 00000000 00000000', // fh, flags
      '05000000', // cmd
      '07000000 00000000', // arg
      '00000000 00000000', // in_size, out_size
    ),
    reply('20000000 00000000 12000000 00000000', '0c000000 00000000 00000000 00000000'),
  )
})

t.test('POLL passes the handle on only if the host wants to be told', async t => {
  const wire = new Wire({ zero })
  const body = '02000000 00000000 09000000 00000000'
  wire.ask('40000000', from('28', '14', '02'), body, '00000000 01000000')
  t.same(wire.fs.takePollers(), [])
  t.same(
    wire.ask('40000000', from('28', '16', '02'), body, '01000000 01000000'),
    reply('18000000 00000000 16000000 00000000', '00000000 00000000'),
  )
  t.same(wire.fs.takePollers(), [9n])
})

t.test('INTERRUPT reaches a request that waits', async t => {
  const wire: Wire = new Wire({
    wait: { read: (_offset, _window, unique) => wire.fs.sleep(unique) },
  })
  t.same(wire.ask(...READ_16), [])
  t.same(wire.ask('30000000', from('24', '09', '00'), '08000000 00000000'), [])
  await Promise.resolve()
  t.same(wire.replies, reply('10000000 fcffffff 08000000 00000000'), 'EINTR')
})

t.test('INTERRUPT of a request not yet seen is to come again', async t => {
  const wire = new Wire({ zero })
  t.same(
    wire.ask('30000000', from('24', '09', '00'), '08000000 00000000'),
    reply('10000000 f5ffffff 09000000 00000000'),
    'EAGAIN',
  )
  wire.ask(...READ_16)
  t.same(wire.ask('30000000', from('24', '09', '00'), '08000000 00000000'), [])
})

t.test('what has no row is ENOSYS', async t => {
  const wire = new Wire({})
  for (const opcode of ['16', '34', 'ff']) {
    t.same(
      wire.ask('28000000', from(opcode, '18', '01')),
      reply('10000000 daffffff 18000000 00000000'),
    )
  }
})

t.test('a request that is too short is EINVAL', async t => {
  const wire = new Wire({ zero })
  t.same(
    wire.ask('38000000', from('0f', '1a', '02'), '02000000 00000000 00000000 00000000'),
    reply('10000000 eaffffff 1a000000 00000000'),
  )
  t.same(
    wire.ask('2c000000', from('01', '1c', '01'), '6f6e6565'),
    reply('10000000 eaffffff 1c000000 00000000'),
    'a name without its zero',
  )
  t.same(wire.ask('28000000', from('02', '1e', '01')), [], 'FORGET is never answered')
})

t.test('errors no program knows are made presentable', async t => {
  const cases = new Map<unknown, [string, string[]]>([
    [-11, ['f5ffffff', []]],
    [-512, ['fcffffff', []]],
    [-515, ['e7ffffff', []]],
    [-516, ['fcffffff', []]],
    [-38, ['daffffff', []]],
    [-600, ['fbffffff', ['READ returned -600, an error number no program knows']]],
    [NaN, ['fbffffff', ['READ returned NaN, which is no error number']]],
    [1.5, ['fbffffff', ['READ returned 1.5, which is no error number']]],
    [undefined, ['fbffffff', ['READ returned undefined, which is no error number']]],
  ])
  for (const [returned, [error, complaints]] of cases) {
    const wire = new Wire({}, { read: () => returned as number })
    t.same(wire.ask(...READ_16), reply('10000000', error, '08000000 00000000'))
    t.same(wire.complaints, complaints)
  }
})

t.test('ENOSYS does not get out where it would switch the operation off', async t => {
  const wire = new Wire({}, { flush: () => -38 })
  t.same(
    wire.ask('40000000', from('19', '08', '02'), '00'.repeat(24)),
    reply('10000000 a1ffffff 08000000 00000000'),
    'EOPNOTSUPP',
  )
})

t.test('an exception is a panic, and EIO for the program', async t => {
  const bug = new Error('bug')
  const wire = new Wire({
    now: {
      read() {
        throw bug
      },
    },
    later: { read: () => Promise.reject(bug) },
  })
  t.same(wire.ask(...READ_16), reply('10000000 fbffffff 08000000 00000000'))

  const body = '03000000 00000000 00000000 00000000 10000000 02000000'
  wire.ask('50000000', from('0f', '0a', '03'), body, '00'.repeat(16))
  await new Promise(setImmediate)
  t.same(wire.replies, reply('10000000 fbffffff 0a000000 00000000'))
  t.same(wire.complaints, ['panic: Error: bug', 'panic: Error: bug'])
})
