// /dev: device nodes that come and go with their devices. Linux: drivers/base/devtmpfs.c.
//
// The kernel makes and removes its own nodes; users may add theirs (mknod), which the kernel
// then leaves alone.

import type { dev_t, umode_t } from '../include/linux/types.ts'
import { S_IFCHR } from '../include/uapi/stat.ts'
import { directory, Inode, type Owner } from './inode.ts'
import { ramfs_inode_operations } from './ramfs.ts'

export class DevTmpFs {
  readonly root = directory(0o755, ramfs_inode_operations)
  /** Nodes that the kernel made: only those does it remove. */
  readonly #own = new WeakSet<Inode>()

  /** `name` may hold slashes: directories are made on the way. */
  create_node(name: string, dev: dev_t, mode: umode_t, owner?: Owner): void {
    const { dir, base } = this.#parentOf(name)
    if (dir.child(base)) return
    const node = new Inode({
      mode: S_IFCHR | mode,
      rdev: dev,
      ...(owner ? { owner } : {}),
      op: ramfs_inode_operations,
    })
    this.#own.add(dir.add(base, node))
  }

  /** Remove the node, and the directories that were made for it and are empty now. */
  delete_node(name: string, dev: dev_t): void {
    const { dir, base } = this.#parentOf(name)
    const node = dir.child(base)
    if (!node || !this.#own.has(node) || node.i_rdev !== dev) return
    node.remove()
    for (let up = dir; up.parent && this.#own.has(up) && up.children?.size === 0;) {
      const next = up.parent
      up.remove()
      up = next
    }
  }

  #parentOf(name: string): { dir: Inode; base: string } {
    const parts = name.split('/').filter(Boolean)
    const base = parts.pop() ?? ''
    let dir = this.root
    for (const part of parts) dir = dir.child(part) ?? this.#mkdir(dir, part)
    return { dir, base }
  }

  #mkdir(parent: Inode, name: string): Inode {
    const dir = directory(0o755, ramfs_inode_operations)
    this.#own.add(dir)
    return parent.add(name, dir)
  }
}
