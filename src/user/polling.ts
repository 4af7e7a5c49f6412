// poll(2), select(2) and epoll(7) of a program in the same process as the machine.

import { EBADF, EINVAL } from '../include/linux/errno.ts'
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDBAND,
  EPOLLRDNORM,
  EPOLLWRBAND,
  EPOLLWRNORM,
} from '../include/uapi/poll.ts'
import { type epoll_event, EventPoll } from '../fs/eventpoll.ts'
import { ALWAYS, no_wait, PollQueues, vfs_poll } from '../fs/select.ts'
import { UserFiles } from './files.ts'

/** What the three sets of select(2) mean. */
const POLLIN_SET = EPOLLRDNORM | EPOLLRDBAND | EPOLLIN | EPOLLHUP | EPOLLERR
const POLLOUT_SET = EPOLLWRBAND | EPOLLWRNORM | EPOLLOUT | EPOLLERR
const POLLEX_SET = EPOLLPRI

export interface pollfd {
  fd: number
  events: number
  revents?: number
}

/** Descriptors, by what they are asked for. */
export interface fd_sets {
  read?: readonly number[]
  write?: readonly number[]
  except?: readonly number[]
}

export abstract class UserPolling extends UserFiles {
  /** What one file is ready for, whatever that is. */
  ready(fd: number): Promise<number> {
    return this.withFile(fd, file => vfs_poll(this.kernel.traps, file, no_wait()))
  }

  /** Resolves when the driver wakes those who poll the file, for whatever reason. */
  woken(fd: number): Promise<void> {
    return new Promise(resolve => {
      const line = new PollQueues(-1, () => {
        line.cancel()
        resolve()
        return true
      })
      void this.withFile(fd, file => vfs_poll(this.kernel.traps, file, line))
    })
  }

  /** poll(2): sets `revents`; how many have some, or -EINTR. `timeout` in milliseconds, -1: none. */
  poll(fds: readonly pollfd[], timeout: number): Promise<number> {
    return this.syscall(async () => {
      const polled = fds.map(({ fd, events }) => ({
        file: this.fds.get(fd),
        events: events | ALWAYS,
        revents: 0,
      }))
      const n = await this.kernel.polls.do_poll(polled, timeout)
      for (const [i, one] of polled.entries()) (fds[i] as pollfd).revents = one.revents
      return n
    })
  }

  /** select(2): those of the descriptors that are ready, or an error. `timeout` as for poll(). */
  select(sets: fd_sets, timeout: number): Promise<Required<fd_sets> | number> {
    return this.syscall(async () => {
      const asked = Object.entries({
        read: POLLIN_SET,
        write: POLLOUT_SET,
        except: POLLEX_SET,
      }).flatMap(([set, events]) =>
        (sets[set as keyof fd_sets] ?? []).map(fd => {
          return { set, fd, file: this.fds.get(fd), events, revents: 0 }
        }),
      )
      if (asked.some(({ file }) => !file)) return -EBADF
      const n = await this.kernel.polls.do_poll(asked, timeout)
      if (n < 0) return n
      const ready = (which: string) =>
        asked.filter(({ set, revents }) => set === which && revents).map(({ fd }) => fd)
      return { read: ready('read'), write: ready('write'), except: ready('except') }
    })
  }

  /** epoll_create1(2): a descriptor. */
  epoll_create1(flags = 0): number {
    return this.fds.install(this.kernel.newEventPoll().file(flags), false)
  }

  /** epoll_ctl(2). */
  epoll_ctl(
    epfd: number,
    op: number,
    fd: number,
    event: epoll_event = { events: 0, data: fd },
  ): Promise<number> {
    return this.#withEpoll(epfd, epoll => epoll.ctl(op, fd, this.fds.get(fd), event))
  }

  /** epoll_wait(2): what has happened, or an error. */
  epoll_wait(
    epfd: number,
    max: number,
    timeout: number,
  ): Promise<epoll_event[] | number> {
    return this.#withEpoll<epoll_event[] | number>(epfd, epoll =>
      epoll.wait(max, timeout),
    )
  }

  #withEpoll<T>(
    epfd: number,
    call: (epoll: EventPoll) => Promise<T | number>,
  ): Promise<T | number> {
    const file = this.fds.get(epfd)
    if (!file) return Promise.resolve(-EBADF)
    const epoll = file.private_data
    if (!(epoll instanceof EventPoll)) return Promise.resolve(-EINVAL)
    return this.syscall(() => call(epoll))
  }
}
