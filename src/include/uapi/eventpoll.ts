// epoll_ctl(2) and its flags. Linux: include/uapi/linux/eventpoll.h.

export const EPOLL_CTL_ADD = 1
export const EPOLL_CTL_DEL = 2
export const EPOLL_CTL_MOD = 3

/** Of all epolls that wait for a file, wake one. */
export const EPOLLEXCLUSIVE = 0x10000000
export const EPOLLWAKEUP = 0x20000000
/** Tell once, then not again until EPOLL_CTL_MOD. */
export const EPOLLONESHOT = 0x40000000
/** Tell when something happens, not as long as it is so. */
export const EPOLLET = 0x80000000
