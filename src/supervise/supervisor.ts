// Serves the system calls of one program and all that it starts: those that belong to the machine go
// there, all others go on to the host's kernel.

import { closeSync } from 'node:fs'
import { callNumbers, MOVE_MOUNT } from '../host/call_numbers.ts'
import type { Host } from '../host/host.ts'
import { EINTR, ENOTCONN } from '../include/uapi/errno.ts'
import { Callers } from './callers.ts'
import { DebugfsMounts } from './debugfs.ts'
import { Forwarder, LATER } from './forwarder.ts'
import { Giver } from './giver.ts'
import { AT_FDCWD, type Call, CONTINUE, int, Listener } from './listener.ts'

/** How often to see whether the callers of sleeping calls have got signals, in milliseconds. */
const LOOK_FOR_SIGNALS = 20

/** The first and the last of those errors that have a call made anew. Linux: include/linux/errno.h. */
const ERESTARTSYS = 512
const ERESTART_RESTARTBLOCK = 516

type Answer = number | typeof CONTINUE | typeof LATER
type Row = (call: Call) => Answer

export interface SupervisorOptions {
  readonly host: Host
  readonly mountpoint: string
  /** The machine stops when the supervisor does. */
  readonly last: boolean
  /** All programs have ended. */
  readonly ended: () => void
}

export class Supervisor {
  readonly #host: Host
  readonly #ended: () => void
  readonly #callers: Callers
  readonly #forwarder: Forwarder
  readonly #giver: Giver
  readonly #debugfs: DebugfsMounts
  #listener: Listener | undefined
  readonly #rows: ReadonlyMap<number, Row>
  /** Calls that sleep in the machine. */
  readonly #sleeping = new Map<bigint, Call>()
  #looking: NodeJS.Timeout | undefined

  /** Connects to the machine. Throws an Error if that fails. */
  constructor({ host, mountpoint, last, ended }: SupervisorOptions) {
    this.#host = host
    this.#ended = ended
    this.#callers = new Callers(host, mountpoint)
    this.#debugfs = new DebugfsMounts(this.#callers, mountpoint)
    this.#forwarder = new Forwarder(host, mountpoint, last, {
      answered: (id, ret) => this.#answered(id, ret),
      given: (id, file) => this.#giver.give(id, file),
    })
    this.#giver = new Giver({
      open: given => this.#forwarder.openGiven(given),
      addfd: (...added) => this.#listener?.addfd(...added) ?? -ENOTCONN,
      close: file => host.pidfds.close(file),
    })
    this.#rows = this.#table()
  }

  /** Serve the calls that arrive on `listener`, which is the supervisor's from now on. */
  serve(listener: number): void {
    this.#listener = new Listener(this.#host, listener, {
      call: call => this.#serve(call),
      ended: this.#ended,
    })
  }

  #table(): ReadonlyMap<number, Row> {
    const numbers = callNumbers()
    const { mknod } = numbers
    const forward = (name: 'init_module' | 'delete_module' | 'syslog'): Row => {
      return ({ id, pid, args }) => this.#forwarder.call(name, id, pid, args)
    }
    return new Map<number, Row>([
      [numbers.init_module, forward('init_module')],
      [numbers.finit_module, call => this.#finit_module(call)],
      [numbers.delete_module, forward('delete_module')],
      [numbers.syslog, forward('syslog')],
      [numbers.ioctl, call => this.#onFile('ioctl', call)],
      [numbers.fcntl, call => this.#onFile('fcntl', call)],
      [numbers.epoll_ctl, call => this.#onFile('epoll_ctl', call, call.args[2])],
      [numbers.mmap, call => this.#onFile('mmap', call, call.args[4])],
      [numbers.mount, call => this.#debugfs.mount(call)],
      [MOVE_MOUNT, call => this.#debugfs.move_mount(call)],
      [numbers.mknodat, call => this.#mknod(call, int(call.args[0]), call.args.slice(1))],
      ...(mknod === undefined
        ? []
        : [[mknod, (call: Call) => this.#mknod(call, AT_FDCWD, call.args)] as const]),
    ])
  }

  #serve(call: Call): void {
    const answer = this.#rows.get(call.nr)?.(call) ?? CONTINUE
    if (answer !== LATER) return this.#answer(call, answer)
    this.#sleeping.set(call.id, call)
    this.#looking ??= setInterval(() => this.#lookForSignals(), LOOK_FOR_SIGNALS)
  }

  #answered(id: bigint, ret: number): void {
    const call = this.#sleeping.get(id)
    this.#sleeping.delete(id)
    if (call) this.#answer(call, this.#forCaller(call, ret))
    if (this.#sleeping.size > 0) return
    clearInterval(this.#looking)
    this.#looking = undefined
  }

  /** A call is only made anew where the host sees the signal, too. */
  #forCaller({ id, pid }: Call, ret: number): number {
    const isRestart = ret <= -ERESTARTSYS && ret >= -ERESTART_RESTARTBLOCK
    if (isRestart && this.#callers.signal(pid) !== 'its own') return -EINTR
    return this.#giver.answer(id, ret)
  }

  #answer({ id, nr }: Call, answer: number | typeof CONTINUE): void {
    // The host keeps the flags and the owner of an open file, too, and does the mapping.
    const { fcntl, mmap } = callNumbers()
    const both = (nr === fcntl || nr === mmap) && answer === 0
    this.#listener?.answer(id, both ? CONTINUE : answer)
  }

  /** The host tells nobody of signals to a program whose call is being served. */
  #lookForSignals(): void {
    for (const { id, pid } of this.#sleeping.values()) {
      const ended = !this.#isWaiting(id) || this.#callers.signal(pid) !== 'none'
      if (ended) this.#forwarder.signal(id)
    }
  }

  /** A call about descriptor `fd`. */
  #onFile(
    name: 'ioctl' | 'fcntl' | 'epoll_ctl' | 'mmap',
    { id, pid, args }: Call,
    fd = args[0],
  ): Answer {
    return this.#callers.withFile(pid, int(fd), (file): Answer =>
      this.#callers.isMachines(file) && this.#isWaiting(id)
        ? this.#forwarder.callOn(file, name, id, pid, args)
        : CONTINUE,
    )
  }

  /** What was found by the caller's number is his, and not of one who has the number now. */
  #isWaiting(id: bigint): boolean {
    return this.#listener?.isWaiting(id) ?? false
  }

  #finit_module({ id, pid, args: [fd, params = 0n, flags = 0n] }: Call): Answer {
    const image = this.#callers.image(pid, int(fd))
    if (!this.#isWaiting(id)) return CONTINUE
    return this.#forwarder.finit_module(id, pid, image, params, flags)
  }

  /** Only of a device: the filter lets others pass. */
  #mknod({ id, pid }: Call, dirfd: number, args: readonly bigint[]): Answer {
    const [path = 0n, mode = 0n, device = 0n] = args
    const place = this.#callers.place(pid, dirfd, path)
    if (typeof place === 'number') return place
    const { folder, name } = place
    try {
      const masked = mode & ~BigInt(this.#callers.umask(pid))
      if (!this.#callers.isMachines(folder) || !this.#isWaiting(id)) return CONTINUE
      return this.#forwarder.mknod(id, pid, folder, name, masked, device)
    } finally {
      closeSync(folder)
    }
  }
}
