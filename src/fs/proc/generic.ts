// /proc: the names that subsystems and drivers add and remove. Linux: fs/proc/generic.c.

import { ENOENT } from '../../include/linux/errno.ts'
import type { file_operations } from '../../include/linux/fs.ts'
import type { proc_dir_entry, proc_ops } from '../../include/linux/proc_fs.ts'
import type { seq_file, seq_operations } from '../../include/linux/seq_file.ts'
import type { errno_t, MaybePromise } from '../../include/linux/types.ts'
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../include/uapi/stat.ts'
import type { Registered } from '../../kernel/debugobjects.ts'
import type { ModuleCode } from '../../kernel/module/code.ts'
import type { Traps } from '../../kernel/panic.ts'
import type { ctl_table } from '../../kernel/sysctl.ts'
import type { WaitQueues } from '../../kernel/wait.ts'
import { isPromise, runSteps, settled, type Steps } from '../../lib/steps.ts'
import type { OpenFile } from '../file.ts'
import type { SeqFiles } from '../seq_file.ts'
import { seq_puts } from '../seq_text.ts'
import { text_file_operations } from '../text_file.ts'
import { ProcEntry } from './entry.ts'
import { ProcCalls } from './inode.ts'
import { ProcNames } from './names.ts'
import { record_operations, type Records } from './records.ts'

const S_IALLUGO = 0o7777

interface Needs {
  traps: Traps
  wait: WaitQueues
  seq: SeqFiles
  code: ModuleCode
  debugobjects: Registered
}

export class ProcFs {
  static readonly EXPORT_SYMBOL = [
    'proc_create',
    'proc_create_data',
    'proc_create_seq_private',
    'proc_create_single_data',
    'proc_mkdir',
    'proc_mkdir_mode',
    'proc_symlink',
    'proc_remove',
    'remove_proc_entry',
    'remove_proc_subtree',
    'proc_set_size',
    'proc_set_user',
  ] as const
  static readonly EXPORT_SYMBOL_GPL = ['proc_mkdir_data'] as const

  readonly #traps: Traps
  readonly #names: ProcNames
  readonly #seq: SeqFiles
  readonly #calls: ProcCalls
  readonly #code: ModuleCode
  readonly #objects: Registered

  constructor({ traps, wait, seq, code, debugobjects }: Needs) {
    this.#traps = traps
    this.#objects = debugobjects
    this.#code = code
    this.#names = new ProcNames(traps, debugobjects)
    this.#seq = seq
    this.#calls = new ProcCalls(wait, code)
  }

  get root(): ProcEntry {
    return this.#names.root
  }

  /** A file of the kernel's own with a text; `path` is relative to /proc, its directories are made. */
  create(
    path: string,
    mode: number,
    show: (filp: OpenFile) => MaybePromise<string | errno_t>,
    store?: (text: string, filp: OpenFile) => MaybePromise<number>,
  ): void {
    this.#create(path, mode, () => show, store)
  }

  /** As create(), but what shows the text is asked for when the file is opened, by who opens it. */
  create_for_opener(path: string, mode: number, opened: () => () => string): void {
    this.#create(path, mode, opened)
  }

  /** A file with a line for each of `all()`: `opened`, called by who opens it, gives what makes the lines. */
  create_records<T>(
    path: string,
    mode: number,
    all: () => readonly T[],
    opened: () => (record: T) => string,
  ): void {
    const seq = this.#seq
    const op = record_operations(all)
    this.create_file(path, mode, {
      open: (_inode, filp) =>
        seq.seq_open_private(filp, op, (): Records<T> => ({ all: [], line: opened() })),
      read: (...args) => seq.seq_read(...args),
      llseek: (...args) => seq.seq_lseek(...args),
      release: (...args) => seq.seq_release_private(...args),
    })
  }

  #create(
    path: string,
    mode: number,
    opened: () => (filp: OpenFile) => MaybePromise<string | errno_t>,
    store?: (text: string, filp: OpenFile) => MaybePromise<number>,
  ): void {
    const seq = this.#seq
    this.create_file(path, mode, {
      ...text_file_operations(store ? { store } : {}),
      open(_inode, filp) {
        const show = opened()
        return seq.single_open(filp, m => showText(m, show), null)
      },
      read: (...args) => seq.seq_read(...args),
      llseek: (...args) => seq.seq_lseek(...args),
      release: (...args) => seq.single_release(...args),
    })
  }

  /** A file of the kernel's own with operations of its own. It is there for good. */
  create_file(path: string, mode: number, fop: file_operations): void {
    const parts = path.split('/')
    const name = parts.pop() ?? ''
    let dir = this.root
    for (const part of parts) {
      dir =
        (dir.child(part) as ProcEntry | undefined) ??
        dir.add(part, new ProcEntry({ mode: S_IFDIR | 0o555 }))
    }
    dir.add(name, new ProcEntry({ mode: S_IFREG | mode, fop }))
  }

  /** A file below /proc/sys. */
  create_sysctl(path: string, { read, write }: ctl_table): void {
    const show = () => `${read()}\n`
    const text = text_file_operations(write ? { show, store: write } : { show })
    this.create_file(`sys/${path}`, write ? 0o644 : 0o444, text)
  }

  proc_create(
    name: string,
    mode: number,
    parent: proc_dir_entry | null,
    ops: proc_ops,
  ): proc_dir_entry | null {
    return this.proc_create_data(name, mode, parent, ops, null)
  }

  proc_create_data(
    name: string,
    mode: number,
    parent: proc_dir_entry | null,
    ops: proc_ops,
    data: unknown,
  ): proc_dir_entry | null {
    return this.#proc_create_reg(name, mode, parent, ops, data)
  }

  proc_create_seq_private<T, P>(
    name: string,
    mode: number,
    parent: proc_dir_entry | null,
    ops: seq_operations<T, P>,
    make: (() => P) | undefined,
    data: unknown,
  ): proc_dir_entry | null {
    const seq = this.#seq
    const proc_seq_ops: proc_ops = {
      proc_open: (_inode, filp) => {
        this.#code.check(ops)
        return make ? seq.seq_open_private(filp, ops, make) : seq.seq_open(filp, ops)
      },
      ...this.#seqOps((...args) => seq.seq_release_private(...args)),
    }
    return this.#proc_create_reg(name, mode, parent, proc_seq_ops, data)
  }

  proc_create_single_data<P>(
    name: string,
    mode: number,
    parent: proc_dir_entry | null,
    show: (m: seq_file<P>, v: unknown) => MaybePromise<errno_t>,
    data: P,
  ): proc_dir_entry | null {
    const seq = this.#seq
    const proc_single_ops: proc_ops = {
      proc_open: (_inode, filp) => {
        this.#code.check(show)
        return seq.single_open(filp, show, data)
      },
      ...this.#seqOps((...args) => seq.single_release(...args)),
    }
    return this.#proc_create_reg(name, mode, parent, proc_single_ops, data)
  }

  proc_mkdir(name: string, parent: proc_dir_entry | null): proc_dir_entry | null {
    return this.proc_mkdir_data(name, 0, parent, null)
  }

  proc_mkdir_mode(
    name: string,
    mode: number,
    parent: proc_dir_entry | null,
  ): proc_dir_entry | null {
    return this.proc_mkdir_data(name, mode, parent, null)
  }

  proc_mkdir_data(
    name: string,
    mode: number,
    parent: proc_dir_entry | null,
    data: unknown,
  ): proc_dir_entry | null {
    const place = this.#names.__proc_create(name, parent)
    if (!place) return null
    const entry = new ProcEntry({ mode: S_IFDIR | (mode || 0o555), data })
    return this.#names.proc_register(place, entry)
  }

  proc_symlink(
    name: string,
    parent: proc_dir_entry | null,
    dest: string,
  ): proc_dir_entry | null {
    const place = this.#names.__proc_create(name, parent)
    if (!place) return null
    const entry = new ProcEntry({
      mode: S_IFLNK | 0o777,
      target: dest,
      size: Buffer.byteLength(dest),
    })
    return this.#names.proc_register(place, entry)
  }

  proc_set_size(de: proc_dir_entry, size: number): void {
    Object.assign(de, { i_size: size })
  }

  proc_set_user(de: proc_dir_entry, uid: number, gid: number): void {
    Object.assign(de, { i_uid: uid, i_gid: gid })
  }

  remove_proc_entry(name: string, parent: proc_dir_entry | null): MaybePromise<void> {
    const place = this.#names.__xlate_proc_name(name, parent)
    if (!place) return
    const entry = place.dir.child(place.name)
    if (!(entry instanceof ProcEntry)) {
      this.#traps.WARN(true, "name '%s'\n", name)
      return
    }
    const [left] = entry.children?.keys() ?? []
    this.#traps.WARN(
      left !== undefined,
      "%s: removing non-empty directory '%s/%s', leaking at least '%s'\n",
      'remove_proc_entry',
      this.#names.nameOf(place.dir),
      place.name,
      left,
    )
    entry.remove()
    this.#objects.debug_object_deactivate(entry)
    return this.#calls.proc_entry_rundown(entry)
  }

  remove_proc_subtree(
    name: string,
    parent: proc_dir_entry | null,
  ): MaybePromise<errno_t> {
    const place = this.#names.__xlate_proc_name(name, parent)
    const entry = place?.dir.child(place.name)
    if (!(entry instanceof ProcEntry)) return -ENOENT
    return runSteps(this.#removeAll(entry))
  }

  proc_remove(de: proc_dir_entry | null | undefined): MaybePromise<void> {
    if (!(de instanceof ProcEntry) || !de.parent) return
    const removed = this.remove_proc_subtree(de.name, de.parent as ProcEntry)
    return isPromise(removed) ? removed.then(() => {}) : undefined
  }

  /** What is in a directory goes before it. */
  *#removeAll(entry: ProcEntry): Steps<errno_t> {
    entry.remove()
    this.#objects.debug_object_deactivate(entry)
    for (const child of entry.children?.values() ?? [])
      yield* this.#removeAll(child as ProcEntry)
    yield* settled(this.#calls.proc_entry_rundown(entry))
    return 0
  }

  /** A function of its own, as in Linux: its WARNING names it. */
  #proc_create_reg(
    name: string,
    mode: number,
    parent: proc_dir_entry | null,
    ops: proc_ops,
    data: unknown,
  ): proc_dir_entry | null {
    const type = mode & S_IFMT || S_IFREG
    const bits = mode & S_IALLUGO || 0o444
    if (this.#traps.WARN_ON(type !== S_IFREG)) return null
    const place = this.#names.__proc_create(name, parent)
    if (!place) return null
    const fop = this.#calls.operations(ops)
    const entry = new ProcEntry({ mode: type | bits, data, ops, fop })
    return this.#names.proc_register(place, entry)
  }

  /** What all files of records have in common. */
  #seqOps(release: NonNullable<proc_ops['proc_release']>): proc_ops {
    const seq = this.#seq
    return {
      proc_read: (...args) => seq.seq_read(...args),
      proc_lseek: (...args) => seq.seq_lseek(...args),
      proc_release: release,
    }
  }
}

function showText(
  m: seq_file,
  show: (filp: OpenFile) => MaybePromise<string | errno_t>,
): MaybePromise<errno_t> {
  const put = (text: string | errno_t): errno_t => {
    if (typeof text === 'number') return text
    seq_puts(m, text)
    return 0
  }
  const text = show(m.file as OpenFile)
  return isPromise(text) ? text.then(put) : put(text)
}
