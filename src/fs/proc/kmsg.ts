// /proc/kmsg: the log once, for one daemon: what has been read is gone. Linux: fs/proc/kmsg.c.

import { EAGAIN, EFAULT, EPERM } from '../../include/linux/errno.ts'
import { O_NONBLOCK } from '../../include/linux/fcntl.ts'
import type { file_operations } from '../../include/linux/fs.ts'
import type { user_ptr } from '../../include/linux/uaccess.ts'
import type { wait_queue_head } from '../../include/linux/wait.ts'
import { poll_wait } from '../../include/linux/poll.ts'
import { EPOLLIN, EPOLLRDNORM } from '../../include/uapi/poll.ts'
import { SYSLOG_ACTION_OPEN, SYSLOG_ACTION_READ } from '../../include/uapi/syslog.ts'
import type { Syslog, SyslogResult } from '../../kernel/syslog.ts'
import { copy_to_user } from '../../lib/usercopy.ts'
import { default_llseek } from '../libfs.ts'
import type { ProcFs } from './generic.ts'

interface Log {
  syslog: Syslog
  log_wait: wait_queue_head
}

export function proc_kmsg_init(procfs: ProcFs, { syslog, log_wait }: Log): void {
  const fop: file_operations = {
    open: () => (syslog.check_syslog_permissions(SYSLOG_ACTION_OPEN) ? 0 : -EPERM),
    read(filp, buf, count) {
      if (filp.f_flags & O_NONBLOCK && !syslog.unread) return -EAGAIN
      const result = syslog.do_syslog(SYSLOG_ACTION_READ, count)
      return 'ret' in result ? give(buf, result) : result.then(text => give(buf, text))
    },
    // Positions mean nothing; head(1) wants to go back to what it has not shown.
    llseek: default_llseek,
    poll(filp, table) {
      poll_wait(filp, log_wait, table)
      return syslog.unread ? EPOLLIN | EPOLLRDNORM : 0
    },
  }
  procfs.create_file('kmsg', 0o400, fop)
}

function give(buf: user_ptr, { ret, text }: SyslogResult): number {
  if (ret <= 0 || !text) return ret
  return copy_to_user(buf, text, text.length) ? -EFAULT : ret
}
