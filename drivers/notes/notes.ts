// notes: /proc/notes/list has one line a note, however little of it is read at once.
//
// `echo buy milk > list` adds a note, `echo -2 > list` removes number 2. /proc/notes/count says how
// many there are.

import { EFAULT, EINVAL, ENOENT, ENOMEM } from '#linux/errno'
import { kstrtoint } from '#linux/kstrtox'
import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  module_exit,
  module_init,
} from '#linux/module'
import { mutex, mutex_lock, mutex_unlock } from '#linux/mutex'
import {
  proc_create,
  proc_create_single,
  proc_mkdir,
  remove_proc_subtree,
} from '#linux/proc_fs'
import type { proc_ops } from '#linux/proc_fs'
import {
  seq_list_next,
  seq_list_start,
  seq_lseek,
  seq_open,
  seq_printf,
  seq_read,
  seq_release,
} from '#linux/seq_file'
import type { seq_file, seq_operations } from '#linux/seq_file'
import { text } from '#linux/string'
import { ref } from '#linux/types'
import type { errno_t } from '#linux/types'
import { copy_from_user } from '#linux/uaccess'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('a list in /proc, read with seq_file')

/** A note has this many bytes at most. */
const NOTE_MAX = 200

interface note {
  readonly number: number
  readonly text: string
}

const notes: note[] = []
const lock = new mutex()
let last = 0

/** The lock is held from start to stop: within one read(2), not until the file is closed. */
const notes_seq_ops: seq_operations<note> = {
  async start(_m, pos) {
    await mutex_lock(lock)
    return seq_list_start(notes, pos.value)
  },

  next(_m, v, pos) {
    return seq_list_next(v, notes, pos)
  },

  stop() {
    mutex_unlock(lock)
  },

  show(m, { number, text }) {
    seq_printf(m, '%3d %s\n', number, text)
    return 0
  },
}

const notes_proc_ops: proc_ops = {
  proc_open: (_inode, filp) => seq_open(filp, notes_seq_ops),
  proc_read: seq_read,
  proc_lseek: seq_lseek,
  proc_release: seq_release,

  async proc_write(_filp, buf, count) {
    if (count > NOTE_MAX) return -EINVAL
    const bytes = new Uint8Array(count)
    if (copy_from_user(bytes, buf, count)) return -EFAULT

    await mutex_lock(lock)
    const err = notes_edit(text(bytes).trim())
    mutex_unlock(lock)
    return err || count
  },
}

/** Add a note, or remove the one whose number stands behind a dash. */
function notes_edit(line: string): errno_t {
  if (line === '') return -EINVAL
  if (!line.startsWith('-')) {
    notes.push({ number: ++last, text: line })
    return 0
  }
  const number = ref(0)
  const err = kstrtoint(line.slice(1), 10, number)
  if (err) return err
  const at = notes.findIndex(one => one.number === number.value)
  if (at < 0) return -ENOENT
  notes.splice(at, 1)
  return 0
}

function notes_count(m: seq_file): errno_t {
  seq_printf(m, '%d\n', notes.length)
  return 0
}

async function notes_init(): Promise<errno_t> {
  const dir = proc_mkdir('notes', null)
  if (!dir) return -ENOMEM
  const made =
    proc_create('list', 0o666, dir, notes_proc_ops) &&
    proc_create_single('count', 0, dir, notes_count)
  if (made) return 0
  await notes_exit()
  return -ENOMEM
}

async function notes_exit(): Promise<void> {
  await remove_proc_subtree('notes', null)
}

module_init(notes_init)
module_exit(notes_exit)
