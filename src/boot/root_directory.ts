// The top of what is mounted: dev, proc, sys, lib/modules/<release>, folders for configuration.

import { directory, fixed_inode_operations, type Inode } from '../fs/inode.ts'
import { ramfs_inode_operations } from '../fs/ramfs.ts'
import type { FileSystems } from './filesystems.ts'

/** Where modprobe and depmod look for their configuration: whoever owns the machine fills them. */
const CONFIG_FOLDERS = ['etc', 'run', 'usr/local/lib', 'lib'].flatMap(folder => [
  `${folder}/modprobe.d`,
  `${folder}/depmod.d`,
])

interface RootDirectory {
  root: Inode
  lib_modules: Inode
}

export function root_directory(
  { procfs, sysfs, devtmpfs }: FileSystems,
  release: string,
): RootDirectory {
  const root = directory(0o755, fixed_inode_operations)
  root.add('dev', devtmpfs.root)
  root.add('proc', procfs.root)
  root.add('sys', sysfs.root)
  const lib_modules = makeWritable(root, 'lib/modules').add(release, writable())
  for (const path of CONFIG_FOLDERS) makeWritable(root, path)
  return { root, lib_modules }
}

/** The folder `path`, which may be written to, with all above it, which may not. */
function makeWritable(root: Inode, path: string): Inode {
  const at = path.lastIndexOf('/')
  return makeFolders(root, path.slice(0, at)).add(path.slice(at + 1), writable())
}

function writable(): Inode {
  return directory(0o755, ramfs_inode_operations)
}

/** The folder `path` below `root`, made with all above it if it is not there. */
function makeFolders(root: Inode, path: string): Inode {
  return path
    .split('/')
    .reduce(
      (folder, name) =>
        folder.child(name) ?? folder.add(name, directory(0o755, fixed_inode_operations)),
      root,
    )
}
