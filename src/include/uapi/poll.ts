// Event bits of poll(2). Linux: include/uapi/asm-generic/poll.h.

export const EPOLLIN = 0x0001
export const EPOLLPRI = 0x0002
export const EPOLLOUT = 0x0004
export const EPOLLERR = 0x0008
export const EPOLLHUP = 0x0010
export const EPOLLRDNORM = 0x0040
export const EPOLLRDBAND = 0x0080
export const EPOLLWRNORM = 0x0100
export const EPOLLWRBAND = 0x0200
export const EPOLLMSG = 0x0400
export const EPOLLRDHUP = 0x2000

export const POLLNVAL = 0x0020

export const POLLIN = EPOLLIN
export const POLLPRI = EPOLLPRI
export const POLLOUT = EPOLLOUT
export const POLLERR = EPOLLERR
export const POLLHUP = EPOLLHUP
export const POLLRDNORM = EPOLLRDNORM
export const POLLRDBAND = EPOLLRDBAND
export const POLLWRNORM = EPOLLWRNORM
export const POLLWRBAND = EPOLLWRBAND
