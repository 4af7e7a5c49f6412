// seqm: /proc/oracle with files of records, of one record, a link, and what cannot be made.
import { EFAULT, EIO } from '#linux/errno'
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { module_param } from '#linux/moduleparam'
import { pr_info } from '#linux/printk'
import {
  proc_create,
  proc_create_seq,
  proc_create_single,
  proc_mkdir,
  proc_symlink,
  remove_proc_entry,
  remove_proc_subtree,
} from '#linux/proc_fs'
import type { proc_ops } from '#linux/proc_fs'
import {
  seq_lseek,
  seq_pad,
  seq_printf,
  seq_putc,
  seq_read,
  SEQ_SKIP,
  single_open,
  single_release,
} from '#linux/seq_file'
import type { seq_file, seq_operations } from '#linux/seq_file'
import { text } from '#linux/string'
import { copy_from_user } from '#linux/uaccess'

const n = module_param('n', 'int', 5, 0o644)
const log = module_param('log', 'bool', true, 0o644)
const width = module_param('width', 'int', 0, 0o644)

function say(fmt: string, ...args: unknown[]): void {
  if (log.value) pr_info(`seqm: ${fmt}`, ...args)
}

/** The record at `pos` is its number plus one, as a pointer must not be NULL in C. */
const records: seq_operations<number> = {
  start(_s, pos) {
    say('start pos=%lld\n', pos.value)
    return pos.value < n.value ? pos.value + 1 : null
  },
  next(_s, _v, pos) {
    pos.value++
    say('next -> pos=%lld\n', pos.value)
    return pos.value < n.value ? pos.value + 1 : null
  },
  stop(_s, v) {
    say('stop v=%s\n', v ? 'set' : 'NULL')
  },
  show(s, v) {
    const i = v - 1
    say('show %lu\n', i)
    if (i === 3 && n.value === 7) return SEQ_SKIP
    if (i === 4 && n.value === 7) return -EIO
    seq_printf(s, 'record %lu', i)
    if (width.value) {
      seq_pad(s, ' ')
      seq_printf(s, '%*s', width.value, 'x')
    }
    seq_putc(s, '\n')
    return 0
  },
}

const wbuf = new Uint8Array(32)
wbuf.set([0x65, 0x6d, 0x70, 0x74, 0x79]) // empty
let wl = 0

function single(s: seq_file): number {
  say('single show\n')
  seq_printf(s, '[%s] len=%zu\n', text(wbuf), wl)
  return 0
}

const single_ops: proc_ops = {
  proc_open: (_inode, filp) => single_open(filp, single, null),
  proc_read: seq_read,
  proc_lseek: seq_lseek,
  proc_release: single_release,
  proc_write(_filp, buf, count, pos) {
    const k = Math.min(count, wbuf.length - 1)
    say('write count=%zu pos=%lld\n', count, pos.value)
    if (copy_from_user(wbuf, buf, k)) return -EFAULT
    wbuf[k] = 0
    wl = k
    return count
  },
}

function s_init(): number {
  const dir = proc_mkdir('oracle', null)
  proc_create_seq('records', 0o444, dir, records)
  proc_create('single', 0o644, dir, single_ops)
  proc_create_single('one', 0o400, dir, single)
  proc_symlink('link', dir, 'single')
  proc_mkdir('oracle/sub', null)
  const again = proc_create('single', 0o644, dir, single_ops)
  pr_info('seqm: duplicate proc_create -> %s\n', again ? 'entry' : 'NULL')
  const nodir = proc_create('nodir/x', 0o644, null, single_ops)
  pr_info('seqm: proc_create(nodir/x) -> %s\n', nodir ? 'entry' : 'NULL')
  return 0
}

async function s_exit(): Promise<void> {
  await remove_proc_subtree('oracle', null)
  await remove_proc_entry('never-there', null)
}

module_init(s_init)
module_exit(s_exit)
MODULE_LICENSE('GPL')
