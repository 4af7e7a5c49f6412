// The events of epoll(7), which are those of poll(2). Linux: include/linux/eventpoll.h.

export * from '../uapi/poll.ts'
export * from '../uapi/eventpoll.ts'
