// /sys: directories of kernel objects, with one small file an attribute. Linux: fs/sysfs/dir.c,
// fs/sysfs/symlink.c.

import { EACCES, EEXIST, EPERM } from '../../include/linux/errno.ts'
import type { file_operations } from '../../include/linux/fs.ts'
import type { kobject } from '../../include/linux/kobject.ts'
import { KERN_WARNING } from '../../include/linux/printk.ts'
import { S_IFREG } from '../../include/linux/stat.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import type { Traps } from '../../kernel/panic.ts'
import type { Printk } from '../../kernel/printk.ts'
import type { WaitQueues } from '../../kernel/wait.ts'
import { decodeText, encodeText } from '../../lib/kmsg.ts'
import { PAGE_SIZE } from '../../lib/page_text.ts'
import { ActiveCalls } from '../active.ts'
import {
  directory,
  Inode,
  type inode_operations,
  relativePath,
  simple_setattr,
  symlink,
} from '../inode.ts'
import {
  type BinaryOps,
  binary_attribute,
  NotifyNode,
  text_attribute,
  type TextOps,
} from './kernfs_file.ts'

const sysfs_inode_operations: inode_operations = {
  refusal: -EPERM,
  createRefusal: -EACCES,
  setattr: (node, changes) => simple_setattr(node, changes),
}

/** One file in /sys: `show` without `store` can be read only, and the other way round. */
export interface Attribute {
  mode: number
  /** Size in `ls -l`; a page unless told otherwise. */
  size?: number
  show?: () => MaybePromise<string | errno_t>
  /** All that one write(2) carried; 0 or its length when taken, or an error. */
  store?: (text: string) => MaybePromise<number>
}

interface Needs {
  wait: WaitQueues
  log: Printk
  traps: Traps
}

export class SysFs {
  readonly root = directory(0o555, sysfs_inode_operations)
  readonly active: ActiveCalls
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
    this.active = new ActiveCalls(needs.wait, () => this.root)
  }

  /** A directory below `parent`, which may be a path from the root: made if it is not there. */
  mkdir(parent: Inode | string, name: string): Inode {
    const dir = this.dir(parent)
    return dir.child(name) ?? dir.add(name, directory(0o755, sysfs_inode_operations))
  }

  /** The directory at `path`, which is made if need be. */
  dir(path: Inode | string): Inode {
    if (typeof path !== 'string') return path
    return path
      .split('/')
      .filter(Boolean)
      .reduce((dir, name) => this.mkdir(dir, name), this.root)
  }

  /** The directory of `kobj`; undefined if it is not in /sys. Null stands for /sys itself. */
  dirOf(kobj: kobject | null | undefined): Inode | undefined {
    return kobj ? (kobj.sd as Inode | undefined) : this.root
  }

  attribute(dir: Inode, name: string, attribute: Attribute): Inode {
    const { mode, size = PAGE_SIZE } = attribute
    return this.text(dir, name, mode, textOf(attribute), size)
  }

  /** A file of `data.length` bytes that never change. Linux: struct bin_attribute. */
  bin_attribute(dir: Inode, name: string, mode: number, data: Uint8Array): Inode {
    const size = data.length
    const read = (_filp: unknown, buf: Uint8Array, pos: number) => {
      buf.set(data.subarray(pos, pos + buf.length))
      return buf.length
    }
    return this.binary(dir, name, mode, { size, read })
  }

  /** A file of text; `size` is what `ls -l` shows. */
  text(dir: Inode, name: string, mode: number, ops: TextOps, size = PAGE_SIZE): Inode {
    const node = new NotifyNode()
    const inode = this.file(dir, name, mode, text_attribute(this.active, node, ops), size)
    inode.i_private = node
    return inode
  }

  /** A file of bytes. */
  binary(dir: Inode, name: string, mode: number, ops: BinaryOps): Inode {
    const node = new NotifyNode()
    const fop = binary_attribute(this.active, node, ops)
    const inode = this.file(dir, name, mode, fop, ops.size)
    inode.i_private = node
    return inode
  }

  /** A file with operations of its own. */
  file(dir: Inode, name: string, mode: number, fop: file_operations, size = 0): Inode {
    const op = sysfs_inode_operations
    return dir.add(name, new Inode({ mode: S_IFREG | mode, size, fop, op }))
  }

  /** A symbolic link in `dir` to a directory of this tree, which it follows wherever that goes. */
  link(dir: Inode, name: string, target: Inode): Inode {
    let path = relativePath(dir, target)
    const where = () => {
      if (target.parent) path = relativePath(dir, target)
      return path
    }
    return dir.add(name, symlink(where, sysfs_inode_operations))
  }

  /** A directory gets another place or name. */
  move(node: Inode, dir: Inode, name: string): void {
    node.remove()
    dir.add(name, node)
  }

  /** Whoever waits in poll(2) for the attribute learns that it has changed. */
  notify(inode: Inode): void {
    const node = inode.i_private
    if (!(node instanceof NotifyNode)) return
    node.event++
    this.#needs.wait.wake_up_interruptible_all(node.poll)
  }

  /** Take a file or directory away; those who wait in poll(2) for what is in it learn of it. */
  remove(inode: Inode): void {
    inode.remove()
    this.#wakeAll(inode)
  }

  #wakeAll(inode: Inode): void {
    this.notify(inode)
    for (const child of inode.children?.values() ?? []) this.#wakeAll(child)
  }

  /** There is something of that name already: said in the log; -EEXIST. */
  warn_dup(dir: Inode, name: string): errno_t {
    const { log, traps } = this.#needs
    const path = `${dir.path.replace(/^\/sys/, '')}/${name}`
    log.printk(`${KERN_WARNING}sysfs: cannot create duplicate filename '%s'\n`, path)
    traps.dump_stack()
    return -EEXIST
  }
}

function textOf({ show, store }: Attribute): TextOps {
  const shown = (text: string | errno_t) =>
    typeof text === 'string' ? encodeText(text) : text
  const ops: TextOps = {}
  if (show)
    ops.show = () => {
      const text = show()
      return typeof text === 'object' ? text.then(shown) : shown(text)
    }
  if (store)
    ops.store = bytes => {
      const n = store(decodeText(bytes))
      return typeof n === 'number'
        ? n || bytes.length
        : n.then(later => later || bytes.length)
    }
  return ops
}
