// What programs have: open files, memory they have mapped, and that they can be sent signals.

import { AnonInodes } from '../fs/anon_inodes.ts'
import { CurrentFiles } from '../fs/current_files.ts'
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
import type { Loading } from './modules.ts'
import type { Parameters } from './params.ts'
import type { Reporting } from './reporting.ts'

type Given = Core & Reporting & Parameters & Deferred & Memory & Loading & DeviceModel

export function programs_init(given: Given) {
  const { sched, wait, log, traps, code, timeouts, pages, faults } = given
  const { chrdevs, modules, symbols } = given

  const waiting = { sched, timeouts, traps, wait }
  const polls = new Polls(waiting) //                     poll(2)
  const newEventPoll = () => new EventPoll(waiting) //    epoll_create(2)
  const files = new OpenFiles(chrdevs, traps, code) //    open(2), the last close(2)
  const descriptors = new CurrentFiles(sched, files, log) // fd_install
  const anon_inodes = new AnonInodes({ sched, files, descriptors, modules })
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

  symbols.exportFrom(descriptors, anon_inodes) //         anon_inode_getfd
  return { polls, newEventPoll, files, processes, control, newAddressSpace }
}
