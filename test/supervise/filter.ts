// Which system calls are handed over, by running the filter's program as the host would.
import t from 'tap'
import { callNumbers } from '../../src/host/call_numbers.ts'
import { S_IFCHR, S_IFREG } from '../../src/include/uapi/stat.ts'
import { seccompFilter } from '../../src/supervise/filter.ts'

const ALLOW = 0x7fff0000
const NOTIFY = 0x7fc00000
const NO_SUCH_CALL = 0x00050000 | 38

const X64 = 0xc000003e
const ARM64 = 0xc00000b7
const I386 = 0x40000003

/** What `program` says of a call. Only the instructions that it has are known. */
function verdict(
  program: Uint8Array,
  arch: number,
  nr: number,
  ...args: number[]
): number {
  const data = new DataView(new ArrayBuffer(64))
  data.setUint32(0, nr, true)
  data.setUint32(4, arch, true)
  for (const [i, arg] of args.entries()) data.setUint32(16 + 8 * i, arg, true)

  const code = new DataView(program.buffer)
  let a = 0
  for (let at = 0; ; at++) {
    const k = code.getUint32(8 * at + 4, true)
    const jump = (taken: boolean) => (at += code.getUint8(8 * at + (taken ? 2 : 3)))
    const op = code.getUint16(8 * at, true)
    if (op === 0x20) a = data.getUint32(k, true)
    else if (op === 0x54) a = (a & k) >>> 0
    else if (op === 0x15) jump(a === k)
    else if (op === 0x35) jump(a >= k)
    else if (op === 0x45) jump((a & k) !== 0)
    else if (op === 0x06) return k
    else throw new Error(`instruction 0x${op.toString(16)}`)
  }
}

t.test(
  'calls of modules and of the log are handed over, most others are not',
  async t => {
    for (const [arch, audit] of [
      ['x64', X64],
      ['arm64', ARM64],
    ] as const) {
      const numbers = callNumbers(arch)
      const program = seccompFilter({ numbers, mknod: false, arch })
      const { init_module, finit_module, delete_module, syslog, mount } = numbers
      for (const nr of [init_module, finit_module, delete_module, syslog, mount, 429]) {
        t.equal(verdict(program, audit, nr), NOTIFY, `${arch} ${nr}`)
      }
      for (const nr of [0, 1, 2, 59, 221]) {
        t.equal(verdict(program, audit, nr), ALLOW, `${arch} ${nr}`)
      }
      t.equal(verdict(program, audit, numbers.mknodat, 0, 0, S_IFCHR), ALLOW)
    }
  },
)

t.test('ioctls are handed over that a mount cannot carry', async t => {
  const numbers = callNumbers('x64')
  const program = seccompFilter({ numbers, mknod: false, arch: 'x64' })
  const rows: [command: number, verdict: number, what: string][] = [
    [0x40086b01, NOTIFY, "_IOW('k', 1, long)"],
    [0xc0086b01, NOTIFY, "_IOWR('k', 1, long)"],
    [0x80086b01, NOTIFY, "_IOR('k', 1, long)"],
    [0x00006b01, NOTIFY, "_IO('k', 1)"],
    [1, NOTIFY, 'FIBMAP'],
    [2, NOTIFY, 'FIGETBSZ'],
    [0x541b, NOTIFY, 'FIONREAD'],
    [0x40049409, ALLOW, 'FICLONE, with which cp begins'],
    [0x5401, ALLOW, 'TCGETS'],
    [0x5413, ALLOW, 'TIOCGWINSZ'],
    [0x8912, ALLOW, 'SIOCGIFCONF'],
  ]
  for (const [command, expected, what] of rows) {
    t.equal(verdict(program, X64, numbers.ioctl, 3, command), expected, what)
  }
})

t.test('what epoll is to watch is handed over, what else it is told is not', async t => {
  const numbers = callNumbers('x64')
  const program = seccompFilter({ numbers, mknod: false, arch: 'x64' })
  t.equal(verdict(program, X64, numbers.epoll_ctl, 4, 1, 3), NOTIFY, 'EPOLL_CTL_ADD')
  t.equal(verdict(program, X64, numbers.epoll_ctl, 4, 2, 3), ALLOW, 'EPOLL_CTL_DEL')
  t.equal(verdict(program, X64, numbers.epoll_ctl, 4, 3, 3), ALLOW, 'EPOLL_CTL_MOD')
})

t.test(
  'mappings of files are handed over, but not those that every program begins with',
  async t => {
    const numbers = callNumbers('x64')
    const program = seccompFilter({ numbers, mknod: false, arch: 'x64' })
    const rows: [flags: number, verdict: number, what: string][] = [
      [0x01, NOTIFY, 'MAP_SHARED'],
      [0x03, NOTIFY, 'MAP_SHARED_VALIDATE'],
      [0x11, NOTIFY, 'MAP_SHARED | MAP_FIXED'],
      [0x02, NOTIFY, 'MAP_PRIVATE'],
      [0x22, ALLOW, 'MAP_PRIVATE | MAP_ANONYMOUS'],
      [0x21, ALLOW, 'MAP_SHARED | MAP_ANONYMOUS'],
      [0x802, ALLOW, 'MAP_PRIVATE | MAP_DENYWRITE'],
      [0x812, ALLOW, 'MAP_PRIVATE | MAP_FIXED | MAP_DENYWRITE'],
    ]
    for (const [flags, expected, what] of rows) {
      t.equal(verdict(program, X64, numbers.mmap, 0, 4096, 1, flags, 3), expected, what)
    }
  },
)

t.test('device nodes are handed over in a user namespace', async t => {
  const numbers = callNumbers('x64')
  const program = seccompFilter({ numbers, mknod: true, arch: 'x64' })
  const { mknod = -1, mknodat } = numbers
  t.equal(verdict(program, X64, mknodat, 0, 0, S_IFCHR | 0o644), NOTIFY)
  t.equal(verdict(program, X64, mknodat, 0, 0, S_IFREG | 0o644), ALLOW)
  t.equal(verdict(program, X64, mknod, 0, S_IFCHR | 0o644), NOTIFY)
  t.equal(verdict(program, X64, mknod, 0, S_IFREG | 0o644), ALLOW)
})

t.test('foreign programs do not reach the host’s modules', async t => {
  const numbers = callNumbers('x64')
  const program = seccompFilter({ numbers, mknod: false, arch: 'x64' })
  for (const nr of [128, 129, 350, 103]) {
    t.equal(verdict(program, I386, nr), NO_SUCH_CALL, `32 bits, ${nr}`)
  }
  t.equal(
    verdict(program, I386, 54, 3, 0x40086b01),
    ALLOW,
    'their ioctls go to the mount',
  )
  t.equal(verdict(program, X64, 0x40000000 + 175), NO_SUCH_CALL, 'x32')
})
