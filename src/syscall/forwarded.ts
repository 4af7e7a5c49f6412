// The machine's end of forward.ts: calls that a supervisor has taken from a program, made as that
// program.

import type { MaybePromise } from '../include/linux/types.ts'
import { CAP_MKNOD } from '../include/uapi/capability.ts'
import {
  EEXIST,
  EFAULT,
  EIO,
  ENOSYS,
  ENOTCONN,
  ENOTDIR,
  EPERM,
} from '../include/uapi/errno.ts'
import { FIBMAP, FIONREAD } from '../include/uapi/ioctls.ts'
import { S_ISCHR } from '../include/uapi/stat.ts'
import { ENOIOCTLCMD } from '../include/linux/errno.ts'
import { new_decode_dev } from '../include/linux/kdev_t.ts'
import type { FileControl } from '../fs/fcntl.ts'
import type { OpenFile } from '../fs/file.ts'
import { vfs_ioctl } from '../fs/ioctl.ts'
import type { Traps } from '../kernel/panic.ts'
import { type Identity, type Scheduler, Task } from '../kernel/sched.ts'
import { isPromise } from '../lib/is_promise.ts'
import { process_ptr, type user_memory } from '../lib/usercopy.ts'
import type { MmapArguments } from '../mm/mmap_check.ts'
import { strncpy_from_user } from '../lib/user_string.ts'
import type { Connection, Connections } from './connections.ts'
import {
  decodeForward,
  encodeOutcome,
  FORWARD_SIZE,
  FORWARDED,
  type ForwardedCall,
  type NoAnswer,
  OUTCOME_AT,
} from './forward.ts'
import { GivenFiles } from './given_files.ts'
import type { UserCalls } from './user_calls.ts'

const NAME_MAX = 255
/** ioctls that are the file system's on a regular file, and the driver's on a device. */
const OF_REGULAR_FILES = [FIBMAP, FIONREAD]

export interface ForwardedNeeds {
  readonly sched: Scheduler
  readonly traps: Traps
  readonly calls: UserCalls
  readonly control: FileControl
  readonly connections: Connections
  readonly memoryOf: (pid: number) => user_memory
  readonly processOf: (pid: number) => Identity
  /** A descriptor that process `pid` does not have, nor any of `besides`; or -EMFILE. */
  readonly lowestFreeDescriptor: (pid: number, besides: ReadonlySet<number>) => number
  /** Thread `pid` is about to map a file: 0, or the error that its driver gives. */
  readonly mmap: (
    file: OpenFile,
    task: Task,
    pid: number,
    args: MmapArguments,
  ) => MaybePromise<number>
  /** `call` the driver of `file`, which sees what programs have written where they have mapped it. */
  readonly shared: (
    file: OpenFile,
    task: Task,
    pid: number,
    call: () => MaybePromise<number>,
  ) => MaybePromise<number>
}

/** A call, and whose it is. */
interface Taken extends ForwardedCall {
  readonly file: OpenFile
  readonly connection: number
  /** The supervisor's memory. */
  readonly supervisor: user_memory
  /** The memory of the caller. */
  readonly memory: user_memory
  readonly task: Task
}

type Row = (forwarded: ForwardedCalls, taken: Taken) => MaybePromise<number> | 'goesOn'

const ROWS: Record<number, Row> = {
  [FORWARDED.init_module]: (forwarded, { memory, args: [image, length, params] }) =>
    forwarded.calls.init_module(
      pointer(memory, image),
      Number(length),
      pointer(memory, params),
    ),
  [FORWARDED.finit_module](forwarded, { memory, supervisor, args }) {
    const [image, length, params, flags] = args
    return forwarded.calls.finit_module(
      pointer(supervisor, image),
      int(length),
      pointer(memory, params),
      int(flags),
    )
  },
  [FORWARDED.delete_module]: (forwarded, { memory, args: [name, flags] }) =>
    forwarded.calls.delete_module(pointer(memory, name), int(flags)),
  [FORWARDED.syslog]: (forwarded, { memory, args: [type, buffer, length] }) =>
    forwarded.calls.syslog(int(type), pointer(memory, buffer), int(length)),
  [FORWARDED.ioctl](forwarded, { file, memory, task, pid, args }) {
    const [fd, command, argument] = args
    const cmd = int(command) >>> 0
    if (OF_REGULAR_FILES.includes(cmd) && !S_ISCHR(file.f_inode.i_mode)) return 'goesOn'
    const ptr = pointer(memory, argument)
    const answer = forwarded.control.do_vfs_ioctl(int(fd), file, cmd, ptr)
    if (answer !== -ENOIOCTLCMD) return answer
    return forwarded.shared(file, task, pid, () =>
      vfs_ioctl(forwarded.traps, file, cmd, ptr),
    )
  },
  [FORWARDED.fcntl]: (forwarded, { file, memory, args: [fd, command, argument] }) =>
    forwarded.control.do_fcntl(int(fd), int(command), pointer(memory, argument), file),
  [FORWARDED.epoll_ctl]: (_, { file }) => (file.f_op.poll ? 'goesOn' : -EPERM),
  [FORWARDED.mmap](forwarded, { file, task, pid, args }) {
    const [addr, length, prot, flags, , offset] = args
    return forwarded.mmap(file, task, pid, {
      addr: Number(addr),
      length: Number(length),
      prot: int(prot),
      flags: int(flags),
      offset: Number(offset),
    })
  },
  [FORWARDED.mknod]: (_, { file, supervisor, task, args }) =>
    mknod(file, task, supervisor, args),
}

export class ForwardedCalls {
  readonly #needs: ForwardedNeeds
  readonly #record = new Uint8Array(FORWARD_SIZE)
  readonly #view = new DataView(this.#record.buffer)

  constructor(needs: ForwardedNeeds) {
    this.#needs = needs
  }

  get calls(): UserCalls {
    return this.#needs.calls
  }

  get control(): FileControl {
    return this.#needs.control
  }

  get mmap(): ForwardedNeeds['mmap'] {
    return this.#needs.mmap
  }

  get shared(): ForwardedNeeds['shared'] {
    return this.#needs.shared
  }

  get traps(): Traps {
    return this.#needs.traps
  }

  /**
   * The ioctl FORWARD of a supervisor, process `pid`, on `file`; `arg` is the address of its record. What
   * the call answers, or 0 if it sleeps.
   */
  forward(file: OpenFile, arg: bigint, pid: number): number {
    const supervisor = this.#needs.memoryOf(pid)
    if (supervisor.read(arg, this.#record) !== FORWARD_SIZE) return -EFAULT
    const call = decodeForward(this.#view)
    const connection = this.#needs.connections.of(pid, call.connection)
    if (!connection) return -ENOTCONN
    if (call.call === FORWARDED.signal) return this.#signal(connection, call.id)

    if (!connection.mayActFor(call.pid)) return -EPERM
    const task = new Task(this.#needs.processOf(call.pid))
    const given = new GivenFiles(besides =>
      this.#needs.lowestFreeDescriptor(call.pid, besides),
    )
    task.files = given
    const memory = this.#needs.memoryOf(call.pid)
    const answer = this.#make({ ...call, file, supervisor, memory, task })
    const outcome = tell(connection, call.id, task, given, answer)
    if (typeof outcome === 'number' && outcome >= 0) return outcome

    const bytes = encodeOutcome(outcome)
    const told = supervisor.write(arg + BigInt(OUTCOME_AT), bytes)
    return told === bytes.length ? 0 : -EFAULT
  }

  /** Make the call; the promise is of one that really sleeps. */
  #make(taken: Taken): MaybePromise<number> | 'goesOn' {
    const { sched, traps } = this.#needs
    const row = ROWS[taken.call]
    if (!row) return -ENOSYS

    sched.current = taken.task
    const answer = row(this, taken)
    if (!isPromise(answer)) {
      sched.current = sched.idle
      return answer
    }
    let settled: number | undefined
    const safe = answer
      .catch((error: unknown) => {
        traps.die(error)
        return -EIO
      })
      .then(ret => (settled = ret))
    sched.settle()
    return settled ?? safe
  }

  #signal(connection: Connection, id: bigint): number {
    const task = connection.task(id)
    if (task) this.#needs.sched.signal_wake_up(task)
    return 0
  }
}

/** What of an answer is told at once. Files can only be told by the connection. */
function tell(
  connection: Connection,
  id: bigint,
  task: Task,
  given: GivenFiles,
  answer: MaybePromise<number> | 'goesOn',
): number | NoAnswer {
  if (isPromise(answer)) connection.sleeps(id, task, given, answer)
  else if (answer === 'goesOn' || given.files().length === 0) return answer
  else connection.answer(id, given, answer)
  return 'sleeps'
}

function mknod(
  { f_inode: dir }: OpenFile,
  task: Task,
  supervisor: user_memory,
  [name, mode, dev]: readonly bigint[],
): number {
  if (!task.capable(CAP_MKNOD)) return -EPERM
  if (!dir.isDirectory) return -ENOTDIR
  const bytes = new Uint8Array(NAME_MAX + 1)
  const length = strncpy_from_user(bytes, pointer(supervisor, name), bytes.length)
  if (length < 0) return length

  const text = Buffer.from(bytes).toString('utf8', 0, length)
  if (dir.child(text)) return -EEXIST
  const rdev = new_decode_dev(int(dev) >>> 0)
  const made = dir.i_op.mknod?.(dir, text, int(mode), rdev, task.cred) ?? dir.i_op.refusal
  return typeof made === 'number' ? made : 0
}

function pointer(memory: user_memory, address = 0n): process_ptr {
  return new process_ptr(memory, address)
}

/** The low half of a register, as a C `int`. */
function int(arg = 0n): number {
  return Number(BigInt.asIntN(32, arg))
}
