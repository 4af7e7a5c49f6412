// chr: sixteen character devices, each with other operations.
//
// minors: 0 default_llseek  1 fixed_size_llseek(64)  2 no_llseek  3 no llseek  4 noop_llseek
// 5 fifo (blocking, poll, fasync)  6 no write  7 no read  8 no operations  9 no poll  10 opens once
// 11 fifo that answers -EINTR  12 sleeps a second  13 read_iter, write_iter  14 fifo, stream_open
// 15 fifo with killable waits
import { CAP_SYS_ADMIN, capable } from '#linux/capability'
import { cdev, cdev_add, cdev_del, cdev_init } from '#linux/cdev'
import { class_create, class_destroy, device_create, device_destroy } from '#linux/device'
import type { class as class_t } from '#linux/device'
import { IS_ERR } from '#linux/err'
import {
  EAGAIN,
  EBUSY,
  EFAULT,
  EINTR,
  EINVAL,
  ENODEV,
  ENOIOCTLCMD,
  ENOSPC,
  ENOTTY,
  EPERM,
  ERESTARTSYS,
} from '#linux/errno'
import { O_APPEND, O_NONBLOCK } from '#linux/fcntl'
import {
  alloc_chrdev_region,
  default_llseek,
  fasync_helper,
  file_inode,
  fixed_size_llseek,
  iminor,
  kill_fasync,
  no_llseek,
  noop_llseek,
  stream_open,
  unregister_chrdev_region,
} from '#linux/fs'
import type { fasync_struct, file, file_operations } from '#linux/fs'
import { _IO, _IOC_DIR, _IOC_NR, _IOC_SIZE, _IOC_TYPE, _IOR, _IOW } from '#linux/ioctl'
import { HZ } from '#linux/jiffies'
import { MAJOR, MINOR } from '#linux/kdev_t'
import { MODULE_LICENSE, THIS_MODULE, module_exit, module_init } from '#linux/module'
import { module_param } from '#linux/moduleparam'
import { mutex, mutex_lock_interruptible, mutex_unlock } from '#linux/mutex'
import { EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM, poll_wait } from '#linux/poll'
import { pr_info } from '#linux/printk'
import { current } from '#linux/sched'
import { POLL_IN, SIGIO } from '#linux/signal'
import { kasprintf } from '#linux/kernel'
import { GFP_KERNEL } from '#linux/slab'
import { ref } from '#linux/types'
import { copy_from_user, copy_to_user, get_user, put_user } from '#linux/uaccess'
import { copy_to_iter, iov_iter_advance, iov_iter_count } from '#linux/uio'
import {
  wait_event_interruptible,
  wait_event_killable,
  wait_event_timeout,
  wait_queue_head,
  wake_up,
  wake_up_interruptible,
} from '#linux/wait'

MODULE_LICENSE('GPL')

const N = 16
const SZ = 64
const verbose = module_param('verbose', 'bool', true, 0o644)

const base = ref(0)
const cd = Array.from({ length: N }, () => new cdev())
let cls: class_t
const mem = new Uint8Array(SZ)
mem.set(Array.from('0123456789abcdef', c => c.charCodeAt(0)))
let len = 16
const lock = new mutex()
const fifo = new Uint8Array(SZ)
let fn = 0
const rq = new wait_queue_head()
const wq = new wait_queue_head()
const fa = ref<fasync_struct | null>(null)
let busy = false

function L(fmt: string, ...args: unknown[]): void {
  if (verbose.value) pr_info(`chr: [%s] ${fmt}`, current.comm, ...args)
}
const mi = (f: file): number => iminor(file_inode(f))

type Op<K extends keyof file_operations> = NonNullable<file_operations[K]>

const c_open: Op<'open'> = (i, f) => {
  L('open minor=%d f_flags=0%o f_mode=%#x\n', iminor(i), f.f_flags, f.f_mode & 0x1f)
  if (iminor(i) === 10) {
    if (busy) return -EBUSY
    busy = true
  }
  return iminor(i) === 14 ? stream_open(i, f) : 0
}
const c_rel: Op<'release'> = i => {
  L('release minor=%d\n', iminor(i))
  if (iminor(i) === 10) busy = false
  return 0
}
const c_flush: Op<'flush'> = f => {
  L('flush minor=%d\n', mi(f))
  return 0
}

const m_read: Op<'read'> = (f, u, count, p) => {
  const from = p.value
  let r = 0
  if (from < len) {
    const n = Math.min(count, len - from)
    if (copy_to_user(u, mem.subarray(from), n)) r = -EFAULT
    else p.value += r = n
  }
  L('read minor=%d n=%zu pos=%lld -> %zd\n', mi(f), count, from, r)
  return r
}
const m_write: Op<'write'> = (f, u, count, p) => {
  const from = p.value
  let r: number
  if (f.f_flags & O_APPEND) p.value = len
  if (p.value >= SZ) r = -ENOSPC
  else {
    const n = Math.min(count, SZ - p.value)
    if (copy_from_user(mem.subarray(p.value), u, n)) r = -EFAULT
    else {
      p.value += n
      if (p.value > len) len = p.value
      r = n
    }
  }
  L('write minor=%d n=%zu pos=%lld -> %zd\n', mi(f), count, from, r)
  return r
}
const fixed_seek: Op<'llseek'> = (f, o, w) => fixed_size_llseek(f, o, w, SZ)

const at = (p: { value: number } | null): number => (p ? p.value : -1)
const noted = (p: { value: number } | null): string => (p ? '' : ' (ppos is NULL)')

const f_read: Op<'read'> = async (f, u, n, p) => {
  const m = mi(f)
  L('fifo read minor=%d n=%zu pos=%lld%s\n', m, n, at(p), noted(p))
  if (m === 12) {
    await wait_event_timeout(rq, () => false, HZ)
    return 0
  }
  if (await mutex_lock_interruptible(lock)) return -ERESTARTSYS
  while (!fn) {
    mutex_unlock(lock)
    if (f.f_flags & O_NONBLOCK) return -EAGAIN
    const e =
      m === 15
        ? await wait_event_killable(rq, () => fn > 0)
        : await wait_event_interruptible(rq, () => fn > 0)
    if (e) {
      L('wait interrupted %d\n', e)
      return m === 11 ? -EINTR : e
    }
    L('woken, fifo has %zu\n', fn)
    if (await mutex_lock_interruptible(lock)) return -ERESTARTSYS
  }
  const k = Math.min(n, fn)
  if (copy_to_user(u, fifo, k)) {
    mutex_unlock(lock)
    return -EFAULT
  }
  fifo.copyWithin(0, k, fn)
  fn -= k
  mutex_unlock(lock)
  wake_up_interruptible(wq)
  L('fifo read -> %zu\n', k)
  return k
}
const f_write: Op<'write'> = async (f, u, n, p) => {
  L('fifo write minor=%d n=%zu pos=%lld%s\n', mi(f), n, at(p), noted(p))
  if (await mutex_lock_interruptible(lock)) return -ERESTARTSYS
  while (fn === SZ) {
    mutex_unlock(lock)
    if (f.f_flags & O_NONBLOCK) return -EAGAIN
    if (await wait_event_interruptible(wq, () => fn < SZ)) return -ERESTARTSYS
    if (await mutex_lock_interruptible(lock)) return -ERESTARTSYS
  }
  const k = Math.min(n, SZ - fn)
  if (copy_from_user(fifo.subarray(fn), u, k)) {
    mutex_unlock(lock)
    return -EFAULT
  }
  fn += k
  mutex_unlock(lock)
  wake_up(rq)
  kill_fasync(fa, SIGIO, POLL_IN)
  return k
}
const f_poll: Op<'poll'> = (f, t) => {
  let m = 0
  poll_wait(f, rq, t)
  poll_wait(f, wq, t)
  if (fn) m |= EPOLLIN | EPOLLRDNORM
  if (fn < SZ) m |= EPOLLOUT | EPOLLWRNORM
  L('poll -> %#x\n', m)
  return m
}
const f_fasync: Op<'fasync'> = (fd, f, on) => {
  L('fasync fd=%d on=%d\n', fd, on)
  return fasync_helper(fd, f, on, fa)
}

const IOC = 'O'
const c_ioctl: Op<'unlocked_ioctl'> = (_f, c, a) => {
  L(
    'ioctl cmd=%#x (dir %u type %u nr %u size %u) arg=%#lx\n',
    c,
    _IOC_DIR(c),
    _IOC_TYPE(c),
    _IOC_NR(c),
    _IOC_SIZE(c),
    a.value < 4096n ? a.value : 0xffff,
  )
  if (_IOC_TYPE(c) !== IOC.charCodeAt(0)) return -ENOTTY
  switch (c) {
    case _IO(IOC, 0):
      len = 0
      return 0
    case _IOR(IOC, 1, 'int'):
      return put_user(len, a, 'int')
    case _IOW(IOC, 2, 'int'): {
      const v = ref(0)
      if (get_user(v, a, 'int')) return -EFAULT
      if (v.value < 0 || v.value > SZ) return -EINVAL
      len = v.value
      return 0
    }
    case _IO(IOC, 3):
      return 12345
    case _IO(IOC, 4):
      return capable(CAP_SYS_ADMIN) ? 0 : -EPERM
    case _IO(IOC, 5):
      return -ENOIOCTLCMD
    case _IO(IOC, 6):
      return -515
    default:
      return -ENOTTY
  }
}

const ri: Op<'read_iter'> = (k, t) => {
  let r = 0
  if (k.ki_pos < len) {
    r = copy_to_iter(mem.subarray(k.ki_pos), len - k.ki_pos, t)
    k.ki_pos += r
  }
  L('read_iter -> %zd nr_segs=%lu\n', r, t.nr_segs)
  return r
}
const wi: Op<'write_iter'> = (k, t) => {
  const n = iov_iter_count(t)
  L('write_iter count=%zu nr_segs=%lu pos=%lld\n', n, t.nr_segs, k.ki_pos)
  iov_iter_advance(t, n)
  k.ki_pos += n
  return n
}

const c_mmap: Op<'mmap'> = (_f, v) => {
  L(
    'mmap len=%lu pgoff=%lu flags=%#lx\n',
    v.vm_end - v.vm_start,
    v.vm_pgoff,
    v.vm_flags & 0xf,
  )
  return -ENODEV
}

const C: file_operations = {
  owner: THIS_MODULE,
  open: c_open,
  release: c_rel,
  flush: c_flush,
  unlocked_ioctl: c_ioctl,
}
const memory = { ...C, read: m_read, write: m_write }
const queue = { ...C, read: f_read, write: f_write, poll: f_poll }
const fo: file_operations[] = [
  { ...memory, llseek: default_llseek, mmap: c_mmap },
  { ...memory, llseek: fixed_seek },
  { ...memory, llseek: no_llseek },
  memory,
  { ...memory, llseek: noop_llseek },
  { ...queue, fasync: f_fasync, llseek: no_llseek },
  { ...C, read: m_read },
  { ...C, write: m_write },
  { owner: THIS_MODULE },
  { ...memory, llseek: default_llseek },
  { ...C, read: m_read },
  queue,
  { ...C, read: f_read },
  { ...C, read_iter: ri, write_iter: wi, llseek: default_llseek },
  queue,
  queue,
]

const devnode: class_t['devnode'] = (d, m) => {
  if (MINOR(d.devt) === 1 && m) m.value = 0o666
  return MINOR(d.devt) === 13
    ? (kasprintf(GFP_KERNEL, 'orc/sub/iter') ?? undefined)
    : undefined
}

module_init(function c_init() {
  const r = alloc_chrdev_region(base, 0, N, 'orc')
  if (r) return r
  const made = class_create(THIS_MODULE, 'oracle')
  if (IS_ERR<class_t>(made)) {
    unregister_chrdev_region(base.value, N)
    return made
  }
  cls = made
  cls.devnode = devnode
  for (const [i, p] of cd.entries()) {
    cdev_init(p, fo[i] ?? {})
    p.owner = THIS_MODULE
    const err = cdev_add(p, base.value + i, 1)
    if (err) {
      class_destroy(cls)
      unregister_chrdev_region(base.value, N)
      return err
    }
    device_create(cls, null, base.value + i, null, 'orc%d', i)
  }
  pr_info('chr: registered %d:0-%d\n', MAJOR(base.value), N - 1)
  return 0
})

module_exit(function c_exit() {
  for (const [i, p] of cd.entries()) {
    device_destroy(cls, base.value + i)
    cdev_del(p)
  }
  class_destroy(cls)
  unregister_chrdev_region(base.value, N)
  pr_info('chr: gone\n')
})
