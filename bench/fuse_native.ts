// The device of drivers/bench once more, on fuse-native: `node fuse_native.js MOUNTPOINT`.
// It has neither ioctl nor a way to answer without two hand-overs between threads.

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
const SIZE = 1 << 20
const memory = Buffer.alloc(SIZE, 'a')

function attributes(mode: number): object {
  const now = new Date()
  const who = { uid: process.getuid?.(), gid: process.getgid?.() }
  return { mtime: now, atime: now, ctime: now, size: 0, nlink: 1, mode, ...who }
}

const operations = {
  getattr(path: string, answer: Answer) {
    if (path === '/') return answer(0, attributes(0o40755))
    return path === '/bench' ? answer(0, attributes(0o100666)) : answer(-ENOENT)
  },
  open(_path: string, _flags: number, answer: Answer) {
    answer(0, 1)
  },
  read(_path: string, _fd: number, to: Buffer, n: number, _pos: number, answer: Answer) {
    answer(memory.copy(to, 0, 0, n))
  },
  write(_path: string, _fd: number, from: Buffer, n: number, _p: number, answer: Answer) {
    answer(from.copy(memory, 0, 0, n))
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
