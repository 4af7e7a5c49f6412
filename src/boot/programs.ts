// What programs have: open files, memory they have mapped, and that they can be sent signals.

import { EventPoll } from '../fs/eventpoll.ts'
import { FileControl } from '../fs/fcntl.ts'
import { OpenFiles } from '../fs/open.ts'
import { Polls } from '../fs/select.ts'
import { Processes } from '../kernel/pid.ts'
import { AddressSpace } from '../mm/address_space.ts'
import type { Core } from './core.ts'
import type { Deferred } from './deferred.ts'
import type { DeviceModel } from './devices.ts'
import type { Memory } from './memory.ts'
import type { Parameters } from './params.ts'
import type { Reporting } from './reporting.ts'

type Given = Core & Reporting & Parameters & Deferred & Memory & DeviceModel

export function programs_init(given: Given) {
  const { sched, wait, traps, code, timeouts, pages, faults, chrdevs } = given

  const waiting = { sched, timeouts, traps, wait }
  const polls = new Polls(waiting) //                     poll(2)
  const newEventPoll = () => new EventPoll(waiting) //    epoll_create(2)
  const files = new OpenFiles(chrdevs, traps, code) //    open(2), the last close(2)
  const processes = new Processes() //                    who can be sent signals
  const control = new FileControl(traps, sched, processes) // fcntl(2)
  const newAddressSpace = () =>
    new AddressSpace({
      traps,
      faults,
      pages,
      get_file: file => files.get_file(file),
      fput: file => void files.fput(file),
    }) //                                                 mmap, munmap

  return { polls, newEventPoll, files, processes, control, newAddressSpace }
}
