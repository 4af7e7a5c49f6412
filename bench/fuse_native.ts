// The devices of drivers/bench once more, on fuse-native: `node fuse_native.js MOUNTPOINT`.
// It has neither ioctl nor poll nor a way to answer without two hand-overs between threads.

/** The little of fuse-native's API that is used here; it has no types of its own. */
interface Fuse {
  mount(done: (error: Error | null) => void): void
  unmount(done: (error: Error | null) => void): void
  _fuseOptions(): string
}
type Answer = (error: number, result?: unknown) => void
type FuseClass = new (
  mountpoint: string,
  operations: Record<string, (...args: never[]) => void>,
  options: { timeout: false },
) => Fuse

const ENOENT = 2
const BENCH = '/bench'
const WAIT = '/bench-wait'
const SIZE = 1 << 20
const memory = Buffer.alloc(SIZE, 'a')
/** Of bench-wait: what nobody has read yet, and who waits for it. */
let waitingBytes = 0
let wakeReader: (() => void) | undefined

function attributes(mode: number): object {
  const now = new Date()
  const who = { uid: process.getuid?.(), gid: process.getgid?.() }
  return { mtime: now, atime: now, ctime: now, size: 0, nlink: 1, mode, ...who }
}

const operations = {
  getattr(path: string, answer: Answer) {
    if (path === '/') return answer(0, attributes(0o40755))
    const isFile = path === BENCH || path === WAIT
    return isFile ? answer(0, attributes(0o100666)) : answer(-ENOENT)
  },
  open(_path: string, _flags: number, answer: Answer) {
    answer(0, 1)
  },
  read(path: string, _fd: number, to: Buffer, n: number, _pos: number, answer: Answer) {
    if (path === BENCH) return answer(memory.copy(to, 0, 0, n))
    wakeReader = () => {
      waitingBytes--
      wakeReader = undefined
      answer(to.write('w'))
    }
    if (waitingBytes > 0) wakeReader()
  },
  write(path: string, _fd: number, from: Buffer, n: number, _p: number, answer: Answer) {
    if (path === BENCH) return answer(from.copy(memory, 0, 0, n))
    waitingBytes += n
    answer(n)
    wakeReader?.()
  },
}

const { default: Base } = (await import('fuse-native' as string)) as {
  default: FuseClass
}

// Its own options cannot say these: reads must reach the device, at the size that was asked for.
class DirectFuse extends Base {
  override _fuseOptions(): string {
    return '-odirect_io,big_writes'
  }
}

const fuse = new DirectFuse(process.argv[2] ?? '', operations, { timeout: false })
fuse.mount(error => {
  if (error) throw error
})
process.on('SIGTERM', () => fuse.unmount(() => process.exit(0)))
