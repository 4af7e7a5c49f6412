// What fuse-native asks, by path: each operation as calls of a FuseFilesystem.
//
// There are no methods for what its API leaves out (ioctl, poll, access, locks), for extended attributes,
// which no file has, and for create(), which does not say how the file is to be opened: the host then
// does mknod and open.

import { O_CREAT, O_WRONLY } from '../include/uapi/fcntl.ts'
import { S_IFMT, S_IFREG, S_ISBLK, S_ISCHR, S_ISREG } from '../include/uapi/stat.ts'
import { isPromise } from '../lib/is_promise.ts'
import { UserWindow } from '../lib/usercopy.ts'
import type { AttributeChanges, Attributes, Caller, Entry, Opened } from './filesystem.ts'
import type { Done, NativeOperations, NativeStatfs } from './native_binding.ts'
import type { Kind, NativeCalls } from './native_calls.ts'
import { ROOT_ID } from './nodes.ts'
import { type NamedFilesystem, PathNodes } from './path_nodes.ts'

/** chown(2): this one stays. */
const UNCHANGED = 0xffffffff

/** An open file, of which fuse-native keeps the number only. */
interface OpenPath {
  node: number
  flags: number
}

export class PathOperations implements NativeOperations {
  readonly #fs: NamedFilesystem
  readonly #calls: NativeCalls
  readonly #nodes: PathNodes
  readonly #open = new Map<number, OpenPath>()
  /** Devices made a moment ago: mknod(2) fails unless the host is shown, once, what it has made. */
  readonly #made = new Map<string, Attributes>()

  constructor(fs: NamedFilesystem, calls: NativeCalls) {
    this.#fs = fs
    this.#calls = calls
    this.#nodes = new PathNodes(fs)
  }

  getattr(path: string, done: Done<Attributes>): void {
    const made = this.#made.get(path)
    this.#made.delete(path)
    if (made) return done(0, made)
    const find = (caller: Caller) =>
      this.#nodes.at(path, caller, node => this.#fs.getattr(node, undefined, caller))
    this.#calls.make('getattr', path, find, out => this.#attributes(out, done))
  }

  /** Asked for an lseek(2) from the end, which the driver's llseek() then answers. */
  fgetattr(path: string, fh: number, done: Done<Attributes>): void {
    const { node } = this.#opened(fh)
    const find = (caller: Caller) => this.#fs.getattr(node, fh, caller)
    this.#calls.make('getattr', path, find, out => this.#attributes(out, done))
  }

  readdir(path: string, done: Done<string[]>): void {
    const names: string[] = []
    const err = this.#at(path, (node, caller) => {
      const opened = this.#fs.opendir(node, caller)
      if (typeof opened === 'number') return opened
      const take = ({ name }: { name: string }) => names.push(name) > 0
      const listed = this.#fs.readdir(opened.fh, 0, false, take, caller)
      this.#fs.releasedir(opened.fh)
      return listed
    })
    done(this.#calls.status('readdir', err), names)
  }

  readlink(path: string, done: Done<string>): void {
    const target = this.#at(path, (node, caller) => this.#fs.readlink(node, caller))
    if (typeof target === 'string') done(0, target)
    else done(this.#calls.status('readlink', target))
  }

  statfs(_path: string, done: Done<NativeStatfs>): void {
    const { blocks, files, namelen, blksize } = this.#fs.statfs(ROOT_ID)
    done(0, { bsize: blksize, frsize: blksize, blocks, files, namemax: namelen })
  }

  chmod(path: string, mode: number, done: Done): void {
    this.#change('chmod', path, { mode }, done)
  }

  chown(path: string, uid: number, gid: number, done: Done): void {
    const changes: AttributeChanges = {}
    if (uid !== UNCHANGED) changes.uid = uid
    if (gid !== UNCHANGED) changes.gid = gid
    this.#change('chown', path, changes, done)
  }

  truncate(path: string, size: number, done: Done): void {
    this.#change('truncate', path, { size }, done)
  }

  ftruncate(_path: string, fh: number, size: number, done: Done): void {
    const { node } = this.#opened(fh)
    const changed = this.#calls.now(caller =>
      this.#fs.setattr(node, fh, { size }, caller),
    )
    done(this.#calls.status('ftruncate', ok(changed)))
  }

  /** fuse-native gives the first of the two times twice. */
  utimens(path: string, atime: number, mtime: number, done: Done): void {
    this.#change('utimens', path, { atime, mtime }, done)
  }

  mknod(path: string, mode: number, rdev: number, done: Done): void {
    if (S_ISREG(mode)) return this.#create(path, mode, done)
    this.#make('mknod', path, done, (folder, name, caller) =>
      this.#fs.mknod(folder, name, mode, rdev, caller),
    )
  }

  mkdir(path: string, mode: number, done: Done): void {
    this.#make('mkdir', path, done, (folder, name, caller) =>
      this.#fs.mkdir(folder, name, mode, caller),
    )
  }

  symlink(target: string, path: string, done: Done): void {
    this.#make('symlink', path, done, (folder, name, caller) =>
      this.#fs.symlink(folder, name, target, caller),
    )
  }

  link(from: string, to: string, done: Done): void {
    this.#make('link', to, done, (folder, name, caller) =>
      this.#nodes.at(from, caller, node => this.#fs.link(node, folder, name, caller)),
    )
  }

  unlink(path: string, done: Done): void {
    const err = this.#in(path, (folder, name, caller) =>
      this.#fs.unlink(folder, name, caller),
    )
    done(this.#calls.status('unlink', err))
  }

  rmdir(path: string, done: Done): void {
    const err = this.#in(path, (folder, name, caller) =>
      this.#fs.rmdir(folder, name, caller),
    )
    done(this.#calls.status('rmdir', err))
  }

  rename(from: string, to: string, done: Done): void {
    const err = this.#in(from, (folder, name, caller) =>
      this.#nodes.inFolder(to, caller, (newFolder, newName) =>
        this.#fs.rename(folder, name, newFolder, newName, 0, caller),
      ),
    )
    done(this.#calls.status('rename', err))
  }

  open(path: string, flags: number, done: Done<number>): void {
    let node = 0
    const open = (caller: Caller) => {
      node = this.#nodes.find(path, caller)
      return node < 0 ? node : this.#fs.open(node, flags, caller)
    }
    this.#calls.make<Opened | number>('open', path, open, opened => {
      if (typeof opened !== 'number') {
        this.#open.set(opened.fh, { node, flags })
        return done(0, opened.fh)
      }
      if (node > 0) this.#nodes.forget(node)
      done(this.#calls.status('open', opened))
    })
  }

  read(
    path: string,
    fh: number,
    to: Uint8Array,
    length: number,
    offset: number,
    done: Done,
  ): void {
    const window = new UserWindow(to, 0, length)
    const { flags } = this.#opened(fh)
    this.#calls.make(
      'read',
      path,
      caller => this.#fs.read(fh, offset, window, flags, caller),
      out => {
        const n = this.#calls.count('read', out, length)
        if (n > 0) window.complete(n)
        window.end()
        done(n)
      },
    )
  }

  write(
    path: string,
    fh: number,
    from: Uint8Array,
    length: number,
    offset: number,
    done: Done,
  ): void {
    const window = new UserWindow(from, 0, length)
    const { flags } = this.#opened(fh)
    this.#calls.make(
      'write',
      path,
      caller => this.#fs.write(fh, offset, window, flags, caller),
      out => {
        window.end()
        done(this.#calls.count('write', out, length))
      },
    )
  }

  flush(path: string, fh: number, done: Done): void {
    this.#makeOnFile('flush', path, done, caller => this.#fs.flush(fh, caller))
  }

  fsync(path: string, datasync: number, fh: number, done: Done): void {
    this.#makeOnFile('fsync', path, done, caller =>
      this.#fs.fsync(fh, datasync !== 0, caller),
    )
  }

  release(path: string, fh: number, done: Done): void {
    const { node, flags } = this.#opened(fh)
    this.#open.delete(fh)
    this.#nodes.forget(node)
    this.#makeOnFile('release', path, done, caller => this.#fs.release(fh, flags, caller))
  }

  #attributes(out: Attributes | number, done: Done<Attributes>): void {
    if (typeof out === 'number') done(this.#calls.status('getattr', out))
    else done(0, { ...out, mode: openable(out.mode), rdev: 0 })
  }

  /** Every number that libfuse knows is here: it has it from open(). */
  #opened(fh: number): OpenPath {
    return this.#open.get(fh) ?? { node: 0, flags: 0 }
  }

  #makeOnFile(
    kind: Kind,
    path: string,
    done: Done,
    call: (caller: Caller) => number | Promise<number>,
  ): void {
    this.#calls.make(kind, path, call, out => done(this.#calls.status(kind, out)))
  }

  #at<T>(path: string, use: (node: number, caller: Caller) => T): T | number {
    return this.#calls.now(caller =>
      this.#nodes.at(path, caller, node => use(node, caller)),
    )
  }

  #in<T>(
    path: string,
    use: (folder: number, name: string, caller: Caller) => T,
  ): T | number {
    return this.#calls.now(caller =>
      this.#nodes.inFolder(path, caller, (folder, name) => use(folder, name, caller)),
    )
  }

  #change(name: string, path: string, changes: AttributeChanges, done: Done): void {
    const changed = this.#at(path, (node, caller) =>
      this.#fs.setattr(node, undefined, changes, caller),
    )
    done(this.#calls.status(name, ok(changed)))
  }

  /** open(2) of a new name; fuse-native opens it afterwards. */
  #create(path: string, mode: number, done: Done): void {
    this.#make('create', path, done, (folder, name, caller) => {
      const flags = O_CREAT | O_WRONLY
      const made = this.#fs.create(folder, name, flags, mode, caller)
      if (typeof made !== 'object' || isPromise(made)) return made
      void this.#fs.release(made.opened.fh, flags, caller)
      return made.entry
    })
  }

  #make(
    name: string,
    path: string,
    done: Done,
    make: (folder: number, name: string, caller: Caller) => unknown,
  ): void {
    const made = this.#in(path, make)
    if (!isEntry(made)) return done(this.#calls.status(name, made))
    this.#nodes.forget(made.nodeid)
    const { attributes } = made
    if (isDevice(attributes.mode)) this.#made.set(path, attributes)
    done(0)
  }
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && 'nodeid' in value
}

/** 0 for what was changed. */
function ok(changed: unknown): unknown {
  return typeof changed === 'number' ? changed : 0
}

function isDevice(mode: number): boolean {
  return S_ISCHR(mode) || S_ISBLK(mode)
}

/** A device node as a regular file: what the host takes for a device it opens itself. */
function openable(mode: number): number {
  return isDevice(mode) ? S_IFREG | (mode & ~S_IFMT) : mode
}
